"""The second person in the console: who sees what, who may decide, and what stands on the page before they do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import LEE, MEGAN, add_people
from tests.console_world import ConsoleWorld, console_world, sample_state

from holofleet.server.access import COOKIE_NAME
from holofleet.server.approvals import Approval, Status
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.orders import OrderKind

SERIALS = tuple(serial for serial, one in sample_state()[0].headsets.items() if one.client == "own")[:12]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        add_people(made)
        for serial in SERIALS:
            made.enroll(serial)
        yield made


@pytest.fixture
def asked(world: ConsoleWorld) -> Approval:
    given = world.services.approvals.bulk.give(LOCAL_ADMIN, OrderKind.WIPE, SERIALS, "Sold in March")
    assert given.request is not None
    return given.request


def post(world: ConsoleWorld, browser: TestClient, found: Approval, **form: str) -> tuple[int, str]:
    token = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    answer = browser.post(f"/plans/{found.id}", data={"csrf": token, "hash": found.hash, **form})
    return answer.status_code, answer.headers.get("location", answer.text)


def test_a_second_person_sees_the_exact_list_approves_stops_for_15_minutes_and_carries_out(
    world: ConsoleWorld, asked: Approval
) -> None:
    browser = world.client(Role.DEPLOYER, called=LEE)
    assert f'href="/plans/{asked.id}"' in browser.get("/plans").text
    text = browser.get(f"/plans/{asked.id}").text
    assert "Wipe 12 headsets" in text
    assert "Sold in March" in text
    assert all(serial in text for serial in SERIALS)
    assert post(world, browser, asked, act="approve") == (303, f"/plans/{asked.id}?done=approved")
    text = browser.get(f"/plans/{asked.id}").text
    assert "It can be stopped until" in text
    assert 'value="carry-out"' not in text
    world.world.clock.advance(timedelta(minutes=16))
    fresh = world.client(Role.DEPLOYER, called=MEGAN)
    assert 'value="carry-out"' in fresh.get(f"/plans/{asked.id}").text
    assert post(world, fresh, asked, act="carry-out")[1] == f"/plans/{asked.id}?done=done&left=0"
    assert {order.kind for order in world.services.orders.listed(LOCAL_ADMIN.scope, SERIALS[0])} == {
        OrderKind.WIPE
    }


def test_who_asked_finds_no_button_to_approve_but_can_take_it_back(world: ConsoleWorld) -> None:
    browser = world.client(Role.DEPLOYER, called=MEGAN)
    principal = world.access.session(browser.cookies[COOKIE_NAME])
    assert principal is not None
    found = world.services.approvals.bulk.give(principal, OrderKind.WIPE, SERIALS, "Sold").request
    assert found is not None
    text = browser.get(f"/plans/{found.id}").text
    assert 'value="approve"' not in text
    assert "You asked for it." in text
    assert "Take it back" in text
    status, text = post(world, browser, found, act="approve")
    assert status == 409
    assert "Nobody approves their own request" in text
    assert post(world, browser, found, act="refuse", reason="Wrong list")[0] == 303
    assert world.services.approvals.requests.approval(LOCAL_ADMIN, found.id).status is Status.REFUSED


def test_WIPE_2_a_sign_in_of_long_ago_has_to_be_proved_again(world: ConsoleWorld, asked: Approval) -> None:
    browser = world.client(Role.DEPLOYER, called=LEE)
    world.proved(browser.cookies[COOKIE_NAME], LEE, ago=timedelta(minutes=6))
    status, where = post(world, browser, asked, act="approve")
    assert (status, where.partition("?")[0]) == (303, "/sign-in/again")
    assert world.services.approvals.requests.approval(LOCAL_ADMIN, asked.id).status is Status.WAITING


def test_helpdesk_can_stop_it_with_a_reason_and_viewers_only_look(world: ConsoleWorld, asked: Approval) -> None:
    viewer, helpdesk = world.client(Role.VIEWER), world.client(Role.HELPDESK)
    assert '<h2 id="decide-title">' not in viewer.get(f"/plans/{asked.id}").text
    assert post(world, viewer, asked, act="refuse", reason="No")[0] == 403
    assert 'value="approve"' not in helpdesk.get(f"/plans/{asked.id}").text
    assert post(world, helpdesk, asked, act="approve")[0] == 403
    status, text = post(world, helpdesk, asked, act="refuse")
    assert (status, "Give the reason." in text) == (422, True)
    assert post(world, helpdesk, asked, act="refuse", reason="Still in use")[0] == 303


def test_ISO_2_another_clients_person_finds_no_such_request(world: ConsoleWorld, asked: Approval) -> None:
    browser = world.client(Role.DEPLOYER, clients=("northwind",))
    assert asked.id not in browser.get("/plans").text
    assert browser.get(f"/plans/{asked.id}").status_code == 404
    assert post(world, browser, asked, act="approve")[0] == 404


def test_another_hash_than_the_shown_one_is_not_approved(world: ConsoleWorld, asked: Approval) -> None:
    browser = world.client(Role.DEPLOYER, called=LEE)
    assert post(world, browser, asked, act="approve", hash="0" * 64)[0] == 409


def test_what_waits_stands_on_the_overview(world: ConsoleWorld, asked: Approval) -> None:
    assert f'href="/plans/{asked.id}"' in world.client().get("/").text
