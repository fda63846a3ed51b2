"""The list of headsets: filters as text, columns, saved views, the list as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.console_people import ISAIAH, MEGAN, add_people
from tests.console_world import COMPLIANT, DRIFTED, ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Action, Role
from holofleet.web.console.visit import Visit


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("list")) as made:
        made.publish()
        add_people(made)
        for serial in (COMPLIANT, DRIFTED):
            made.enroll(serial)
        made.services.custody.desk.check_out(LOCAL_ADMIN, headset=COMPLIANT, person=ISAIAH)
        yield made


def serials(text: str) -> list[str]:
    return re.findall(r'<tr id="h-([^"]+)"', text)


def asked(browser: TestClient, **query: str) -> str:
    answer = browser.get("/headsets", params=query)
    assert answer.status_code == 200
    return answer.text


def test_text_and_chips_are_the_same_filter(world: ConsoleWorld) -> None:
    browser = world.client()
    whole = world.services.fleet.headset(LOCAL_ADMIN.scope, COMPLIANT).summary
    written = asked(browser, q=f"deployment:{whole.deployment} held-by:isaiah")
    chosen = asked(browser, deployment=whole.deployment, q="held-by:isaiah")
    assert serials(written) == serials(chosen) == [COMPLIANT]
    for text in (written, chosen):
        assert f'value="deployment:{whole.deployment} held-by:isaiah"' in text
        assert f'href="/headsets?deployment={whole.deployment}" aria-current="true">Held by isaiah' in text
        assert 'href="/headsets?q=held-by%3Aisaiah" aria-current="true">In ' in text
        assert ">Isaiah Langer</a></td>" in text


def test_what_is_not_understood_is_said_and_nothing_is_listed_or_ordered(world: ConsoleWorld) -> None:
    browser = world.client()
    answer = browser.get("/headsets", params={"q": 'HL sight:plant "odd'})
    assert answer.status_code == 422
    assert "<code>sight:plant</code>: There is no filter sight.</a> Is site meant?" in answer.text
    assert 'value="HL sight:plant &#34;odd"' in answer.text
    assert serials(answer.text) == []
    assert browser.get("/headsets.csv", params={"q": "sight:plant"}).status_code == 400
    assert browser.get("/bulk", params={"q": "sight:plant", "act": "reboot", "all": "yes"}).status_code == 400


def test_nothing_found_repeats_the_filter_in_words(world: ConsoleWorld) -> None:
    text = asked(world.client(), q="compliance:late build:<1 seen:>30d")
    assert "No headset matches: late, with build before 1, not seen for 30 days." in text
    assert "Clear filters" in text


def test_columns_and_order_are_chosen_in_the_address_and_stay_on_every_link(world: ConsoleWorld) -> None:
    browser = world.client()
    text = asked(browser, column="certificate", sort="name", q="seen:<1h")
    heads = re.findall(r'<th scope="col">([^<]+)</th>', text)
    assert heads == ["Name", "State", "Certificate until"]
    assert 'href="/headsets?compliance=compliant&amp;q=seen%3A%3C1h&amp;show=certificate&amp;sort=name"' in text
    names = re.findall(r"<b>([^<]+)</b></a> <span class=\"mono quiet serial", asked(browser, sort="name"))
    assert names == sorted(names)
    assert len(names) > 40


def test_the_list_as_a_file_is_whole_and_as_it_is_filtered(world: ConsoleWorld) -> None:
    def rows(browser: TestClient, **query: str) -> list[dict[str, str]]:
        answer = browser.get("/headsets.csv", params=query)
        assert answer.status_code == 200
        return list(csv.DictReader(io.StringIO(answer.text)))

    everything = rows(world.client())
    assert len(everything) == len({row["serial"] for row in everything}) == 46
    assert [row["holder"] for row in rows(world.client(), q="held-by:isaiah")] == [ISAIAH]
    assert {row["serial"] for row in rows(world.client(), q="seen:<1h")} == {COMPLIANT, DRIFTED}


def test_who_has_a_headset_is_seen_and_asked_by_whoever_may_read_custody(
    world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = Visit.may

    def but_custody(visit: Visit, action: Action, client: str | None = None) -> bool:
        return action != Action.READ_CUSTODY and may(visit, action, client)

    monkeypatch.setattr(Visit, "may", but_custody)
    browser = world.client()
    assert "Isaiah" not in asked(browser)
    assert "holder" not in browser.get("/headsets.csv").text
    answer = browser.get("/headsets", params={"q": "held-by:isaiah"})
    assert (answer.status_code, serials(answer.text)) == (422, [])
    assert "your role does not see who has a headset" in answer.text.lower()


def test_a_list_is_saved_under_a_name_for_its_owner_and_dropped(world: ConsoleWorld) -> None:
    browser = world.client(Role.VIEWER, called=MEGAN)

    def post(**form: str) -> tuple[int, str]:
        csrf = world.access.csrf_token(browser.cookies[COOKIE_NAME])
        answer = browser.post("/views", data={"csrf": csrf, **form})
        return answer.status_code, answer.headers.get("location", answer.text)

    assert "Save view" in asked(browser, q="seen:<1h")
    query = "q=seen%3A%3C1h"
    assert post(query=query, name="Just here") == (303, f"/headsets?{query}")
    assert f'<a href="/headsets?{query}">Just here</a>' in asked(browser)
    now = asked(browser, q="seen:<1h")
    assert "Just here: 2 of 46" in now
    assert "Delete the view Just here" in now
    assert "Just here" not in asked(world.client(Role.VIEWER, called=ISAIAH))
    assert post(query=query, name=" ")[0] == 409
    assert post(act="drop", name="Just here")[0] == 303
    assert "Just here" not in asked(browser)
