"""Loans as values: what is planned, what was done, and the stage that follows from both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum


class ActKind(StrEnum):
    """What was done about one headset of a loan."""

    TEST_CALL = "test-call"
    SHIPPED = "shipped"
    ARRIVED = "arrived"
    RETURNED = "returned"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of an act, not a secret
    WIPED = "wiped"
    LOCK_RELEASED = "lock-released"
    RELEASED = "released"
    """Everything of this loan is done: the headset may go to the next client."""
    VOID = "void"
    """An earlier act was recorded by mistake."""


class Stage(StrEnum):
    """Where a headset is on its way, from first to last."""

    PREPARE = "prepare"
    READY = "ready"
    SHIPPED = "shipped"
    AT_CLIENT = "at-client"
    DUE_BACK = "due-back"
    RETURNED = "returned"
    RELEASED = "released"


class LineState(StrEnum):
    """How a line of the checklist stands."""

    PROVED = "proved"
    """The server saw it itself."""
    ATTESTED = "attested"
    """A person said so: here, or in the fleet file."""
    NOT_NEEDED = "not-needed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as the fleet file plans it.

    Args:
        declared: Days on which the file says that something was done: ``returned``, ``password_reset``, ``wiped``,
            ``test_call``.
        in_file: Whether the fleet file still has it.
        version: Raised by every act.
    """

    id: str
    name: str
    client: str
    site: str
    serials: tuple[str, ...]
    ships: date
    returns: date | None
    declared: Mapping[str, date] = field(default_factory=dict)
    in_file: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done about one headset of a loan. ``corrects``: number of the act that never was."""

    sequence: int
    loan: str
    serial: str
    kind: ActKind
    at: datetime
    actor: str
    note: str = ""
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class NewAct:
    """An act about to be recorded, as :class:`Act` has it."""

    serial: str
    kind: ActKind
    at: datetime
    actor: str
    note: str = ""
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class EnrollmentFact:
    """An enrollment of a headset, newest first among its like. ``lock``: ``never``, ``locked`` or ``released``."""

    client: str
    enrolled_at: datetime
    lock: str


@dataclass(frozen=True, slots=True)
class HeadsetFact:
    """What the server knows of a headset itself.

    Args:
        client: Whose it is in the published fleet; empty where the fleet does not have it.
        lost: Marked lost, or reported lost at the desk.
        holder: Name of who has it on record; empty for nobody.
        wiped_at: Moments in which it accepted a wipe.
    """

    serial: str
    client: str = ""
    lost: bool = False
    holder: str = ""
    enrollments: tuple[EnrollmentFact, ...] = ()
    wiped_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checklist. ``blocks``: while it is open, the headset does not ship, or is not released."""

    what: str
    state: LineState
    why: str
    blocks: bool

    @property
    def stops(self) -> bool:
        """Whether it keeps the headset from going on now."""
        return self.blocks and self.state is LineState.OPEN


@dataclass(frozen=True, slots=True)
class HeadsetOnLoan:
    """One headset of a loan: its stage, what was done, and its checklist before it leaves and once it is back."""

    serial: str
    stage: Stage
    acts: tuple[Act, ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class LoanStatus:
    """A loan with its stage, which is that of the headset that is furthest behind."""

    loan: Loan
    stage: Stage
    overdue: bool
    headsets: tuple[HeadsetOnLoan, ...]


class Done:
    """What was done about one headset of one loan, from acts that were not taken back and from the file."""

    def __init__(self, loan: Loan, serial: str, acts: Iterable[Act]) -> None:
        listed = [act for act in acts if act.loan == loan.id and act.serial == serial]
        void = {act.corrects for act in listed if act.kind is ActKind.VOID}
        self.loan = loan
        self.serial = serial
        self.acts = tuple(act for act in listed if act.kind is not ActKind.VOID and act.sequence not in void)

    def at(self, kind: ActKind) -> datetime | None:
        """When somebody recorded that it was done last; ``None`` where nobody did."""
        return max((act.at for act in self.acts if act.kind is kind), default=None)

    def declared(self, key: str) -> datetime | None:
        """The end of the day on which the fleet file says that it was done, or ``None``."""
        day = self.loan.declared.get(key)
        return None if day is None else datetime.combine(day, time.max, UTC)

    @property
    def shipped_at(self) -> datetime | None:
        """When it left: recorded, or, for what the file says is back, the day of the plan."""
        recorded = self.at(ActKind.SHIPPED)
        if recorded is None and (self.declared("returned") or self.at(ActKind.RETURNED)):
            return datetime.combine(self.loan.ships, time.min, UTC)
        return recorded

    @property
    def returned_at(self) -> datetime | None:
        """When it came back: recorded, or the beginning of the day that the file says."""
        recorded, day = self.at(ActKind.RETURNED), self.loan.declared.get("returned")
        return recorded or (None if day is None else datetime.combine(day, time.min, UTC))


def stage_of(done: Done, today: date, *, stopped: bool) -> Stage:
    """Return the stage of a headset; ``stopped``: something still keeps it from leaving."""
    if done.at(ActKind.RELEASED) is not None:
        return Stage.RELEASED
    if done.returned_at is not None:
        return Stage.RETURNED
    if done.shipped_at is None:
        return Stage.PREPARE if stopped else Stage.READY
    if done.loan.returns is not None and done.loan.returns < today:
        return Stage.DUE_BACK
    return Stage.AT_CLIENT if done.at(ActKind.ARRIVED) is not None else Stage.SHIPPED
