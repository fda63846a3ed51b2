"""What is kept about a person, given out and erased in the console (SECURITY AUD-1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import GRADY, LEE, MEGAN, add_people
from tests.console_world import ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.audit import AuditQuery
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.directory import Person


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[tuple[ConsoleWorld, Person]]:
    """A world in which Grady has left."""
    with console_world(tmp_path) as made:
        made.publish()
        yield made, add_people(made)[GRADY]


def post(world: ConsoleWorld, browser: TestClient, path: str, **form: str) -> tuple[int, str, str]:
    answer = browser.post(path, data={"csrf": world.access.csrf_token(browser.cookies[COOKIE_NAME]), **form})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_AUD_1_everything_about_a_person_is_a_file_and_who_took_it_is_recorded(
    changing: tuple[ConsoleWorld, Person],
) -> None:
    world, grady = changing
    browser = world.client()
    assert "Export as a file" in browser.get(f"/people/{grady.id}").text
    csrf = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    answer = browser.post(f"/people/{grady.id}/export", data={"csrf": csrf})
    assert answer.headers["content-disposition"] == f'attachment; filename="person-{grady.id}.json"'
    found = answer.json()
    assert (found["upn"], found["rooms"]["person"][0]["display_name"]) == (GRADY, "Grady Archie")
    assert found["rooms"]["person"][0]["left_at"].endswith("Z")
    recorded = world.services.audit.search(LOCAL_ADMIN, AuditQuery(subject=f"person:{grady.id}"), limit=1)
    assert recorded[0].action == "export-person"


def test_AUD_1_a_person_is_erased_after_the_page_said_what_is_lost_and_what_stays(
    changing: tuple[ConsoleWorld, Person],
) -> None:
    world, grady = changing
    browser, path = world.client(), f"/people/{grady.id}/erase"
    text = browser.get(path).text
    assert text.index("Cancel, change nothing") < text.index("Erase Grady Archie</button>")
    assert "by an id that leads to nobody" in text
    status, _, text = post(world, browser, path, upn="grady", reason="Asked by Grady Archie")
    assert status == 422
    assert f"Type {GRADY} exactly." in text
    assert "The reason stays. Leave their name out of it." in text
    assert ">Asked by Grady Archie</textarea>" in text
    status, _, text = post(world, browser, path, upn=GRADY, reason="Request 17 of March")
    assert status == 200
    assert "Nothing here names them any more but what stands below." in text
    assert "Reasons and notes that people wrote themselves are not searched" in text
    assert world.services.directory.person(LOCAL_ADMIN, grady.id).upn.endswith("@erased.invalid")
    assert "Grady" not in browser.get("/people?left=1").text
    assert world.services.audit.verify(LOCAL_ADMIN).intact


def test_whoever_is_here_is_let_go_first_and_a_stale_sign_in_proves_itself_first(
    changing: tuple[ConsoleWorld, Person],
) -> None:
    world, grady = changing
    browser = world.client()
    here = world.services.directory.person(LOCAL_ADMIN, LEE)
    text = browser.get(f"/people/{here.id}/erase").text
    assert "Lee Gu is here." in text
    assert "danger-solid" not in text
    assert post(world, browser, f"/people/{here.id}/erase", upn=LEE, reason="x")[0] == 409
    cookie = world.sign_in(Role.ADMINISTRATOR, called=MEGAN)
    stale = world.client()
    stale.cookies.clear()
    stale.cookies.set(COOKIE_NAME, cookie)

    world.proved(cookie, MEGAN, ago=timedelta(minutes=20))
    assert "sign in again before it is done" in stale.get(f"/people/{grady.id}/erase").text
    status, where, _ = post(world, stale, f"/people/{grady.id}/erase", upn=GRADY, reason="x")
    assert (status, where.split("?")[0]) == (303, "/sign-in/again")
    assert world.services.directory.person(LOCAL_ADMIN, GRADY).upn == GRADY


def test_only_administrators_erase_and_only_whoever_sees_every_client_exports(
    changing: tuple[ConsoleWorld, Person],
) -> None:
    world, grady = changing
    auditor = world.client(Role.AUDITOR)
    assert "Export as a file" in auditor.get(f"/people/{grady.id}").text
    assert f"/people/{grady.id}/erase" not in auditor.get(f"/people/{grady.id}").text
    assert auditor.get(f"/people/{grady.id}/erase").status_code == 403
    part = world.client(Role.ADMINISTRATOR, clients=("own",))
    assert "Export as a file" not in part.get(f"/people/{grady.id}").text
    assert post(world, part, f"/people/{grady.id}/export")[0] in (403, 404)
    assert post(world, part, f"/people/{grady.id}/erase", upn=GRADY, reason="x")[0] in (403, 404)
