from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.simulator.scripted_server import ScriptedServer

from holofleet.clock import SetClock
from holofleet.simulator import Credential, Headset, HeadsetPlan
from holofleet.simulator.headset.keys import KeyPool
from holofleet.simulator.network import Network

SERIAL = "003421800101"
KEYS = KeyPool()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer(tmp_path) as running:
        yield running


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime.now(UTC))


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that headsets waited before retries."""
    return []


@pytest.fixture
def headset(server: ScriptedServer, clock: SetClock, pauses: list[float]) -> Headset:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    return Headset(
        HeadsetPlan(SERIAL, Credential("enroll@contoso.com", "secret & more")),
        server_url=server.url,
        network=Network(server.ca_file, serial=SERIAL, timeout_s=30),
        keys=KEYS,
        clock=clock,
        pause=pause,
    )


@pytest.fixture
async def enrolled(headset: Headset) -> AsyncIterator[Headset]:
    await headset.enroll()
    assert not headset.violations
    yield headset
    headset.network.close()
