"""Orders to several headsets from the list: chosen or all that match, shown exactly, then confirmed by weight."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import LEE, add_people
from tests.console_world import ConsoleWorld, console_world, sample_state

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.orders import OrderKind
from holofleet.web.console.sheet_file import plain_cell

OWN = tuple(serial for serial, one in sample_state()[0].headsets.items() if one.client == "own")[:12]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        add_people(made)
        for serial in OWN:
            made.enroll(serial)
        yield made


def preview(browser: TestClient, act: str, *serials: str) -> str:
    answer = browser.get("/bulk", params={"act": act, "serial": serials})
    assert answer.status_code == 200
    return answer.text


def confirm(world: ConsoleWorld, browser: TestClient, page: str, **more: str) -> tuple[int, str]:
    fields = dict(re.findall(r'<input type="hidden" name="(act|serials|hash)" value="([^"]*)"', page))
    token = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    answer = browser.post("/bulk", data={"csrf": token, **fields, **more})
    return answer.status_code, answer.headers.get("location", answer.text)


def ordered(world: ConsoleWorld, serial: str) -> list[OrderKind]:
    principal = world.access.session(world.sign_in())
    assert principal is not None
    return [one.kind for one in world.services.orders.listed(principal.scope, serial)]


def test_a_restart_of_chosen_headsets_is_shown_first_and_says_who_is_left_out(world: ConsoleWorld) -> None:
    browser = world.client(Role.HELPDESK, called=LEE)
    page = preview(browser, "reboot", *OWN[:2], "unknown")
    assert "Restart 2 headsets?" in page
    assert "1 headset is left out" in page
    assert ordered(world, OWN[0]) == []
    status, where = confirm(world, browser, page)
    assert (status, where.partition("-")[0]) == (303, "/orders/reboot")
    assert ordered(world, OWN[0]) == [OrderKind.REBOOT]
    assert ordered(world, OWN[2]) == []
    text = browser.get(where).text
    assert "2 of 2 wait for a check-in." in text
    assert all(f'href="/headsets/{serial}/orders"' in text for serial in OWN[:2])


def test_all_that_match_are_those_of_the_filter(world: ConsoleWorld) -> None:
    browser = world.client()
    deployment = sample_state()[0].headsets[OWN[0]].deployment
    page = browser.get("/bulk", params={"act": "sync", "all": "yes", "deployment": deployment}).text
    shown = re.findall(r'<li><a href="/headsets/(\d+)">', page)
    assert shown == [serial for serial in OWN if sample_state()[0].headsets[serial].deployment == deployment]


def test_WIPE_2_a_mass_wipe_wants_the_number_and_a_reason_and_becomes_a_request(world: ConsoleWorld) -> None:
    browser = world.client(Role.DEPLOYER, called=LEE)
    page = preview(browser, "wipe", *OWN)
    assert "This needs a second person" in page
    status, text = confirm(world, browser, page, number="11")
    assert status == 422
    assert "Type 12, the number of headsets." in text
    assert "Give the reason." in text
    status, where = confirm(world, browser, page, number="12", reason="Sold")
    assert (status, where.startswith("/plans/"), where.endswith("?done=asked")) == (303, True, True)
    assert ordered(world, OWN[0]) == []
    assert "Wipe 12 headsets" in browser.get(where).text


def test_another_list_than_the_shown_one_is_not_ordered(world: ConsoleWorld) -> None:
    browser = world.client()
    page = preview(browser, "reboot", *OWN[:2])
    status, text = confirm(world, browser, page, serials="\n".join(OWN[:3]))
    assert status == 409
    assert "The list has changed since it was shown" in text
    assert ordered(world, OWN[0]) == []


def test_viewers_choose_nothing_and_a_foreign_headset_is_left_out(world: ConsoleWorld) -> None:
    viewer = world.client(Role.VIEWER)
    assert 'name="serial"' not in viewer.get("/headsets").text
    assert viewer.get("/bulk", params={"act": "reboot", "serial": OWN[0]}).status_code == 403
    foreign = world.client(Role.DEPLOYER, clients=("northwind",))
    text = preview(foreign, "reboot", OWN[0])
    assert "No headset is left to order this of." in text


def test_TXT_1_the_export_holds_what_the_filter_shows_and_no_formula(world: ConsoleWorld) -> None:
    browser = world.client()
    answer = browser.get("/headsets.csv", params={"q": OWN[3]})
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row[0] for row in rows] == ["serial", OWN[3]]
    assert [plain_cell(text) for text in ("=1+1", "+1", "-1", "@x", "\t=1", "HL-1", "")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\t=1",
        "HL-1",
        "",
    ]


def test_orders_given_together_are_followed_until_each_headset_has_answered(world: ConsoleWorld) -> None:
    browser = world.client(Role.HELPDESK, called=LEE)
    _, where = confirm(world, browser, preview(browser, "reboot", *OWN[:3]))
    path = where.partition("?")[0]
    assert 'data-stream="/events?view=orders' in browser.get(where).text
    world.world.check_in(world.headsets[OWN[0]])
    text = browser.get(path).text
    assert "2 of 3 wait for a check-in" in text
    assert "1 of 3 was" in text
    world.services.orders.cancel(LOCAL_ADMIN, world.services.orders.listed(Scope.every(), OWN[1])[0].id)
    assert "1 of 3 was cancelled" in browser.get(path).text
    world.services.orders.freeze(LOCAL_ADMIN, frozen=True, reason="Test")
    assert "All orders are frozen." in browser.get(path).text
    assert browser.get("/orders/reboot-1").status_code == 404
    assert browser.get("/orders/nonsense").status_code == 404
    assert world.client(Role.VIEWER, clients=("northwind",)).get(path).status_code == 404
