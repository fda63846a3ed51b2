from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from tests.management_world import World, fleet_of
from tests.scripted_headset import ScriptedHeadset

from holofleet.errors import StorageError
from holofleet.protocols.syncml import parse, render
from holofleet.server.management.batching import AsyncManagement
from holofleet.server.management.service import Answer, Identity

COUNT = 12


class Watched:
    """A store that notes the size of each group, holds the first one until others gathered, and can fail."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.groups: list[int] = []
        self.fails = False
        self.gate = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def store(self, changes: list[Any]) -> Any:
        if not self.groups:
            self.gate.wait(60)
        self.groups.append(len(changes))
        if self.fails:
            raise StorageError("the disk is full")
        return self._store.store(changes)


def fleet(world: World) -> list[ScriptedHeadset]:
    serials = tuple(f"0034217{index:05}" for index in range(COUNT))
    world.publish(fleet_of(serials=serials))
    headsets = [ScriptedHeadset(f"device-{serial}", serial=serial) for serial in serials]
    for headset in headsets:
        world.enroll(headset)
    return headsets


async def first(management: AsyncManagement, world: World, headset: ScriptedHeadset) -> Answer:
    identity = await management.authenticate(world.certificate(headset))
    assert isinstance(identity, Identity)
    return await management.handle(identity, render(headset.first_message()))


async def test_changes_that_come_while_one_is_committed_are_committed_together(world: World) -> None:
    headsets = fleet(world)
    watched = Watched(world.store)
    async with AsyncManagement(world.service, watched, world.clock) as management:
        waiting = [asyncio.create_task(first(management, world, headset)) for headset in headsets]
        await asyncio.sleep(0.3)
        watched.gate.set()
        answers = await asyncio.gather(*waiting)
    assert all(answer.status == 200 for answer in answers)
    assert sum(watched.groups) == COUNT
    assert len(watched.groups) < COUNT


async def test_nothing_leaves_when_a_group_could_not_be_stored(world: World) -> None:
    headsets = fleet(world)
    watched = Watched(world.store)
    watched.fails = True
    watched.gate.set()
    async with AsyncManagement(world.service, watched, world.clock) as management:
        answers = await asyncio.gather(
            *(first(management, world, headset) for headset in headsets), return_exceptions=True
        )
        assert all(isinstance(answer, StorageError) for answer in answers)
        watched.fails = False
        assert (await first(management, world, headsets[0])).status == 200


async def test_two_messages_of_one_headset_at_once_are_not_both_done(world: World) -> None:
    headset = fleet(world)[0]
    one, other = render(headset.first_message()), render(headset.first_message())
    watched = Watched(world.store)
    watched.gate.set()
    async with AsyncManagement(world.service, watched, world.clock) as management:
        identity = await management.authenticate(world.certificate(headset))
        assert isinstance(identity, Identity)
        answers = await asyncio.gather(management.handle(identity, one), management.handle(identity, other))
        again = await management.authenticate(world.certificate(headset))
    assert isinstance(again, Identity)
    sessions = {parse(answer.body).header.session_id for answer in answers}
    assert sessions == {"1", "2"}
    assert again.row.version == identity.row.version + 2


async def test_a_request_that_is_given_up_harms_no_other(world: World) -> None:
    headsets = fleet(world)
    watched = Watched(world.store)
    async with AsyncManagement(world.service, watched, world.clock) as management:
        waiting = [asyncio.create_task(first(management, world, headset)) for headset in headsets]
        await asyncio.sleep(0.3)
        waiting[0].cancel()
        waiting[3].cancel()
        watched.gate.set()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    cancelled = [answer for answer in answers if isinstance(answer, asyncio.CancelledError)]
    assert len(cancelled) == 2
    assert sum(isinstance(answer, Answer) and answer.status == 200 for answer in answers) == COUNT - 2


@pytest.mark.parametrize("body", [b"", b"<a/>", b"\xff\xfe<", b"<SyncML xmlns='SYNCML:SYNCML1.2'>"])
async def test_bytes_that_are_no_message_are_answered_without_a_store(world: World, body: bytes) -> None:
    headset = fleet(world)[0]
    async with AsyncManagement(world.service, world.store, world.clock) as management:
        identity = await management.authenticate(world.certificate(headset))
        assert isinstance(identity, Identity)
        answer = await management.handle(identity, body)
    assert (answer.status, answer.body) in ((400, b""), (415, b""))


async def test_when_a_headset_was_seen_is_not_forgotten_while_the_disk_is_full(world: World) -> None:
    headset = fleet(world)[0]
    world.check_in(headset)
    world.clock.advance(timedelta(hours=1))

    class Full(Watched):
        def seen(self, moments: Any) -> None:
            if self.fails:
                raise StorageError("the disk is full")
            self._store.seen(moments)

    full = Full(world.store)
    full.fails = True
    async with AsyncManagement(world.service, full, world.clock) as management:
        await first(management, world, headset)
        with pytest.raises(StorageError):
            await management.flush()
        full.fails = False
    assert world.detail(headset.serial).summary.last_seen_at == world.clock.now()
