"""The custody desk in the console (SECURITY CUS-1, ISO-2): scan, give out, take back, undo, who had it when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import ADELE, ISAIAH, LEE, MEGAN, NESTOR, add_people
from tests.console_world import COMPLIANT, DRIFTED, FOREIGN, ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.custody import Kind, Proof, Source, Status
from holofleet.web.console.custody import _SAID, PROOFS, STATUSES
from holofleet.web.console.story import _CUSTODY, SOURCES

BADGE = "0415-ISAIAH-77"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        add_people(made)
        made.enroll(COMPLIANT)
        made.services.custody.badges.give(LOCAL_ADMIN, ISAIAH, BADGE)
        yield made


def post(world: ConsoleWorld, browser: TestClient, path: str, **form: str) -> tuple[int, str, str]:
    answer = browser.post(path, data={"csrf": world.access.csrf_token(browser.cookies[COOKIE_NAME]), **form})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None
    return found[1]


def buttons(text: str) -> list[str]:
    return re.findall(r'name="act" value="([a-z-]+)"', text)


def test_every_word_of_custody_is_told() -> None:
    assert set(STATUSES) == set(Status)
    assert set(PROOFS) == set(Proof)
    assert set(_SAID) == set(_CUSTODY) == set(Kind)
    assert set(SOURCES) == set(Source)


@pytest.mark.parametrize("texts", [(BADGE, COMPLIANT), (COMPLIANT, BADGE), ("HL-FIELD-01", BADGE)])
def test_badge_and_headset_are_scanned_in_either_order_and_the_record_says_badge(
    desk: ConsoleWorld, texts: tuple[str, str]
) -> None:
    browser = desk.client(Role.HELPDESK, called=ADELE)
    status, _, text = post(desk, browser, "/custody/scan", scan=texts[0])
    assert status == 200
    assert hidden(text, "first") == texts[0]
    assert buttons(text) == []
    _, _, text = post(desk, browser, "/custody/scan", first=texts[0], scan=texts[1])
    assert buttons(text) == ["out"]
    assert "Give to Isaiah Langer" in text
    form = {"headset": hidden(text, "headset"), "person": hidden(text, "person"), "act": "out"}
    status, where, _ = post(desk, browser, "/custody", **form)
    assert status == 303
    assert BADGE not in where
    assert "Isaiah Langer has HL-FIELD-01 now." in browser.get(where).text
    state = desk.services.custody.desk.state(LOCAL_ADMIN, COMPLIANT)
    assert (state.status, state.proof) == (Status.OUT, Proof.BADGE)


def test_what_is_out_is_taken_back_or_handed_over(desk: ConsoleWorld) -> None:
    browser = desk.client(Role.HELPDESK, called=ADELE)
    assert post(desk, browser, "/custody", headset=COMPLIANT, person=ISAIAH, act="out")[0] == 303
    _, _, text = post(desk, browser, "/custody/scan", scan=COMPLIANT)
    assert buttons(text) == ["in"]
    _, _, text = post(desk, browser, "/custody/scan", first=COMPLIANT, scan=LEE)
    assert buttons(text) == ["hand-over", "in"]
    assert post(desk, browser, "/custody", headset=COMPLIANT, person=LEE, act="hand-over")[0] == 303
    assert "Lee Gu" in browser.get("/custody").text
    assert post(desk, browser, "/custody", headset=COMPLIANT, act="in")[0] == 303
    assert "Nothing is out." in browser.get("/custody").text


def test_a_mistake_is_taken_back_within_half_a_minute_by_whoever_made_it(desk: ConsoleWorld) -> None:
    browser = desk.client(Role.HELPDESK, called=ADELE)
    _, where, _ = post(desk, browser, "/custody", headset=COMPLIANT, person=ISAIAH, act="out")
    assert "Undo" in browser.get(where).text
    assert "Undo" not in desk.client(Role.HELPDESK, called=LEE).get(where).text
    desk.world.clock.advance(timedelta(seconds=31))
    assert "Undo" not in browser.get(where).text
    record = where.rsplit("record=", 1)[1]
    assert post(desk, browser, "/custody/undo", headset=COMPLIANT, record=record)[0] == 403
    desk.world.clock.advance(-timedelta(seconds=20))
    assert post(desk, browser, "/custody/undo", headset=COMPLIANT, record=record)[0] == 303
    assert desk.services.custody.desk.state(LOCAL_ADMIN, COMPLIANT).status is Status.IN


def test_what_is_late_stands_first(desk: ConsoleWorld) -> None:
    browser, now = desk.client(Role.HELPDESK, called=ADELE), desk.world.clock.now()
    soon = (now + timedelta(hours=1)).isoformat()
    for serial, expected in ((DRIFTED, ""), (COMPLIANT, soon)):
        assert (
            post(desk, browser, "/custody", headset=serial, person=ISAIAH, act="out", expected=expected)[0] == 303
        )
    desk.world.clock.advance(timedelta(minutes=29))
    browser.get("/custody")
    desk.world.clock.advance(timedelta(minutes=29))
    browser.get("/custody")
    desk.world.clock.advance(timedelta(minutes=5))
    text = browser.get("/custody").text
    assert "2 headsets are out, 1 overdue" in text
    assert text.index("HL-FIELD-01") < text.index("HL-FIELD-03")


@pytest.mark.parametrize(("text", "said"), [("", "Scan a badge"), ("nothing-like-it", "nothing"), (NESTOR, "")])
def test_what_is_not_known_is_said_and_keeps_what_was_scanned_before(
    desk: ConsoleWorld, text: str, said: str
) -> None:
    browser = desk.client(Role.HELPDESK, called=ADELE, clients=("own",))
    status, _, page = post(desk, browser, "/custody/scan", first=COMPLIANT, scan=text)
    assert status == 422
    assert said.casefold() in page.casefold()
    assert hidden(page, "first") == COMPLIANT


def test_a_note_of_loss_and_finding_stands_in_lost_and_found(desk: ConsoleWorld) -> None:
    browser = desk.client(Role.HELPDESK, called=ADELE)
    assert post(desk, browser, "/custody", headset=COMPLIANT, act="lost", note="Left on a train")[0] == 303
    assert "Left on a train" in browser.get("/custody").text
    tab = browser.get(f"/headsets/{COMPLIANT}/custody").text
    assert buttons(tab) == ["in", "found"]
    assert "Left on a train" in tab


def test_who_had_it_and_what_was_done_takes_one_search(desk: ConsoleWorld) -> None:
    browser = desk.client(Role.ADMINISTRATOR, called=MEGAN)
    post(desk, browser, "/custody", headset=COMPLIANT, person=ISAIAH, act="out")
    desk.world.clock.advance(timedelta(minutes=20))
    desk.services.orders.create(LOCAL_ADMIN, COMPLIANT, "reboot", "Frozen picture")
    at = (desk.world.clock.now() + timedelta(minutes=1)).isoformat()[:16]
    text = browser.get("/custody/who", params={"headset": "HL-FIELD-01", "at": at}).text
    assert "Isaiah Langer" in re.findall(r'aria-label="Answer">.*?</section>', text, re.S)[0]
    rows = re.findall(r"<tr><td.*?</tr>", text, re.S)
    ordered = next(row for row in rows if "Frozen picture" in row)
    assert 'data-label="Held by">Isaiah Langer' in ordered
    assert any("was given to Isaiah Langer" in row for row in rows)


def test_a_question_that_cannot_be_read_is_sent_back(desk: ConsoleWorld) -> None:
    browser = desk.client()
    for headset, at in ((COMPLIANT, ""), (COMPLIANT, "tuesday"), ("no-such", "2026-03-02T09:00")):
        answer = browser.get("/custody/who", params={"headset": headset, "at": at})
        assert answer.status_code == 422
        assert f'value="{headset}"' in answer.text


def test_ISO_2_the_desk_of_a_client_knows_nothing_of_other_headsets_and_people(desk: ConsoleWorld) -> None:
    post(desk, desk.client(), "/custody", headset=COMPLIANT, person=ISAIAH, act="out")
    browser = desk.client(Role.HELPDESK, clients=("northwind",))
    assert "Isaiah" not in browser.get("/custody").text
    assert browser.get(f"/headsets/{COMPLIANT}/custody").status_code == 404
    for form in ({"headset": COMPLIANT, "act": "in"}, {"headset": FOREIGN, "person": ISAIAH, "act": "out"}):
        assert post(desk, browser, "/custody", **form)[0] == 404
    assert post(desk, browser, "/custody/scan", scan=COMPLIANT)[0] == 422
    assert desk.services.custody.desk.state(LOCAL_ADMIN, COMPLIANT).status is Status.OUT


def test_a_viewer_has_no_desk_and_an_auditor_records_nothing(desk: ConsoleWorld) -> None:
    viewer, auditor = desk.client(Role.VIEWER), desk.client(Role.AUDITOR)
    assert viewer.get("/custody").status_code == 403
    assert "/custody" not in viewer.get(f"/headsets/{COMPLIANT}").text
    assert auditor.get("/custody").status_code == 200
    assert post(desk, auditor, "/custody", headset=COMPLIANT, person=ISAIAH, act="out")[0] == 403


def test_the_list_to_print_says_who_has_what_and_what_is_overdue(desk: ConsoleWorld) -> None:
    services, clock = desk.services, desk.world.clock
    services.custody.desk.check_out(
        LOCAL_ADMIN, headset=COMPLIANT, person=ISAIAH, expected_at=clock.now() + timedelta(hours=1)
    )
    browser = desk.client()
    assert 'href="/custody/list"' in browser.get("/custody").text
    text = browser.get("/custody/list").text
    assert "Isaiah Langer" in text
    assert "Overdue" not in text
    clock.advance(timedelta(hours=2))
    assert "Overdue" in desk.client().get("/custody/list").text
    assert "Isaiah" not in desk.client(Role.VIEWER, clients=("northwind",)).get("/custody/list").text
