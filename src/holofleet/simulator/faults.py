"""What goes wrong around a headset, on purpose: the network, the battery, the clock, the wearer.

Faults of the network are decided per exchange (one request and its reply) by a :class:`Weather`. Everything
here is a value or a pure decision; :mod:`holofleet.simulator.network` and the headset carry it out.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class FaultKind(StrEnum):
    """What happens to an exchange."""

    DROP_REQUEST = "the connection is lost before the request leaves"
    CUT_REQUEST = "the connection is lost in the middle of the request body"
    DROP_REPLY = "the server answered, and the answer is lost on its way"
    CUT_REPLY = "the connection is lost in the middle of the reply body"
    POWER_LOST_BEFORE = "the headset loses power before the request leaves"
    POWER_LOST_AFTER = "the headset loses power after the server answered, before it read the answer"
    DELAY = "the request leaves late"


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """A fault for one exchange; ``delay_s`` counts for :attr:`FaultKind.DELAY` only."""

    kind: FaultKind
    delay_s: float = 0.0


class Weather(Protocol):
    """Decides the fate of each exchange of a headset."""

    def fault(self, serial: str, exchange: int) -> NetworkFault | None:
        """Return what happens to this exchange (counted from 1 over the headset's life), None for nothing."""
        ...


class FairWeather:
    """Nothing goes wrong."""

    def fault(self, serial: str, exchange: int) -> NetworkFault | None:
        return None


@dataclass
class ScriptedWeather:
    """Faults at stated exchanges, by (serial, exchange) or by exchange for every headset."""

    by_headset: Mapping[tuple[str, int], NetworkFault] = field(default_factory=dict)
    by_exchange: Mapping[int, NetworkFault] = field(default_factory=dict)

    def fault(self, serial: str, exchange: int) -> NetworkFault | None:
        return self.by_headset.get((serial, exchange)) or self.by_exchange.get(exchange)


@dataclass(frozen=True)
class RandomWeather:
    """A share of all exchanges fails; the same seed gives the same weather, whatever runs at the same time.

    Args:
        seed: Any number.
        share: Part of the exchanges that fail, 0 to 1.
        kinds: Which faults occur, equally often.
    """

    seed: int
    share: float
    kinds: tuple[FaultKind, ...] = (
        FaultKind.DROP_REQUEST,
        FaultKind.CUT_REQUEST,
        FaultKind.DROP_REPLY,
        FaultKind.CUT_REPLY,
        FaultKind.POWER_LOST_BEFORE,
        FaultKind.POWER_LOST_AFTER,
    )

    def fault(self, serial: str, exchange: int) -> NetworkFault | None:
        dice = random.Random(f"{self.seed}/{serial}/{exchange}")  # noqa: S311  (a simulation, not a secret)
        return NetworkFault(dice.choice(self.kinds)) if dice.random() < self.share else None
