"""Thousands of headsets in one process, with bounded concurrency.

A fleet enrolls its headsets, lets them check in as fast as possible or by their own poll schedules on a given
clock, and tells progress after each headset. The same seed gives the same ids, habits, jitter and weather; only
key material differs between runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from holofleet.clock import Clock, SystemClock, monotonic_s
from holofleet.errors import HolofleetError, InputError, NotFoundError
from holofleet.simulator.faults import Weather
from holofleet.simulator.headset.delivery import Pause
from holofleet.simulator.headset.headset import Headset
from holofleet.simulator.headset.keys import KeyPool
from holofleet.simulator.headset.plan import HeadsetPlan, HeadsetSnapshot, Phase
from holofleet.simulator.headset.session import End
from holofleet.simulator.network import Network, PowerLostError, ServerBusyError, client_context
from holofleet.simulator.violation import ProtocolViolation

_FILE_FORMAT = 1
_ENROLLMENT_TRIES = 10
_NO_SCHEDULE = timedelta(hours=8)
"""How soon a headset without a poll schedule is looked at again."""


class Act(StrEnum):
    """What a headset was asked to do."""

    ENROLL = "enroll"
    CHECK_IN = "check in"


@dataclass(frozen=True, slots=True)
class Progress:
    """One headset has finished an act: how it went, and how far the whole is."""

    act: Act
    serial: str
    outcome: str
    done: int
    total: int


@dataclass(slots=True)
class Tally:
    """How an act went for all its headsets.

    Args:
        outcomes: How often each outcome came (``ok``, an :class:`End`, ``asleep``, or the name of an error).
        problems: The first error of each headset that failed, by serial.
        seconds: How long the whole took.
    """

    act: Act
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many headsets took part."""
        return self.outcomes.total()


def _no_progress(progress: Progress) -> None:
    """Tell nobody."""


