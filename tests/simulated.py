"""One simulated headset for tests: against a server process, or at any address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from holofleet.clock import SystemClock
from holofleet.simulator import Credential, Headset, HeadsetPlan
from holofleet.simulator.faults import Weather
from holofleet.simulator.headset.keys import KeyPool
from holofleet.simulator.network import Network

KEYS = KeyPool()
"""One pool for the whole test run: each key once."""


class Reachable(Protocol):
    """Where a server is, and which CA it is to be trusted by."""

    @property
    def address(self) -> str: ...

    @property
    def ca(self) -> Path: ...


@dataclass(frozen=True)
class Door:
    """An address in front of a server, and the CA by which the server is trusted."""

    address: str
    ca: Path


async def at_once(_seconds: float) -> None:
    """Wait for nothing before a retry."""


def headset_of(
    server: Reachable,
    serial: str,
    credential: Credential,
    *,
    weather: Weather | None = None,
    pause: Callable[[float], Awaitable[object]] = at_once,
    seed: int = 0,
    **plan: Any,
) -> Headset:
    """Return a headset that will enroll at ``server``."""
    return Headset(
        HeadsetPlan(serial, credential, **plan),
        server_url=server.address,
        network=Network(str(server.ca), serial=serial, weather=weather, timeout_s=30),
        keys=KEYS,
        clock=SystemClock(),
        pause=pause,
        seed=seed,
    )
