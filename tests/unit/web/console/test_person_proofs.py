"""PINs and secrets on the page of a person (SECURITY CUS-2): made void, owned by a team, due for a reset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import ADELE, ISAIAH, add_people
from tests.console_world import ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.custody.owners import WHATS
from holofleet.server.directory import Person
from holofleet.web.console.people_proofs import SECRETS

SHARED = "hl-line3-14@contoso.com"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        made.publish()
        yield made


@pytest.fixture
def people(world: ConsoleWorld) -> dict[str, Person]:
    return add_people(world)


def post(world: ConsoleWorld, browser: TestClient, path: str, **form: str) -> tuple[int, str]:
    answer = browser.post(path, data={"csrf": world.access.csrf_token(browser.cookies[COOKIE_NAME]), **form})
    return answer.status_code, answer.text


def test_every_secret_has_a_name() -> None:
    assert set(SECRETS) == set(WHATS)


def test_CUS_2_helpdesk_makes_a_pin_void_and_cannot_set_one(
    world: ConsoleWorld, people: dict[str, Person]
) -> None:
    who = Principal(PrincipalKind.PERSON, ISAIAH, frozenset(), Scope.every())
    world.services.custody.pins.choose(who, "482917")
    browser, page = world.client(Role.HELPDESK, called=ADELE), f"/people/{people[ISAIAH].id}"
    text = browser.get(page).text
    assert "Make PIN void" in text
    assert 'name="pin"' not in text
    assert post(world, browser, f"{page}/pin")[0] == 303
    assert "Void since" in browser.get(page).text
    assert not world.services.custody.pins.state(LOCAL_ADMIN, ISAIAH).set
    assert post(world, world.client(Role.AUDITOR), f"{page}/pin")[0] == 403
    assert "PIN at headsets" not in world.client(Role.VIEWER).get(page).text


def test_a_team_owns_the_secrets_of_a_shared_account_and_the_next_reset_is_shown(
    world: ConsoleWorld, people: dict[str, Person]
) -> None:
    browser, page = world.client(Role.DEPLOYER, called=ADELE), f"/people/{people[SHARED].id}"
    assert browser.get(page).text.count("Nobody owns it") == 3
    form = {"act": "own", "what": "pin", "owner": "Line 3 leads", "every_days": "90"}
    for wrong, said in (({"owner": ISAIAH}, "never a person"), ({"every_days": "often"}, "A whole number")):
        status, text = post(world, browser, f"{page}/secrets", **form | wrong)
        assert status == 422
        assert said.casefold() in text.casefold()
    assert post(world, browser, f"{page}/secrets", **form)[0] == 303
    text = browser.get(page).text
    assert "Line 3 leads" in text
    assert "due now" in text
    assert post(world, browser, f"{page}/secrets", act="reset", what="pin")[0] == 303
    text = browser.get(page).text
    assert "due now" not in text
    due = (world.world.clock.now() + timedelta(days=90)).date().isoformat()
    assert due in text
    assert post(world, world.client(Role.HELPDESK), f"{page}/secrets", **form)[0] == 403


def test_a_person_has_no_secrets_of_a_shared_account(world: ConsoleWorld, people: dict[str, Person]) -> None:
    browser, page = world.client(Role.DEPLOYER), f"/people/{people[ISAIAH].id}"
    assert "Secrets and their owners" not in browser.get(page).text
    assert post(world, browser, f"{page}/secrets", act="own", what="pin", owner="Team")[0] == 403
