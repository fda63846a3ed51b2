"""Emulated tenants for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx2
import pytest
from tests.unit.emulator.world import START, World

from holofleet.clock import SetClock
from holofleet.emulator import Delays, Emulator, Settings, Sku, new_tenant
from holofleet.emulator.tenant.seed import DEFAULT_SKUS
from holofleet.emulator.transport import InProcess


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Make a world with other settings than the usual ones."""
    clients: list[httpx2.Client] = []

    def make(
        *,
        delays: Delays | None = None,
        skus: Sequence[Sku] = DEFAULT_SKUS,
        page_sizes: Mapping[str, int] | None = None,
        delegated: bool = False,
        **more: Any,
    ) -> World:
        clock = SetClock(START)
        settings = Settings(delays=delays or Delays(), page_sizes=page_sizes or {}, delegated=delegated)
        held = new_tenant(clock, settings, skus=skus)
        emulator = Emulator(held, **more)
        clients.append(httpx2.Client(transport=InProcess(emulator), base_url="http://127.0.0.1"))
        return World(clock, held, emulator, clients[-1])

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world in which everything happens at once and nothing goes wrong."""
    return make_world()
