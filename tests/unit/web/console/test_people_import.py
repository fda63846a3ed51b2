"""People from a sheet in the console: looked at first, then added; what is wrong is said by line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.console_people import ISAIAH, LEE, add_people
from tests.console_world import ConsoleWorld, console_world

from holofleet.errors import InputError
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.directory import PeopleQuery, Source
from holofleet.server.directory.sheet import read_sheet

SHEET = f"""upn,display_name,client,call_roles
Diego@contoso.com,Diego Siciliani,,expert;wearer
{ISAIAH},Somebody else,,
nobody@fabrikam.example,Of a client,fabrikam,
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("people")) as made:
        made.publish()
        add_people(made)
        yield made


def send(
    world: ConsoleWorld, sheet: str, *roles: Role, act: str = "look", clients: tuple[str, ...] | None = None
) -> tuple[int, str]:
    browser = world.client(*roles, clients=clients)
    token = world.access.csrf_token(browser.cookies[COOKIE_NAME])
    answer = browser.post("/people/import", data={"csrf": token, "sheet": sheet, "act": act})
    return answer.status_code, answer.text


def people(world: ConsoleWorld) -> int:
    return world.services.directory.people(LOCAL_ADMIN, PeopleQuery(here=None)).total


def test_a_sheet_is_looked_at_before_anybody_is_added(world: ConsoleWorld) -> None:
    before = people(world)
    status, text = send(world, SHEET)
    assert (status, people(world)) == (200, before)
    assert "2 people would be added, 1 is there already." in text
    status, text = send(world, SHEET, act="add")
    assert "2 people were added, without any role." in text
    made = world.services.directory.person(LOCAL_ADMIN, "diego@contoso.com")
    assert (made.source, made.call_roles, made.roles) == (Source.CSV, {"expert", "wearer"}, frozenset())
    assert world.services.directory.person(LOCAL_ADMIN, ISAIAH).display_name == "Isaiah Langer"
    assert people(world) == before + 2


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("", "no column upn"),
        ("upn,shoe\na@b.c,42", "unknown: shoe"),
        ("upn\nnot a name", "Line:2"),
        ("upn,site\na@contoso.com", "Line:2: not as many cells"),
        ("upn\na@contoso.com\nA@contoso.com", "stands in it twice"),
        ("upn\n", "names nobody"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_said_by_its_line_and_nobody_is_added(
    world: ConsoleWorld, sheet: str, said: str
) -> None:
    before = people(world)
    status, text = send(world, sheet, act="add")
    assert (status, people(world)) == (422, before)
    assert said in text
    assert re.search(r'<textarea[^>]*aria-invalid="true"', text)


def test_ISO_2_nobody_is_added_to_a_client_that_the_visitor_does_not_see(world: ConsoleWorld) -> None:
    before = people(world)
    _, text = send(world, SHEET, Role.ADMINISTRATOR, act="add", clients=("northwind",))
    assert people(world) == before
    assert "You add nobody of fabrikam." in text
    assert "You add nobody of own." in text
    assert send(world, SHEET, Role.HELPDESK, act="add")[0] == 403
    assert people(world) == before


def test_a_sheet_with_semicolons_and_a_mark_at_its_beginning_is_read() -> None:
    found = read_sheet("\ufeffupn;display_name\r\nlee@contoso.com;Lee Gu\r\n", "x")
    assert [(one.upn, one.display_name) for one in found] == [(LEE, "Lee Gu")]
    with pytest.raises(InputError):
        read_sheet("upn;name\nlee@contoso.com;Lee", "x")
