"""What headsets cost the server: enrollment, first convergence, idle check-ins; each beside its bare limit."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import fleet
from bench.control import ServerProcess
from bench.figures import Figure, Section, rate, ratio
from bench.load import Caller, connect_and_ask, keep_asking
from bench.machine import postgres_cpu_s
from bench.reference import CONSTANT_PATH, READ_PATH
from holofleet.simulator import Credential, Fleet, HeadsetPlan, Tally

MANAGE = "/ManagementServer/Manage.svc?mode=Maintenance&Platform=WoA"
US = 1e6
ENROLL_AT_ONCE = 8
CONNECT_AT_ONCE = 16
LEAST_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Args:
        groups: Rounds of enrollment and of first convergence, each with ``group`` headsets of their own.
        callers: Connections of the idle rounds.
        rounds: Idle rounds, each with ``each`` check-ins of every caller.
        patience_s: After this long no further round begins, of either kind, once there are two: a slow or busy
            machine measures less, and does not take longer.
    """

    groups: int
    group: int
    callers: int
    rounds: int
    each: int
    counted: int = 8
    signatures: int = 200
    patience_s: float = 30.0

    @property
    def headsets(self) -> int:
        """All that enroll."""
        return self.counted + self.groups * self.group


FULL = Sizes(groups=5, group=32, callers=64, rounds=9, each=40)
QUICK = Sizes(groups=2, group=12, callers=16, rounds=3, each=25, counted=6, signatures=60, patience_s=5.0)
ONCE = Sizes(groups=1, group=3, callers=2, rounds=1, each=3, counted=6, signatures=5, patience_s=5.0)


