"""The frame of the page on which a headset calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import ISAIAH, add_people
from tests.console_world import COMPLIANT, ORIGIN, ConsoleWorld, console_world

from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Scope
from holofleet.web.device import DEVICE_COOKIE


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        yield made


def browser(world: ConsoleWorld, *, paired: bool = True) -> TestClient:
    made = TestClient(world.app(), base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)
    if paired:
        kiosk = world.services.custody.kiosk
        made.cookies.set(DEVICE_COOKIE, kiosk.pair(kiosk.invite(LOCAL_ADMIN, COMPLIANT).secret))
    return made


def test_WEB_3_only_this_page_may_use_camera_and_microphone_and_nothing_of_it_is_kept(world: ConsoleWorld) -> None:
    answer = browser(world).get("/h")
    assert answer.status_code == 200
    assert answer.headers["permissions-policy"].startswith("camera=(self), microphone=(self)")
    assert answer.headers["cache-control"] == "no-store"
    assert "style=" not in answer.text
    assert "Held by nobody" in answer.text


def test_D4_a_browser_that_is_not_paired_gets_no_call_page(world: ConsoleWorld) -> None:
    for path in ("/h", "/h/over"):
        answer = browser(world, paired=False).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/k")


def test_D4_what_a_call_left_is_cleared_and_the_pairing_stays(world: ConsoleWorld) -> None:
    headset = browser(world)
    answer = headset.get("/h/over")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert (answer.status_code, answer.headers["location"]) == (303, "/h")
    assert headset.get("/h").status_code == 200


def test_the_page_says_whose_name_the_call_is_kept_under(world: ConsoleWorld) -> None:
    add_people(world)
    world.services.custody.pins.choose(
        Principal(PrincipalKind.PERSON, ISAIAH, frozenset(), Scope.every()), "482917"
    )
    headset, kiosk = browser(world), world.services.custody.kiosk
    secret = headset.cookies[DEVICE_COOKIE]
    found = kiosk.people(secret, "I")
    kiosk.take_by_pin(secret, found[0].id, "482917")
    page = headset.get("/h").text
    assert f"You are {found[0].name}" in page
    assert f"I am not {found[0].name.split()[0]}" in page
