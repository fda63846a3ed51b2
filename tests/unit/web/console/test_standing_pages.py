"""The pages of the guides: what stands where, what proves it, and who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.console_world import FOREIGN, ConsoleWorld, console_world

from holofleet import desired, samples, spec
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.guides import WORDS
from holofleet.web.console.standing import KINDS, STANDING_WORDS

AUTOPILOT = (
    "    autopilot: {profile: hololens-clients, group_tag: clients, device_name: HL-%SERIAL%}   # REPLACE\n"
)
"""Without this line a must of the guides is not met (PREP-07)."""


def publish(world: ConsoleWorld) -> None:
    texts = {name: text.replace(AUTOPILOT, "") for name, text in samples.text("external-clients").items()}
    assert AUTOPILOT in "".join(samples.text("external-clients").values())
    state = desired.compile(spec.parse(texts), target="server")
    told = world.world.fleet.told().hash
    world.world.fleet.publish(LOCAL_ADMIN, state.to_json(), texts, expect_told_hash=told)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("standing")) as made:
        publish(made)
        made.enroll(FOREIGN)
        made.drift(FOREIGN)
        yield made


def page(world: ConsoleWorld, path: str, *roles: Role) -> str:
    answer = world.client(*roles).get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_every_word_and_kind_of_the_guides_has_a_word_of_the_console() -> None:
    assert set(STANDING_WORDS) == set(WORDS)
    assert set(KINDS) == {"must", "warning", "recommended", "limitation", "optional"}


def test_the_first_line_says_how_many_musts_are_not_met_and_from_what(world: ConsoleWorld) -> None:
    text = page(world, "/guide")
    assert "<b>1 must is not met.</b>" in text
    assert "1 of 16 headsets have reported" in text


def test_musts_that_are_not_met_are_shown_first_where_there_are_any(world: ConsoleWorld) -> None:
    board = world.services.guides.board(LOCAL_ADMIN)
    assert board is not None
    unmet = [one.id for one in board.statements if one.must and one.word == "not met"]
    assert unmet == ["PREP-07"]
    text = page(world, "/guide")
    shown = [one.id for one in board.statements if f'<tr id="{one.id}">' in text]
    assert shown == unmet
    assert f'href="/guide/{unmet[0]}"' in text


def test_a_filter_lives_in_the_address(world: ConsoleWorld) -> None:
    everything = page(world, "/guide?show=all")
    assert everything.count('<tr id="') == 181
    waiting = page(world, "/guide?show=waiting&guide=EXT")
    assert '<tr id="PREP-' not in waiting
    assert '<tr id="EXT-' in waiting
    found = page(world, "/guide?q=EXT-22&show=all")
    assert found.count('<tr id="') == 1
    assert "No statement matches" in page(world, "/guide?q=nothing-like-this&show=all")


def test_a_statement_names_who_breaks_it_the_line_and_the_source(world: ConsoleWorld) -> None:
    board = world.services.guides.board(LOCAL_ADMIN)
    assert board is not None
    broken = next(one for one in board.statements if one.against)
    text = page(world, f"/guide/{broken.id}")
    assert f'href="/headsets/{FOREIGN}"' in text
    assert "(Microsoft, 2024-06-27)" in text
    assert 'href="/fleet-file/fleet.yaml#L' in text


def test_how_a_statement_turned_is_shown_once_it_was_noted(world: ConsoleWorld) -> None:
    assert "Nothing was noted yet" in page(world, "/guide/EXT-01")
    assert world.services.guides.keep() > 0
    assert "Became" in page(world, "/guide/EXT-01")


def test_a_statement_that_no_guide_has_is_not_found(world: ConsoleWorld) -> None:
    assert world.client().get("/guide/EXT-999").status_code == 404


def test_who_sees_one_client_sees_no_standing_and_no_way_to_it(world: ConsoleWorld) -> None:
    browser = world.client(Role.VIEWER, clients=("northwind",))
    assert browser.get("/guide").status_code in (403, 404)
    assert 'href="/guide"' not in browser.get("/").text
    assert 'href="/guide"' in world.client(Role.VIEWER).get("/").text


def test_a_fleet_file_that_cannot_be_judged_here_says_so(tmp_path: Path) -> None:
    with console_world(tmp_path) as made:
        assert "No fleet file was applied yet" in page(made, "/guide")
        made.publish()  # three files that cannot be one
        assert "cannot be judged here" in page(made, "/guide")
