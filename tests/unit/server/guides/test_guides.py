"""Where the fleet stands on the guides, from what was published and what headsets said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.console_world import ConsoleWorld, console_world

from holofleet import desired, samples, spec
from holofleet.checks.engine import run
from holofleet.errors import NotFoundError, RefusedError
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.guides.judging import judge
from holofleet.server.guides.store import Evidence

SOME_TIME = datetime(2026, 3, 1, 10, tzinfo=UTC)
SCENARIO = "external-clients"
VIEWER = Principal(PrincipalKind.PERSON, "viewer", frozenset({Role.VIEWER}), Scope.every())
OF_ONE_CLIENT = Principal(PrincipalKind.PERSON, "guest", frozenset({Role.VIEWER}), Scope.of("northwind"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        yield made


def publish(world: ConsoleWorld, scenario: str = SCENARIO) -> None:
    texts = dict(samples.text(scenario))
    state = desired.compile(spec.parse(texts), target="server")
    world.world.fleet.publish(LOCAL_ADMIN, state.to_json(), texts, expect_told_hash=world.world.fleet.told().hash)


def test_nothing_published_is_an_empty_board(world: ConsoleWorld) -> None:
    board = world.services.guides.board(LOCAL_ADMIN)
    assert board is not None
    assert (board.publication, board.statements, board.unread) == ("", (), "")


def test_every_statement_of_the_four_guides_stands_somewhere(world: ConsoleWorld) -> None:
    publish(world)
    board = world.services.guides.board(VIEWER)
    assert board is not None
    assert len(board.statements) == 181
    assert sum(sum(guide.counts.values()) for guide in board.guides) == 181
    assert [guide.id for guide in board.guides] == ["PREP", "EXT", "SHR", "OFF"]


def test_who_sees_one_client_does_not_see_what_the_file_says_of_all(world: ConsoleWorld) -> None:
    publish(world)
    with pytest.raises((RefusedError, NotFoundError)):
        world.services.guides.board(OF_ONE_CLIENT)


def test_a_statement_that_no_guide_has_is_not_found(world: ConsoleWorld) -> None:
    publish(world)
    with pytest.raises(NotFoundError):
        world.services.guides.statement(VIEWER, "EXT-999")


def test_a_new_publication_is_judged_at_once_and_an_old_judgement_after_a_minute(world: ConsoleWorld) -> None:
    publish(world, "cloud-connected")
    first = world.services.guides.board(VIEWER)
    assert world.services.guides.board(VIEWER) is first
    publish(world)
    second = world.services.guides.board(VIEWER)
    assert first is not None
    assert second is not None
    assert second.publication != first.publication
    world.world.clock.advance(timedelta(seconds=61))
    third = world.services.guides.board(VIEWER)
    assert third is not None
    assert third.made_at > second.made_at


def test_a_file_with_tables_says_where_it_can_be_judged() -> None:
    text = (
        next(iter(samples.text(SCENARIO).values())).partition("\nheadsets:")[0]
        + "\nheadsets:\n  - csv: headsets.csv\n"
    )
    evidence = Evidence("p", None, {"fleet.yaml": text}, {}, (), {})
    board = judge(evidence, now=SOME_TIME)
    assert board.statements == ()
    assert "holofleet guide" in board.unread


def test_turns_are_noted_once_and_give_every_word_its_since(world: ConsoleWorld) -> None:
    publish(world)
    noted = world.services.guides.keep()
    assert noted > 100
    assert world.services.guides.keep() == 0
    board = world.services.guides.board(VIEWER)
    assert board is not None
    assert {statement.since for statement in board.statements} == {board.made_at}
    turned = world.services.guides.history(VIEWER, "EXT-22")
    assert turned
    assert all(turn.rule == "EXT-22" for turn in turned)


def test_one_headset_stands_for_many_that_want_and_said_the_same(world: ConsoleWorld) -> None:
    loaded = spec.parse(samples.text(SCENARIO))
    state = desired.compile(loaded, target="server")
    first = {}
    for headset in state.headsets.values():
        first.setdefault((headset.deployment, headset.document), headset.serial)
    alike = dict.fromkeys(first.values(), 1_000)
    chosen = [headset for headset in state.headsets.values() if headset.serial in alike]
    kept = [r for a, r in state.resources.items() if a.kind != "headset"]
    fewer = type(state)([*kept, *chosen], state.documents.values(), undelivered=state.undelivered)
    report = run(loaded, today=SOME_TIME.date(), target="server", state=fewer, reported=fewer, alike=alike)
    numbers = [s.evidence for s in report.standings if "headsets reported it" in s.evidence]
    assert numbers
    assert all("000 headsets" in text for text in numbers)