class Fleet:
    """The headsets of one simulation.

    Args:
        server_url: Where technicians enroll them, ``https://host:port``.
        ca_file: PEM file with the roots that the headsets trust.
        headsets: Which ones, each with the credential it enrolls with.
        seed: Decides everything but key material.
        clock: Time of the simulation; due polls are judged by it.
        concurrency: Headsets that act at the same time.
        weather: Faults of the network, fair if not given.
        pause: Waits before a retry; :func:`asyncio.sleep` by default.
        timeout_s: Per exchange.
        keep_connections: Whether headsets keep their connection between check-ins. Real ones do for a while only;
            each kept one holds 256 kB of buffers with asyncio's own event loop.

    Raises:
        InputError: a serial twice, or a CA file that cannot be read.
    """

    def __init__(
        self,
        *,
        server_url: str,
        ca_file: str,
        headsets: Iterable[HeadsetPlan],
        seed: int = 0,
        clock: Clock | None = None,
        concurrency: int = 64,
        weather: Weather | None = None,
        pause: Pause = asyncio.sleep,
        timeout_s: float = 30.0,
        keep_connections: bool = False,
        progress: Callable[[Progress], None] = _no_progress,
    ) -> None:
        self._clock = clock or SystemClock()
        self._server_url = server_url
        self._seed = seed
        self._pause = pause
        self._concurrency = concurrency
        self._keep_connections = keep_connections
        self._progress = progress
        keys = KeyPool()
        try:
            anonymous = client_context(ca_file)
        except OSError as error:
            raise InputError(f"the CA file {ca_file} cannot be used: {error}") from error
        self._headsets: dict[str, Headset] = {}
        for plan in headsets:
            if plan.serial in self._headsets:
                raise InputError(f"serial {plan.serial} stands twice in the simulated fleet")
            self._headsets[plan.serial] = Headset(
                plan,
                server_url=server_url,
                network=Network(
                    ca_file, serial=plan.serial, weather=weather, timeout_s=timeout_s, anonymous=anonymous
                ),
                keys=keys,
                clock=self._clock,
                pause=pause,
                seed=seed,
            )

    @property
    def headsets(self) -> Mapping[str, Headset]:
        """All headsets by serial."""
        return self._headsets

    def headset(self, serial: str) -> Headset:
        """Return one headset.

        Raises:
            NotFoundError: no such serial.
        """
        try:
            return self._headsets[serial]
        except KeyError:
            raise NotFoundError(f"no simulated headset has the serial {serial}") from None

    @property
    def violations(self) -> dict[str, tuple[ProtocolViolation, ...]]:
        """What the headsets noticed about the server, by serial; empty for a server without fault."""
        return {serial: tuple(h.violations) for serial, h in self._headsets.items() if h.violations}

    def snapshot(self) -> tuple[HeadsetSnapshot, ...]:
        """Return what there is to say about each headset now, in the order given."""
        return tuple(headset.snapshot() for headset in self._headsets.values())

    async def enroll(self, serials: Iterable[str] | None = None) -> Tally:
        """Enroll the named headsets, or all that are not enrolled. Failures are in the tally.

        Whoever is asked to come again later tries again, up to ten times, as a technician would.
        """
        chosen = self._chosen(serials, lambda h: h.phase is not Phase.ENROLLED and not h.stranded)
        return await self._run(Act.ENROLL, chosen, self._enroll)

    async def check_in(self, serials: Iterable[str] | None = None) -> Tally:
        """Let the named headsets check in once, or all that are enrolled, as fast as possible."""
        chosen = self._chosen(serials, lambda h: h.phase is Phase.ENROLLED)
        return await self._run(Act.CHECK_IN, chosen, self._check_in)

    async def follow_schedule(self, stop: asyncio.Event, *, speed: float = 1.0) -> None:
        """Let each headset check in by its own poll schedule until ``stop`` is set.

        Args:
            stop: Ends the run; check-ins under way are finished.
            speed: How many times faster than its schedule a headset polls (60: a minute becomes a second).
        """
        gate = asyncio.Semaphore(self._concurrency)
        async with asyncio.TaskGroup() as group:
            for headset in self._headsets.values():
                group.create_task(self._poll(headset, stop, gate, speed))

    async def _poll(self, headset: Headset, stop: asyncio.Event, gate: asyncio.Semaphore, speed: float) -> None:
        """Let one headset follow its schedule; the first poll comes somewhere within the first interval."""
        dice = random.Random(f"polls/{self._seed}/{headset.plan.serial}")  # noqa: S311  (a simulation, not a secret)
        part = dice.random()
        while await _sleep_unless(
            stop, part * (headset.next_poll_after() or _NO_SCHEDULE).total_seconds() / speed
        ):
            if headset.phase is Phase.ENROLLED:
                async with gate:
                    await self._one(Act.CHECK_IN, headset, self._check_in, Tally(Act.CHECK_IN), 0)
            part = dice.uniform(0.95, 1.05)  # so that headsets do not poll in step

    async def check_in_due(self, since: datetime) -> Tally:
        """Let those check in whose schedule says so by now, on the given clock.

        Args:
            since: When headsets that never checked in began to wait.
        """
        now = self._clock.now()

        def due(headset: Headset) -> bool:
            wait = headset.next_poll_after()
            return wait is not None and (headset.last_check_in or since) + wait <= now

        return await self.check_in([serial for serial, headset in self._headsets.items() if due(headset)])

    def save(self, path: Path) -> None:
        """Write all headsets to a file, readable by its owner only: it holds their private keys."""
        value = {
            "format": _FILE_FORMAT,
            "server_url": self._server_url,
            "headsets": {serial: headset.to_json() for serial, headset in self._headsets.items()},
        }
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(value, file)
        draft.replace(path)

    def restore(self, path: Path) -> int:
        """Go on as the headsets of a file that :meth:`save` wrote; return how many of this fleet were in it.

        Raises:
            InputError: not such a file, or one of another server.
        """
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            if value["format"] != _FILE_FORMAT:
                raise ValueError(f"format {value['format']} is not {_FILE_FORMAT}")
            if value["server_url"] != self._server_url:
                raise ValueError(f"it belongs to the server {value['server_url']}")
            saved = {serial: one for serial, one in value["headsets"].items() if serial in self._headsets}
            for serial, one in saved.items():
                self._headsets[serial].restore(one)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} holds no simulated headsets of this fleet", detail=str(error)) from error
        return len(saved)

    def close(self) -> None:
        """Close all connections."""
        for headset in self._headsets.values():
            headset.network.close()

    def _chosen(self, serials: Iterable[str] | None, wanted: Callable[[Headset], bool]) -> list[Headset]:
        if serials is None:
            return [headset for headset in self._headsets.values() if wanted(headset)]
        return [self.headset(serial) for serial in serials]

    async def _enroll(self, headset: Headset) -> str:
        for _ in range(_ENROLLMENT_TRIES - 1):
            try:
                await headset.enroll()
            except ServerBusyError as error:
                await self._pause(error.wait_s)
            else:
                return "ok"
        await headset.enroll()
        return "ok"

    async def _check_in(self, headset: Headset) -> str:
        record = await headset.check_in()
        if not self._keep_connections:
            headset.network.close()
        if record is None:
            return "asleep"
        return "ok" if record.end in (End.COMPLETED, End.UNENROLLED) else str(record.end)

    async def _run(self, act: Act, headsets: list[Headset], do: Callable[[Headset], Awaitable[str]]) -> Tally:
        tally = Tally(act)
        started = monotonic_s()
        waiting = iter(headsets)

        async def worker() -> None:
            for headset in waiting:
                await self._one(act, headset, do, tally, len(headsets))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._concurrency, len(headsets))):
                group.create_task(worker())
        tally.seconds = monotonic_s() - started
        return tally

    async def _one(
        self, act: Act, headset: Headset, do: Callable[[Headset], Awaitable[str]], tally: Tally, total: int
    ) -> None:
        try:
            outcome = await do(headset)
        except PowerLostError:
            headset.restart()
            outcome = str(End.POWER_LOST)
        except HolofleetError as error:
            outcome = _in_words(type(error).__name__)
            tally.problems.setdefault(headset.plan.serial, str(error))
        tally.outcomes[outcome] += 1
        self._progress(Progress(act, headset.plan.serial, outcome, tally.total, total))


def _in_words(name: str) -> str:
    """Return the name of an error as words: ``enrollment refused`` for ``EnrollmentRefusedError``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Error")).lower()


async def _sleep_unless(stop: asyncio.Event, seconds: float) -> bool:
    """Sleep, and return False at once when ``stop`` is set."""
    try:
        await asyncio.wait_for(stop.wait(), timeout=max(0.0, seconds))
    except TimeoutError:
        return True
    return False
