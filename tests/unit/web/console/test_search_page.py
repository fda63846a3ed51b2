"""Search in the top bar: everything that has a text, as far as one may see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.console_people import MEGAN, add_people
from tests.console_world import FOREIGN, ConsoleWorld, console_world

from holofleet import desired, samples, spec
from holofleet.server.authorization import LOCAL_ADMIN, Role


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("search")) as made:
        texts = dict(samples.text("external-clients"))
        state = desired.compile(spec.parse(texts), target="server")
        made.world.fleet.publish(
            LOCAL_ADMIN, state.to_json(), texts, expect_told_hash=made.world.fleet.told().hash
        )
        made.enroll(FOREIGN)
        add_people(made)
        yield made


def found(world: ConsoleWorld, text: str, *roles: Role, clients: tuple[str, ...] | None = None) -> str:
    answer = world.client(*roles, clients=clients).get("/search", params={"q": text})
    assert answer.status_code == 200
    return answer.text


def test_a_serial_and_a_statement_are_gone_to_at_once(world: ConsoleWorld) -> None:
    client = world.client()
    assert client.get("/search", params={"q": FOREIGN}).headers["location"] == f"/headsets/{FOREIGN}"
    assert client.get("/search", params={"q": "ext-22"}).headers["location"] == "/guide/EXT-22"


def test_headsets_people_settings_and_statements_are_found(world: ConsoleWorld) -> None:
    assert f'href="/headsets/{FOREIGN}"' in found(world, FOREIGN[-5:])
    assert MEGAN in found(world, "megan").replace("<wbr>", "")
    assert "AllowUSBConnection" in found(world, "usb connection").replace("<wbr>", "")
    assert 'href="/guide/EXT-22"' in found(world, "kiosk is for everyone")


def test_a_text_that_nothing_has_says_where_was_looked(world: ConsoleWorld) -> None:
    assert "Nothing has" in found(world, "nothing like this")
    assert "Type two characters or more." in found(world, "a")


def test_who_sees_one_client_finds_nothing_of_another(world: ConsoleWorld) -> None:
    seen = found(world, "00342", Role.VIEWER, clients=("northwind",))
    headsets = world.services.fleet.headsets(LOCAL_ADMIN.scope).headsets
    foreign = [one.serial for one in headsets if one.client != "northwind"]
    assert foreign
    assert not [serial for serial in foreign if serial in seen]
    assert 'href="/headsets/00342' in seen
    assert "fabrikam" not in found(world, "usb", Role.VIEWER, clients=("northwind",))
    answer = world.client(Role.VIEWER, clients=("northwind",)).get("/search", params={"q": "EXT-22"})
    assert answer.status_code == 200
    assert "Guide statements" not in answer.text


def test_the_top_bar_and_the_menu_search_everything(world: ConsoleWorld) -> None:
    for path in ("/", "/menu"):
        assert 'action="/search"' in world.client().get(path).text
