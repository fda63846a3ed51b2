"""The process is killed at every store call, and every reply is lost once: nothing is lost, doubled or a lie."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.databases import fresh_sqlite
from tests.management_world import CAMERA, LOCK, SERIAL, World, fleet_of, many, number
from tests.scripted_headset import ScriptedHeadset

from holofleet.protocols.syncml import parse, render
from holofleet.resources import normal_uri
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.compliance import Compliance
from holofleet.server.orders import OrderStatus
from holofleet.storage.database import Database, sqlite_url

CALLS = ("rows", "document", "open_orders", "answer", "serial", "store")


class ProcessDiedError(Exception):
    """The process is gone; nothing of its memory is left."""


class DyingStore:
    """A store of which call number ``at`` kills the process, before it does anything or after it did all."""

    def __init__(self, store: Any, at: int, *, after: bool) -> None:
        self._store, self._at, self._after, self.calls = store, at, after, 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name not in CALLS:
            return real

        def call(*args: Any) -> Any:
            self.calls += 1
            dies = self.calls == self._at
            if dies and not self._after:
                raise ProcessDiedError
            result = real(*args)
            if dies:
                raise ProcessDiedError
            return result

        return call


def _story(world: World, headset: ScriptedHeadset, *, post: Callable[[bytes], bytes | None]) -> None:
    """Converge, drift and be mended, then be rebooted; a session that ends early is followed by another one."""
    world.publish(fleet_of(many(12)))
    world.enroll(headset)
    _sessions(headset, post)
    headset.nodes[f"{CAMERA.rsplit('/', 2)[0]}/Test/Setting003"] = "99"
    world.clock.advance(timedelta(hours=25))
    _sessions(headset, post)
    world.orders.create(LOCAL_ADMIN, SERIAL, "reboot", "because")
    world.clock.advance(timedelta(minutes=10))
    _sessions(headset, post)


def _sessions(headset: ScriptedHeadset, post: Callable[[bytes], bytes | None]) -> None:
    for _ in range(3):
        headset.check_in(post)


def _judge(world: World, headset: ScriptedHeadset) -> None:
    assert headset.broken_rules == []
    for setting in world.detail().settings:
        if "{{" not in setting.desired:
            assert headset.nodes[normal_uri(setting.oma_uri)] == setting.desired
    assert world.word() is Compliance.COMPLIANT
    events = world.events()
    assert events.count("recognized") == 1
    assert events.count("mended") == events.count("drifted") == 1
    order = world.detail().orders[0]
    assert len(headset.ran) <= 1
    if order.status is OrderStatus.DONE:
        assert len(headset.ran) == 1
    else:
        assert order.status is OrderStatus.OUTCOME_UNKNOWN


@pytest.fixture(scope="module", autouse=True)
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied: making one anew takes longer than a session."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    database = fresh_sqlite(path)
    database.close()
    return path


def _world(path: Path) -> World:
    empty = next(path.parent.parent.glob("empty*/empty.db"))
    shutil.copy(empty, path)
    return World(Database.open(sqlite_url(path)))


def _calls_of_the_story(path: Path) -> int:
    world = _world(path)
    headset = ScriptedHeadset("device-1")
    counting = DyingStore(world.store, 0, after=False)
    world.store = counting  # type: ignore[assignment]
    world.new_process()
    _story(world, headset, post=lambda body: world.post(headset, body))
    _judge(world, headset)
    world.database.close()
    return counting.calls


@pytest.mark.parametrize("after", [False, True], ids=["before-the-call", "after-the-call"])
@pytest.mark.parametrize("retry", [True, False], ids=["the-message-is-repeated", "a-new-session-begins"])
def test_a_process_killed_at_any_store_call_loses_and_doubles_nothing(
    tmp_path: Path, *, after: bool, retry: bool
) -> None:
    calls = _calls_of_the_story(tmp_path / "counting.db")
    assert calls > 20
    for at in range(1, calls + 1):
        world = _world(tmp_path / f"{at}.db")
        headset = ScriptedHeadset("device-1")
        real = world.store
        world.store = DyingStore(real, at, after=after)  # type: ignore[assignment]
        world.new_process()

        def post(body: bytes, world: World = world, headset: ScriptedHeadset = headset, real: Any = real) -> Any:
            try:
                return world.post(headset, body)
            except ProcessDiedError:
                world.store = real
                world.new_process()
                return world.post(headset, body) if retry else None

        _story(world, headset, post=post)
        _judge(world, headset)
        world.database.close()


@pytest.mark.parametrize("retry", [True, False], ids=["the-message-is-repeated", "a-new-session-begins"])
def test_any_lost_reply_loses_and_doubles_nothing(tmp_path: Path, *, retry: bool) -> None:
    for at in range(1, 14):
        world = _world(tmp_path / f"{at}.db")
        headset = ScriptedHeadset("device-1")
        sent = 0

        def post(body: bytes, world: World = world, headset: ScriptedHeadset = headset, at: int = at) -> Any:
            nonlocal sent
            answer = world.post(headset, body)
            sent += 1
            if sent != at:
                return answer
            return world.post(headset, body) if retry else None

        _story(world, headset, post=post)
        _judge(world, headset)
        world.database.close()


def test_a_wipe_whose_reply_is_lost_runs_once_however_often_the_message_is_repeated(tmp_path: Path) -> None:
    world = _world(tmp_path / "x.db")
    world.publish(fleet_of())
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    world.check_in(headset)
    order = world.orders.create(LOCAL_ADMIN, SERIAL, "wipe", "because")
    first = render(headset.first_message())
    answers = {world.post(headset, first) for _ in range(5)}
    assert len(answers) == 1
    assert world.events().count("order-sent") == 1
    headset.take(parse(answers.pop()))
    headset.check_in(lambda body: world.post(headset, body))
    assert len(headset.ran) == 1
    assert world.orders.listed(LOCAL_ADMIN.scope, SERIAL)[0].status is OrderStatus.OUTCOME_UNKNOWN
    assert order.id == world.orders.listed(LOCAL_ADMIN.scope, SERIAL)[0].id
    world.database.close()


def test_a_publication_in_the_middle_of_a_session_is_not_lost(tmp_path: Path) -> None:
    world = _world(tmp_path / "x.db")
    world.publish(fleet_of(many(12)))
    headset = ScriptedHeadset("device-1")
    world.enroll(headset)
    published = False

    def post(body: bytes) -> bytes:
        nonlocal published
        answer = world.post(headset, body)
        if not published:
            published = True
            world.publish(fleet_of((number(CAMERA, 0), *many(12)[3:])))
        return answer

    headset.check_in(post)
    _sessions(headset, lambda body: world.post(headset, body))
    assert headset.nodes[CAMERA] == "0"
    assert f"{CAMERA.rsplit('/', 2)[0]}/Test/Setting000" not in headset.nodes
    assert LOCK not in headset.nodes
    assert world.word() is Compliance.COMPLIANT
    world.database.close()
