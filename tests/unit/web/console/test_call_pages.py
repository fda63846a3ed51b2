"""Calls in the console: the list, what narrows it, and one call with its parties, media and files."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.console_world import COMPLIANT, ConsoleWorld, console_world
from tests.kept_calls import CONNECTED, MISSED, keep_calls

from holofleet.server.assist import CallRecords, Came
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.custody import Proof
from holofleet.web.console.calls import CAME, METHODS, duration


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    folder: Path = tmp_path_factory.mktemp("calls")
    with console_world(folder) as made:
        made.publish()
        keep_calls(made.services.assist.store, client="own", serial=COMPLIANT, now=made.world.clock.now())
        made.world.clock.advance(timedelta(hours=1))
        yield made


def listed(
    world: ConsoleWorld, query: str = "", *roles: Role, clients: tuple[str, ...] | None = None
) -> list[str]:
    answer = world.client(*roles, clients=clients).get(f"/calls{query}")
    assert answer.status_code == 200
    return re.findall(r'<a href="/calls/([0-9a-f]{32})">', answer.text)


def test_every_outcome_and_proof_has_words() -> None:
    assert set(CAME) == set(Came)
    assert set(METHODS) == set(Proof)


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (720, "12 min"), (3_900, "1 h 5 min")])
def test_durations_are_short(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [CONNECTED, MISSED]),
        ("?came=connected", [CONNECTED]),
        ("?came=unanswered", [MISSED]),
        ("?came=running", []),
        (f"?serial={COMPLIANT}", [CONNECTED, MISSED]),
        ("?serial=1", []),
        (f"?person=p-{COMPLIANT}", [CONNECTED, MISSED]),
        ("?person=nobody@contoso.com", []),
        ("?from=2200-01-01T00:00", []),
        ("?to=2200-01-01T00:00", [CONNECTED, MISSED]),
        ("?from=nonsense", []),
    ],
)
def test_the_list_is_narrowed(called: ConsoleWorld, query: str, found: list[str]) -> None:
    assert listed(called, query) == found


def test_a_call_tells_who_wore_the_headset_how_that_is_known_and_how_the_media_was(called: ConsoleWorld) -> None:
    text = called.client().get(f"/calls/{CONNECTED}").text
    assert "Worn by Isaiah Langer, known by their PIN (assurance 2 of 3)." in text
    assert "through the relay, UDP" in text
    assert f'aria-label="hl-{COMPLIANT}: optimal for 1 min, reduced picture for 1 min."' in text
    assert re.findall(r'<rect class="is-(\w+)" x="([\d.]+)" width="([\d.]+)"', text) == [
        ("compliant", "0.0", "500.0"),
        ("late", "500.0", "500.0"),
    ]
    assert "Largest picture 1920 x 1080." in text
    assert "3 freezes" in text
    assert "step &lt;1&gt;.png" in text
    assert "Ended" in text
    assert "somebody hung up" in text
    assert "Nothing was measured" in called.client().get(f"/calls/{MISSED}").text


def test_who_may_not_read_calls_and_other_clients_have_nothing_here(called: ConsoleWorld) -> None:
    viewer = called.client(Role.VIEWER)
    assert viewer.get("/calls").status_code == 403
    assert 'href="/calls"' not in viewer.get("/").text
    assert listed(called, "", Role.HELPDESK, clients=("elsewhere",)) == []
    elsewhere = called.client(Role.HELPDESK, clients=("elsewhere",))
    other = elsewhere.get(f"/calls/{CONNECTED}")
    assert (other.status_code, other.status_code) == (404, elsewhere.get(f"/calls/{'e' * 32}").status_code)


def test_marks_of_a_call_are_told_step_by_step_with_what_a_page_draws_from(called: ConsoleWorld) -> None:
    client = called.client()
    assert f'<a href="/calls/{CONNECTED}/marks">Replay</a>' in client.get(f"/calls/{CONNECTED}").text
    text = client.get(f"/calls/{CONNECTED}/marks").text
    found = re.findall(r'<tr data-last="(\d+)" data-base="(\w+)">(.*?)</tr>', text)
    rows = [(last, base, *re.findall(r"<td[^>]*>([^<].*?)</td>", cells)) for last, base, cells in found]
    assert rows == [
        ("1", "p1", "Megan Bowen", "Put Picture 1 on the table."),
        ("3", "p1", "Megan Bowen", "Drew a line on Picture 1."),
        ("4", "p1", "Megan Bowen", "Drew step 1: “&lt;b&gt;Close&lt;/b&gt;” on Picture 1."),
        ("5", "live", f"hl-{COMPLIANT}", "Drew an arrow on Live picture."),
        ("6", "p1", "Megan Bowen", "Took step 1: “&lt;b&gt;Close&lt;/b&gt;” away from Picture 1."),
    ]
    drawn = re.search(r"data-marks='(.*?)'", text)
    assert drawn is not None
    data = json.loads(html.unescape(drawn[1]))
    assert [event["id"] for event in data["events"]] == ["A0", "A1", "A2", "A3", "A4", "A5"]
    assert data["pictures"][0] == {"id": "p1", "name": "Picture 1", "width": 1600, "height": 1200}
    assert "<b>Close" not in text


def test_who_may_not_read_calls_or_is_of_another_client_sees_no_marks(called: ConsoleWorld) -> None:
    for client in (called.client(Role.VIEWER), called.client(Role.HELPDESK, clients=("elsewhere",))):
        assert client.get(f"/calls/{CONNECTED}/marks").status_code in (403, 404)
    assert called.client().get(f"/calls/{MISSED}/marks").status_code == 404, "none are kept"


def test_a_record_says_who_took_over_and_that_the_wearer_wanted_it(
    called: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = called.services.assist.records.detail(LOCAL_ADMIN, CONNECTED)
    headset, megan = found.record.parties
    adele = replace(megan, id="a", name="Adele Vance", replaces=megan.id, asked_by=megan.id)
    lee = replace(adele, id="l", name="Lee Gu", asked_by=headset.id)
    nestor = replace(lee, id="n", name="Nestor Wilke", joined_at=None)
    shown = replace(found, record=replace(found.record, parties=(headset, megan, adele, lee, nestor)))
    monkeypatch.setattr(CallRecords, "detail", lambda *asked: shown)
    page = called.client().get(f"/calls/{CONNECTED}").text
    wanted = f"as who wore {headset.name} wanted"
    assert "Took over from Megan Bowen.<" in page
    assert f"Took over from Megan Bowen, {wanted}." in page
    assert f"Was asked to take over from Megan Bowen, {wanted}." in page
