"""What people do for themselves: a PIN of their own (SECURITY CUS-1, CUS-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import ISAIAH, LEE, add_people
from tests.console_world import ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        add_people(made)
        yield made


def choose(world: ConsoleWorld, browser: TestClient, pin: str, again: str | None = None) -> tuple[int, str]:
    csrf = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    form = {"csrf": csrf, "pin": pin, "again": pin if again is None else again}
    answer = browser.post("/account/pin", data=form)
    return answer.status_code, answer.headers.get("location", "") or answer.text


def test_CUS_2_people_choose_their_own_pin_and_nothing_shows_it(world: ConsoleWorld) -> None:
    browser = world.client(Role.VIEWER, called=ISAIAH)
    assert "You have no PIN." in browser.get("/account/pin").text
    for pin, again, said in (
        ("12345", "12345", "digits"),
        ("123456", "123456", "row"),
        ("482917", "482918", "not the same"),
    ):
        status, text = choose(world, browser, pin, again)
        assert status == 422
        assert said in text
        assert pin not in text.replace("such as 123456", "")
    assert choose(world, browser, "482917") == (303, "/account/pin?done=chosen")
    text = browser.get("/account/pin?done=chosen").text
    assert "You have a PIN, chosen" in text
    assert "482917" not in text
    assert world.services.custody.pins.state(LOCAL_ADMIN, ISAIAH).set
    assert not world.services.custody.pins.state(LOCAL_ADMIN, LEE).set


def test_a_pin_that_helpdesk_made_void_is_said_to_be_so(world: ConsoleWorld) -> None:
    who = Principal(PrincipalKind.PERSON, ISAIAH, frozenset(), Scope.every())
    world.services.custody.pins.choose(who, "482917")
    world.services.custody.pins.void(LOCAL_ADMIN, ISAIAH)
    assert "Your PIN was made void" in world.client(Role.VIEWER, called=ISAIAH).get("/account/pin").text


def test_whoever_is_nobody_of_the_directory_has_no_pin(world: ConsoleWorld) -> None:
    browser = world.client()
    assert "This session has no PIN." in browser.get("/account/pin").text
    assert choose(world, browser, "482917")[0] == 403


def test_WIPE_2_a_pin_is_chosen_by_somebody_who_just_proved_to_be_there(world: ConsoleWorld) -> None:
    browser = world.client(Role.VIEWER, called=ISAIAH)
    world.proved(browser.cookies[COOKIE_NAME], ISAIAH, ago=timedelta(minutes=6))
    assert "show first that it is you" in browser.get("/account/pin").text
    assert choose(world, browser, "482917") == (303, "/sign-in/again?back=%2Faccount%2Fpin")
    assert not world.services.custody.pins.state(LOCAL_ADMIN, ISAIAH).set
