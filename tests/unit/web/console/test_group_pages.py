"""Groups of people in the console: made, filled, emptied, removed; those of others are looked at only."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.console_people import ISAIAH, LEE, NESTOR, add_people
from tests.console_world import ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.directory import NewGroup, Source

GROUPS = "/people/groups"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("people")) as made:
        made.publish()
        add_people(made)
        yield made


def post(world: ConsoleWorld, browser: TestClient, path: str, **form: str) -> tuple[int, str, str]:
    answer = browser.post(path, data={"csrf": world.access.csrf_token(browser.cookies[COOKIE_NAME]), **form})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def members(text: str) -> list[str]:
    return re.findall(r'<td class="full"><a href="/people/[^"]+"><b>([^<]+)</b>', text)


def test_a_group_is_made_filled_emptied_and_removed(world: ConsoleWorld) -> None:
    browser = world.client()
    assert post(world, browser, GROUPS, name="Not a name", client="own")[0] == 422
    status, where, _ = post(world, browser, GROUPS, name="welders", display_name="Welders", client="own")
    assert (status, where.endswith("?done=made")) == (303, True)
    path = where.partition("?")[0]
    assert "Nobody is in it." in browser.get(path).text
    assert post(world, browser, path, act="in", person=ISAIAH)[0] == 303
    assert members(browser.get(path).text) == ["Isaiah Langer"]
    assert f'href="{path}"' in browser.get(f"/people/{ISAIAH}").text
    status, _, text = post(world, browser, path, act="in", person="nobody@contoso.com")
    assert (status, "Nobody of ours has this name." in text) == (422, True)
    assert post(world, browser, path, act="in", person="")[0] == 422
    person = world.services.directory.person(LOCAL_ADMIN, ISAIAH).id
    assert post(world, browser, path, act="out", person=person)[0] == 303
    assert members(browser.get(path).text) == []
    assert post(world, browser, path, act="remove-group")[1] == f"{GROUPS}?done=removed"
    assert browser.get(path).status_code == 404


def test_a_group_of_the_fleet_file_says_where_it_is_changed_and_is_not_changed_here(world: ConsoleWorld) -> None:
    filed = world.services.directory.add_group(LOCAL_ADMIN, NewGroup("from-file"), source=Source.FILE)
    browser = world.client()
    text = browser.get(f"{GROUPS}/{filed.id}").text
    assert "The fleet file says so." in text
    assert 'name="act"' not in text
    assert post(world, browser, f"{GROUPS}/{filed.id}", act="in", person=LEE)[0] == 409
    assert post(world, browser, f"{GROUPS}/{filed.id}", act="remove-group")[0] == 409


def test_ISO_2_whoever_sees_one_client_sees_and_changes_no_group_of_another(world: ConsoleWorld) -> None:
    night = next(group for group in world.services.directory.groups(LOCAL_ADMIN) if group.name == "night-shift")
    browser = world.client(Role.ADMINISTRATOR, clients=("northwind",))
    assert browser.get(f"{GROUPS}/{night.id}").status_code == 404
    assert post(world, browser, f"{GROUPS}/{night.id}", act="in", person=NESTOR)[0] == 404
    assert "night-shift" not in browser.get(GROUPS).text
    viewer = world.client(Role.VIEWER)
    assert members(viewer.get(f"{GROUPS}/{night.id}").text) == ["Isaiah Langer", "Megan Bowen"]
    assert post(world, viewer, f"{GROUPS}/{night.id}", act="remove-group")[0] == 403