@dataclass(frozen=True, slots=True)
class Moment:
    """Clocks at one moment: the wall's, the server process's, and that of the database's processes."""

    wall_s: float
    server_s: float
    database_s: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of ``number`` equal things cost, in microseconds."""

    wall: float
    server: float
    database: float

    @classmethod
    def between(cls, before: Moment, after: Moment, number: int) -> Cost:
        """Return the cost of each."""
        return cls(
            (after.wall_s - before.wall_s) / number * US,
            (after.server_s - before.server_s) / number * US,
            (after.database_s - before.database_s) / number * US,
        )


class Sessions:
    """The measurements on one database. Run :meth:`measure` once.

    Args:
        server: The server process, empty.
        sizes: How much.
        postgres: Folder of the PostgreSQL cluster, if that is the database.
    """

    def __init__(self, server: ServerProcess, sizes: Sizes, *, postgres: Path | None = None) -> None:
        self._server = server
        self._sizes = sizes
        self._postgres = postgres
        self._callers: list[Caller] = []
        self._first_sessions: list[float] = []
        self._messages = 0
        self._bare: dict[str, float] = {}
        given = server.order("publish", headsets=sizes.headsets)
        credential = Credential(given["username"], given["password"])
        self._fleet = Fleet(
            server_url=server.people,
            ca_file=server.ca,
            headsets=[HeadsetPlan(fleet.serial(number), credential) for number in range(sizes.headsets)],
            concurrency=ENROLL_AT_ONCE,
        )

    async def measure(self, title: str) -> list[Section]:
        """Return everything, in sections."""
        try:
            enrolled, converged = await self._first_contact()
            self._callers = [
                Caller.of(self._fleet.headset(serial), self._server.ca)
                for serial in self._serials(0, self._sizes.callers)
            ]
            idle = await self._idle()
            converged.append(self._against_bare())
            counts = await self._count()
            return [
                Section(f"{title}: idle check-in (one message, nothing is due)", idle),
                Section(f"{title}: first convergence of {fleet.SETTINGS} settings", converged),
                Section(f"{title}: enrollment", enrolled),
                Section(f"{title}: statements, as counted at the driver", counts),
            ]
        finally:
            self._fleet.close()

    def _moment(self) -> Moment:
        database = postgres_cpu_s(self._postgres) if self._postgres else 0.0
        return Moment(time.perf_counter(), self._server.cpu_s(), database)

    def _serials(self, first: int = 0, number: int | None = None) -> list[str]:
        last = self._sizes.headsets if number is None else first + number
        return [fleet.serial(number) for number in range(first, last)]

    # First contact

    async def _first_contact(self) -> tuple[list[Figure], list[Figure]]:
        sizes = self._sizes
        enrollments, sessions, signatures = [], [], []
        patience = _Patience(sizes.patience_s)
        for group in range(sizes.groups):
            if patience.ends(after=group):
                break
            serials = self._serials(group * sizes.group, sizes.group)
            before = self._moment()
            _require_good(await self._fleet.enroll(serials), self._fleet)
            between = self._moment()
            _require_good(await self._fleet.check_in(serials), self._fleet)
            after = self._moment()
            enrollments.append(Cost.between(before, between, sizes.group))
            sessions.append(Cost.between(between, after, sizes.group))
            signed = self._server.order("sign", times=sizes.signatures)
            signatures.append(signed["cpu_s"] / sizes.signatures * US)
        record = self._fleet.headset(self._serials()[0]).records[-1]
        issued = [cost.server for cost in enrollments]
        settled = [cost.server for cost in sessions]
        self._first_sessions, self._messages = settled, record.messages
        return (
            [
                rate("enrollments", issued, "per core of server: TLS, discovery, policy, certificate"),
                Figure("processor time of one", "us", tuple(issued)),
                *self._database("database processes beside it", enrollments),
                Figure(
                    "bare signature of a certificate", "us", tuple(signatures), "RSA-2048 key, device CA's key"
                ),
                ratio("enrollment / bare signature", issued, signatures),
            ],
            [
                rate("first sessions", settled, "per core of server, each on a new mutual-TLS connection"),
                Figure("processor time of one", "us", tuple(settled)),
                Figure("processor time of one message", "us", tuple(cost / record.messages for cost in settled)),
                *self._database("database processes beside it", sessions),
                Figure("messages from the headset", "", (record.messages,)),
                Figure("bytes from the headset", "bytes", (record.bytes_sent,), "SyncML, without HTTP and TLS"),
                Figure("bytes to the headset", "bytes", (record.bytes_received,)),
            ],
        )

    def _database(self, name: str, costs: Iterable[Cost]) -> list[Figure]:
        return [Figure(name, "us", tuple(cost.database for cost in costs))] if self._postgres else []

    # Idle

    async def _idle(self) -> list[Figure]:
        server = self._server
        await self._adopt_size()
        targets = {
            "constant": (server.bare_port, CONSTANT_PATH),
            "read": (server.bare_port, READ_PATH),
            "idle": (server.device_port, MANAGE),
        }
        kept: dict[str, list[Cost]] = {name: [] for name in targets}
        new: dict[str, list[Cost]] = {"constant": [], "idle": []}
        patience = _Patience(self._sizes.patience_s)
        for done in range(self._sizes.rounds):
            if patience.ends(after=done):
                break
            for name, (port, path) in targets.items():
                kept[name].append(await self._keep_asking(port, path))
            for name, costs in new.items():
                costs.append(await self._connect(*targets[name]))
        cost = {name: [one.server for one in costs] for name, costs in kept.items()}
        cost |= {f"new {name}": [one.server for one in costs] for name, costs in new.items()}
        self._bare = {name: median(cost[name]) for name in ("constant", "new constant")}
        wall = [one.wall for one in kept["idle"]]
        return [
            rate("check-ins on kept connections", cost["idle"], "per core of server"),
            rate("the same by the wall clock", wall, "the load client takes part of this"),
            Figure("processor time of one", "us", tuple(cost["idle"])),
            *self._database("database processes beside it", kept["idle"]),
            Figure("bare: constant answer", "us", tuple(cost["constant"]), "same listener code, TLS and HTTP"),
            Figure(
                "bare: with one indexed read", "us", tuple(cost["read"]), "driver alone, one hop into a thread"
            ),
            ratio("check-in / bare constant", cost["idle"], cost["constant"]),
            ratio("check-in / bare with one read", cost["idle"], cost["read"]),
            rate("check-ins, each on a new connection", cost["new idle"], "as real headsets come, mutual TLS"),
            Figure("processor time of one, with its connection", "us", tuple(cost["new idle"])),
            Figure("bare: constant on a new connection", "us", tuple(cost["new constant"])),
            ratio("check-in / bare, each on a new connection", cost["new idle"], cost["new constant"]),
        ]

    def _against_bare(self) -> Figure:
        """Return what a first session costs beside one connection and as many constant answers as messages."""
        bare = self._bare["new constant"] + (self._messages - 1) * self._bare["constant"]
        return Figure(
            "session / bare answers of its messages", "x", tuple(cost / bare for cost in self._first_sessions)
        )

    async def _adopt_size(self) -> None:
        """Let the reference answer with as many bytes as an idle check-in gets."""
        serial = self._serials()[0]
        _require_good(await self._fleet.check_in([serial]), self._fleet)
        record = self._fleet.headset(serial).records[-1]
        if record.messages != 1:
            raise RuntimeError(f"something is due: a converged headset needed {record.messages} messages")
        self._server.order("answer", size=record.bytes_received)

    async def _keep_asking(self, port: int, path: str) -> Cost:
        each = self._sizes.each
        before, after = await keep_asking(self._callers, port, path, each=each, measured=self._moment)
        return Cost.between(before, after, each * len(self._callers))

    async def _connect(self, port: int, path: str) -> Cost:
        before, after = await connect_and_ask(
            self._callers, port, path, at_once=CONNECT_AT_ONCE, measured=self._moment
        )
        return Cost.between(before, after, len(self._callers))

    # Statements

    async def _count(self) -> list[Figure]:
        """Count the statements of a few headsets, apart from all timing."""
        serials = self._serials(self._sizes.headsets - self._sizes.counted, self._sizes.counted)
        self._server.order("count", on=True)
        _require_good(await self._fleet.enroll(serials), self._fleet)
        enrollment = self._server.order("count", on=True)
        for serial in serials:  # one at a time: several at once share reads and commits
            _require_good(await self._fleet.check_in([serial]), self._fleet)
        session = self._server.order("count", on=True)
        self._server.order("flush")
        self._server.order("count", on=True)
        times = 5
        for _ in range(times):
            for serial in serials:
                _require_good(await self._fleet.check_in([serial]), self._fleet)
        idle = self._server.order("count", on=True)
        self._server.order("flush")
        flush = self._server.order("count", on=False)
        number = len(serials)
        seen, commits = (idle[name] + flush[name] for name in ("seen", "seen commits"))
        gathered = f"for {number * times} check-ins, in {commits} transactions, after the answers have left"
        return [
            *_counted("idle check-in", idle, number * times),
            Figure("when they were last seen: updates", "", (seen,), gathered),
            *_counted("first convergence", session, number),
            *_counted("enrollment", enrollment, number),
        ]


class _Patience:
    """Says when enough time went into rounds."""

    def __init__(self, seconds: float) -> None:
        self._until = time.perf_counter() + seconds

    def ends(self, *, after: int) -> bool:
        """Whether no further round begins, after so many."""
        return after >= LEAST_ROUNDS and time.perf_counter() > self._until


def _counted(name: str, counts: dict[str, int], number: int) -> list[Figure]:
    parts = [Figure(f"{name}: {kind}", "", (counts[kind] / number,)) for kind in ("reads", "writes", "commits")]
    if counts["others"]:
        parts.append(Figure(f"{name}: other statements", "", (counts["others"] / number,)))
    return parts


def _require_good(tally: Tally, simulated: Fleet) -> None:
    """End the run when a headset failed: numbers of refusals are worth nothing."""
    for serial, problem in tally.problems.items():
        raise RuntimeError(f"headset {serial}: {problem}")
    if set(tally.outcomes) != {"ok"}:
        raise RuntimeError(f"not every headset went through: {dict(tally.outcomes)}")
    for serial, found in simulated.violations.items():
        raise RuntimeError(f"headset {serial} noticed: {found[0]}")
