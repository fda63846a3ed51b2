"""The kiosk page without script: paired from the console, taken by PIN, handed over, given back (SECURITY D4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import ADELE, ISAIAH, LEE, MEGAN, NESTOR, add_people
from tests.console_world import COMPLIANT, FOREIGN, ORIGIN, ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.custody import Proof, Status
from holofleet.server.custody.at_headset import SECRET_LIFE
from holofleet.server.custody.store import ROTATION_GRACE
from holofleet.server.directory import Person
from holofleet.web.device import DEVICE_COOKIE

PIN, OTHER_PIN = "482917", "730164"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        yield made


@pytest.fixture
def people(world: ConsoleWorld) -> dict[str, Person]:
    found = add_people(world)
    for upn, pin in ((ISAIAH, PIN), (LEE, OTHER_PIN)):
        who = Principal(PrincipalKind.PERSON, upn, frozenset(), Scope.every())
        world.services.custody.pins.choose(who, pin)
    return found


def browser(world: ConsoleWorld, serial: str = "") -> TestClient:
    """Return a browser; with a serial one that is paired with that headset."""
    made = TestClient(world.app(), base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)
    if serial:
        kiosk = world.services.custody.kiosk
        made.cookies.set(DEVICE_COOKIE, kiosk.pair(kiosk.invite(LOCAL_ADMIN, serial).secret))
    return made


def token(page: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def title(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page)
    assert found is not None
    return found[1]


def take(made: TestClient, person: Person, pin: str, *, over: bool = False) -> int:
    asked = {"token": token(made.get("/k/pin", params={"person": person.id}).text)}
    form = asked | {"person": person.id, "pin": pin, "over": "1" if over else "0"}
    return made.post("/k/pin", data=form).status_code


def state(world: ConsoleWorld, serial: str = COMPLIANT) -> tuple[Status, str, Proof | None]:
    found = world.services.custody.desk.state(LOCAL_ADMIN, serial)
    return found.status, found.person.upn if found.person is not None else "", found.proof


def test_D4_a_browser_is_paired_by_the_code_that_somebody_reads_off_it_and_types_in_the_console(
    world: ConsoleWorld,
) -> None:
    headset = browser(world)
    page = headset.get("/k").text
    code = re.search(r'class="digits">(\d{4} \d{4})<', page)
    assert code is not None
    assert "not paired" in title(page)
    assert code[1] in headset.get("/k").text, "the same code while it waits"
    desk = world.client(Role.DEPLOYER)
    form = {"csrf": world.access.csrf_token(desk.cookies[COOKIE_NAME]), "code": "12"}
    answer = desk.post(f"/headsets/{COMPLIANT}/pair", data=form)
    assert answer.status_code == 422
    assert "The code on the headset has eight digits." in answer.text
    answer = desk.post(f"/headsets/{COMPLIANT}/pair", data=form | {"code": code[1]})
    assert answer.status_code == 303
    assert "waits for its browser until" in desk.get(answer.headers["location"]).text
    assert headset.get("/k").status_code == 303
    assert "HL-FIELD-01 is free" in title(headset.get("/k").text)
    assert "HL-FIELD-01 is free" not in browser(world).get("/k").text
    tab = desk.get(f"/headsets/{COMPLIANT}/custody").text
    assert "Paired <time" in tab
    assert desk.post(f"/headsets/{COMPLIANT}/unpair", data=form).status_code == 303
    assert "not paired" in title(headset.get("/k").text)


def test_ISO_2_nobody_pairs_a_headset_of_another_client_and_an_auditor_pairs_none(world: ConsoleWorld) -> None:
    for desk, status in (
        (world.client(Role.DEPLOYER, clients=("northwind",)), 404),
        (world.client(Role.AUDITOR), 403),
    ):
        form = {"csrf": world.access.csrf_token(desk.cookies[COOKIE_NAME]), "code": "12345678"}
        for act in ("pair", "unpair"):
            assert desk.post(f"/headsets/{COMPLIANT}/{act}", data=form).status_code == status
    assert world.services.custody.kiosk.pairings(LOCAL_ADMIN, COMPLIANT) == ()


def test_a_headset_is_taken_by_pin_handed_over_and_given_back(
    world: ConsoleWorld, people: dict[str, Person]
) -> None:
    headset = browser(world, COMPLIANT)
    names = headset.get("/k/pin", params={"begins": "I"}).text
    assert f"person={people[ISAIAH].id}" in names
    assert "Lee Gu" not in names
    assert take(headset, people[ISAIAH], "111111") == 403
    assert state(world)[0] is Status.IN
    assert take(headset, people[ISAIAH], PIN) == 303
    assert title(headset.get("/k").text) == "You are Isaiah Langer"
    assert state(world) == (Status.OUT, ISAIAH, Proof.PIN)
    assert take(headset, people[LEE], OTHER_PIN) == 403, "taking is not taking over"
    assert take(headset, people[LEE], OTHER_PIN, over=True) == 303
    assert state(world) == (Status.OUT, LEE, Proof.PIN)
    page = headset.get("/k").text
    assert headset.post("/k/back", data={"token": token(page)}).status_code == 303
    assert state(world) == (Status.IN, "", None)


def test_ISO_2_a_headset_of_a_client_shows_no_name_of_another(
    world: ConsoleWorld, people: dict[str, Person]
) -> None:
    theirs, ours = browser(world, FOREIGN), browser(world, COMPLIANT)
    client = world.services.custody.desk.state(LOCAL_ADMIN, FOREIGN).client
    assert people[NESTOR].client != client
    assert "Nestor" not in theirs.get("/k/pin", params={"begins": "N"}).text
    assert "Nestor" not in ours.get("/k/pin", params={"begins": "N"}).text
    assert take(ours, people[NESTOR], PIN) == 403


def test_what_a_headset_shows_is_confirmed_by_the_desk_and_on_ones_own_phone(
    world: ConsoleWorld, people: dict[str, Person]
) -> None:
    headset = browser(world, COMPLIANT)
    form = {"token": token(headset.get("/k").text)}
    phone = world.client(Role.VIEWER, called=MEGAN)
    csrf = {"csrf": world.access.csrf_token(phone.cookies[COOKIE_NAME])}
    shown = headset.post("/k/code", data=form).text
    assert "<svg" in shown
    code = re.search(r'class="digits">(\d{3} \d{3})<', shown)
    assert code is not None
    assert phone.post("/take", data=csrf | {"code": "000 000"}).status_code in (404, 409)
    answer = phone.post("/take", data=csrf | {"code": code[1], "act": "take"})
    assert "Megan Bowen has HL-FIELD-01 now." in answer.text
    assert state(world) == (Status.OUT, MEGAN, Proof.SESSION)
    assert phone.post("/take", data=csrf | {"code": code[1]}).status_code == 404, "once"
    shown = headset.post("/k/code", data=form).text
    again = re.search(r'class="digits">(\d{3} \d{3})<', shown)
    assert again is not None
    other = world.client(Role.VIEWER, called=ADELE)
    csrf = {"csrf": world.access.csrf_token(other.cookies[COOKIE_NAME])}
    assert other.post("/take", data=csrf | {"code": again[1], "act": "over"}).status_code == 200
    assert state(world) == (Status.OUT, ADELE, Proof.SESSION)


def test_what_was_lost_is_found_on_the_headset(world: ConsoleWorld) -> None:
    headset = browser(world, COMPLIANT)
    assert "I found this headset" not in headset.get("/k").text
    world.services.custody.desk.note_lost(LOCAL_ADMIN, COMPLIANT, note="Left on a train")
    page = headset.get("/k").text
    assert "I found this headset" in page
    assert headset.post("/k/found", data={"token": token(page)}).status_code == 303
    assert state(world)[0] is Status.FOUND


def test_WEB_2_a_form_of_another_page_or_browser_changes_nothing(
    world: ConsoleWorld, people: dict[str, Person]
) -> None:
    headset, other = browser(world, COMPLIANT), browser(world, "003421800102")
    assert take(headset, people[ISAIAH], PIN) == 303
    foreign = {"token": token(other.get("/k").text)}
    for form in ({}, {"token": "x"}, {"token": "\u00e9"}, foreign):
        assert headset.post("/k/back", data=form).status_code == 303
    own = {"token": token(headset.get("/k").text)}
    assert headset.post("/k/back", data=own, headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert state(world)[0] is Status.OUT
    assert browser(world).post("/k/back", data=own).status_code == 403


def test_D4_the_cookie_of_a_headset_is_no_session_and_a_session_is_no_headset(world: ConsoleWorld) -> None:
    headset = browser(world, COMPLIANT)
    assert headset.get("/headsets").headers["location"] == "/sign-in"
    assert "not paired" in title(world.client().get("/k").text)


def test_D4_the_secret_changes_with_a_page_and_a_copy_ends_both(world: ConsoleWorld) -> None:
    headset = browser(world, COMPLIANT)
    thief = browser(world)
    thief.cookies.set(DEVICE_COOKIE, headset.cookies[DEVICE_COOKIE])
    world.world.clock.advance(SECRET_LIFE + timedelta(seconds=1))
    given = headset.get("/k").headers["set-cookie"]
    assert given.startswith(f"{DEVICE_COOKIE}=")
    for flag in ("HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=7776000"):
        assert flag in given
    assert "is free" in title(headset.get("/k").text)
    world.world.clock.advance(ROTATION_GRACE + timedelta(seconds=1))
    assert "not paired" in title(thief.get("/k").text)
    assert "not paired" in title(headset.get("/k").text)


def test_a_headset_that_is_marked_lost_serves_nobody(world: ConsoleWorld, people: dict[str, Person]) -> None:
    world.enroll(COMPLIANT)
    headset = browser(world, COMPLIANT)
    world.order(COMPLIANT, "sync")
    detail = world.services.fleet.headset(LOCAL_ADMIN.scope, COMPLIANT)
    assert detail.summary.enrollment is not None
    world.services.decisions.mark_lost(LOCAL_ADMIN, COMPLIANT, reason="Stolen")
    assert "not paired" in title(headset.get("/k").text)
    assert headset.get("/k/pin", params={"begins": "I"}).text.count("Isaiah") == 0
