"""The audit log in the console: searched as a sentence, each entry to its proof."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from tests.console_people import ADELE, GRADY, LEE, add_people
from tests.console_world import COMPLIANT, ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.audit import Link
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.web.console.records import act_in_words, actor_of, request_in_words, subject_of, told


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        add_people(made, more=45)
        made.enroll(COMPLIANT)
        made.services.orders.create(LOCAL_ADMIN, COMPLIANT, "reboot", "Frozen picture")
        yield made


def entries(text: str) -> list[str]:
    found = re.findall(r'<span class="act">(.*?)</span><span class="quiet nr">', text)
    return [re.sub(r"<[^>]+>", "", one) for one in found]


def newest(world: ConsoleWorld) -> int:
    return world.services.audit.checkpoint(LOCAL_ADMIN).anchor.sequence


def test_the_log_says_how_long_it_is_and_that_nobody_proved_it_yet(logged: ConsoleWorld) -> None:
    text = logged.client().get("/audit").text
    assert f"{newest(logged)} entries, not proved since this server started" in text


def test_pages_of_the_log_name_every_entry_once(logged: ConsoleWorld) -> None:
    browser, path, seen = logged.client(), "/audit", []
    while path:
        text = browser.get(path).text
        seen += re.findall(r'href="/audit/(\d+)"', text)
        found = re.search(r'href="([^"]+)" rel="next"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == [str(number) for number in range(newest(logged), 0, -1)]


def test_what_happened_with_a_headset_takes_one_search(logged: ConsoleWorld) -> None:
    browser = logged.client()
    for word in (COMPLIANT, "HL-FIELD-01", "hl-field-01"):
        found = entries(browser.get("/audit", params={"with": word}).text)
        assert any("ordered a restart" in one and "Frozen picture" in one for one in found), word
        assert not any("added to the directory" in one for one in found)


def test_what_was_done_about_somebody_and_by_somebody(logged: ConsoleWorld) -> None:
    browser = logged.client()
    found = entries(browser.get("/audit", params={"with": GRADY}).text)
    assert found[0] == "Command line on the server let leave: Grady ArchieMoved to another company"
    assert len(found) == 2
    assert entries(browser.get("/audit", params={"by": LEE}).text) == []
    logged.client(Role.AUDITOR, called=LEE)
    assert [one[:16] for one in entries(browser.get("/audit", params={"by": LEE}).text)] == ["Lee Gu signed in"]
    assert len(entries(browser.get("/audit", params={"act": "grant-role"}).text)) == 4


def test_times_narrow_and_what_cannot_be_read_is_said(logged: ConsoleWorld) -> None:
    browser = logged.client()
    assert "No entry matches: until 2020-01-01T00:00." in browser.get("/audit?to=2020-01-01T00:00").text
    answer = browser.get("/audit?from=last+tuesday&by=x")
    assert answer.status_code == 422
    assert "Write a day and a time" in answer.text
    assert 'value="last tuesday"' in answer.text
    assert browser.get("/audit?before=x&from=2020-01-01T00:00").status_code == 200


def test_an_entry_shows_what_its_hash_covers_and_that_it_fits(logged: ConsoleWorld) -> None:
    browser = logged.client()
    for number in (1, 2, newest(logged)):
        assert "It fits the entry before it." in browser.get(f"/audit/{number}").text
    for nothing in ("0", "999999", "x", "9" * 30):
        assert browser.get(f"/audit/{nothing}").status_code == 404


def test_a_changed_entry_does_not_fit_and_breaks_the_chain(logged: ConsoleWorld) -> None:
    with logged.world.database.transaction() as connection:
        guards = sql("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'")
        for name in connection.execute(guards).scalars().all():
            connection.execute(sql(f"drop trigger {name}"))
        connection.execute(sql("update audit set actor = 'person:nobody@contoso.com' where sequence = 5"))
    browser = logged.client()
    assert "It does not fit the entry before it." in browser.get("/audit/5").text
    token = logged.access.csrf_token(browser.cookies[COOKIE_NAME])
    assert "The chain is broken at entry 5." in browser.post("/audit/verify", data={"csrf": token}).text
    assert "chain broken at 5" in browser.get("/audit").text


def test_a_verification_is_remembered_with_its_time(logged: ConsoleWorld) -> None:
    browser = logged.client()
    token = logged.access.csrf_token(browser.cookies[COOKIE_NAME])
    line = logged.services.audit.checkpoint(LOCAL_ADMIN).line
    text = browser.post("/audit/verify", data={"csrf": token, "checkpoints": line}).text
    assert "from the first to the last" in text
    assert "1 checkpoint fits" in text
    assert re.search(r"chain whole up to \d+, checked <time", browser.get("/audit").text)
    answer = browser.post("/audit/verify", data={"csrf": token, "checkpoints": "nonsense"})
    assert answer.status_code == 422
    assert "This is no checkpoint." in answer.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.HELPDESK, Role.DEPLOYER])
def test_the_log_is_for_auditors_and_administrators(logged: ConsoleWorld, role: Role) -> None:
    browser = logged.client(role)
    assert 'href="/audit"' not in browser.get("/people").text
    for path in ("/audit", "/audit/1", "/audit/verify"):
        assert browser.get(path).status_code == 403


def test_an_auditor_of_one_client_does_not_read_the_log_of_all(logged: ConsoleWorld) -> None:
    assert logged.client(Role.AUDITOR, clients=("northwind",)).get("/audit").status_code == 403


def test_what_only_was_asked_for_is_not_told_as_done() -> None:
    assert request_in_words("order-wipe", "asked") == "asked for a second person for a wipe"
    assert request_in_words("publish-state", "approved") == "approved a plan as the second person"
    assert request_in_words("order-reboot", "done") == "carried out a restart that a second person approved"
    assert request_in_words("order-reboot", "") == ""
    link = Link(7, 1, 0, "local-admin", "order-wipe", "approval:ab", "own", {"step": "asked"})
    row = told(link, str)
    assert (row.what, row.subject.href) == ("asked for a second person for a wipe", "/plans/ab")


def test_an_order_is_told_by_the_serial_of_its_headset() -> None:
    data = {"serial": "0034", "kind": "reboot"}
    row = told(Link(7, 1, 0, "local-admin", "order-reboot", "enrollment:ab", "own", data), str)
    assert (row.subject.label, row.subject.href, row.subject.title) == ("0034", "/headsets/0034", "ab")


def test_words_for_acts_never_run_out() -> None:
    assert act_in_words("paint-headset", "blue") == "paint headset blue"
    assert act_in_words("grant-role", "take", "viewer") == "took the role viewer"
    assert actor_of("person:one-time-link", str).label == "One-time link"
    assert actor_of("token:ci", str).label == "Token ci"
    assert subject_of("headset:0034", str).href == "/headsets/0034"
    assert subject_of("session:" + "ab" * 16, str).label == "session abababab"
    assert ADELE in actor_of(f"person:{ADELE}", str).href.replace("%40", "@")
