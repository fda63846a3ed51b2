"""Every reply is lost once on its way, by a proxy that sees bytes only; the headset goes on as after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from tests.dropping_proxy import Drops, dropping
from tests.faults.forked_server import ForkedServer, Launcher
from tests.faults.story import Story
from tests.simulated import Door, at_once

from holofleet.simulator import Credential
from holofleet.simulator.faults import FaultKind, NetworkFault, ScriptedWeather
from holofleet.simulator.network import PowerLostError


async def lose_power(_seconds: float) -> None:
    """What a headset does instead of repeating its message."""
    raise PowerLostError


@pytest.mark.parametrize("repeat", [True, False], ids=["the-message-is-repeated", "a-new-session-begins"])
async def test_any_reply_lost_by_a_proxy_loses_and_doubles_nothing(
    tmp_path: Path, forks: Launcher, prepared: tuple[Path, Credential], *, repeat: bool
) -> None:
    template, credential = prepared
    for at in count(1):
        drops = Drops(at=at)

        @contextmanager
        def watched(drops: Drops = drops) -> Iterator[None]:
            drops.armed = True
            try:
                yield
            finally:
                drops.armed = False

        async with dropping(drops) as people, dropping(drops) as device:
            outside = [f"https://127.0.0.1:{proxy.port}" for proxy in (people, device)]
            server = ForkedServer(
                forks,
                template,
                tmp_path / f"at-{at}",
                options=("--url", outside[0], "--device-url", outside[1]),
            )
            people.target, device.target = server.ports
            server.start()
            try:
                door = Door(outside[0], server.ca)
                pause = at_once if repeat else lose_power
                await Story(server, credential, pause, watched, door=door).run()
            finally:
                server.stop()
            assert "Traceback" not in server.log.read_text()
        if not drops.lost:
            break
    assert 20 < drops.count < at


async def test_a_repeated_message_gets_the_very_answer_that_was_lost(
    tmp_path: Path, forks: Launcher, prepared: tuple[Path, Credential]
) -> None:
    """The simulated headset keeps the lost answer beside the new one, and notices a difference."""
    template, credential = prepared
    server = ForkedServer(forks, template, tmp_path / "at")
    server.start()
    try:
        every_other = {number: NetworkFault(FaultKind.DROP_REPLY) for number in range(5, 60, 2)}
        story = Story(server, credential, at_once, weather=ScriptedWeather(by_exchange=every_other))
        await story.run()
        assert story.headset.network.exchanges > 20
    finally:
        server.stop()
