"""The ports through which custody is kept. Each call is one transaction; changes carry their audit record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.custody.values import CustodyRecord, HeadsetFacts, HeadsetState, NewRecord, Status
from holofleet.server.directory import PeopleQuery, Person, PersonPage


class People(Protocol):
    """Who there is; the directory's store is one."""

    def person(self, scope: Scope, key: str) -> Person | None:
        """Return somebody by id or UPN, inside ``scope``."""
        ...

    def page(self, scope: Scope, query: PeopleQuery, *, after: str | None, limit: int) -> PersonPage:
        """Return people of the clients in ``scope``, by UPN."""
        ...


class CustodyStore(Protocol):
    """Keeps records, badges and the codes that headsets show."""

    def headset(self, scope: Scope, key: str) -> HeadsetFacts | None:
        """Return a headset of the published fleet by serial, or by a name that only one has, inside ``scope``."""
        ...

    def state(self, headset: HeadsetFacts) -> HeadsetState:
        """Return where a headset stands; what was recorded of it at an earlier client stays there."""
        ...

    def states(self, scope: Scope, statuses: Iterable[Status], *, limit: int) -> Sequence[HeadsetState]:
        """Return headsets that stand so, those first that are expected back first, then by serial."""
        ...

    def out(self, scope: Scope, serials: Iterable[str]) -> Sequence[HeadsetState]:
        """Return those of these headsets that somebody has now."""
        ...

    def held_by(self, scope: Scope, person: str) -> Sequence[HeadsetState]:
        """Return what somebody holds now, in the same order."""
        ...

    def records(self, scope: Scope, serial: str) -> Sequence[CustodyRecord]:
        """Return all records of a headset at the clients in ``scope``, by number."""
        ...

    def append(self, new: NewRecord, *, expect: int, audit: AuditRecord, recorded_at: datetime) -> CustodyRecord:
        """Write a record after the one with the number ``expect`` (0: the first).

        Raises:
            ConflictError: another record was written in between, or the person left.
        """
        ...

    def by_badge(self, digest: str) -> str | None:
        """Return the id of the person whose badge it is."""
        ...

    def give_badge(
        self, person: str, client: str, digest: str, *, actor: str, at: datetime, audit: AuditRecord
    ) -> None:
        """Give somebody a badge; one that they had before counts no more.

        Raises:
            ConflictError: it is somebody else's.
        """
        ...

    def take_badge(self, person: str, *, at: datetime, audit: AuditRecord) -> bool:
        """Take somebody's badge; false where they have none."""
        ...

    def show_code(self, headset: HeadsetFacts, digest: str, *, expires_at: datetime) -> bool:
        """Keep the code that a headset shows, in place of its last; false where another shows the same."""
        ...

    def code(self, digest: str, *, now: datetime) -> str | None:
        """Return the serial of the headset that shows a code now."""
        ...

    def use_code(self, digest: str, *, now: datetime) -> str | None:
        """Return the serial of the headset that shows a code now; the code counts no more."""
        ...

    def errors(self, subject: str, day: str) -> int:
        """Return how many wrong tries there were on a day."""
        ...

    def count_error(self, subject: str, day: str, client: str, *, by: int = 1) -> int:
        """Count one more wrong try of a day (or, with -1, one less), and return how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class PinRow:
    """Somebody's PIN as it is kept.

    Args:
        person: Id of the person.
        hash: ``None`` where it is void or was never set.
        voided_by: Actor who voided it; empty where it is not void.
        errors: Wrong PINs since the last right one or lock: a lock begins the count anew.
        errors_in_a_row: Wrong PINs since the last right one, whatever was locked between.
        locked_until: ``None`` where it is not locked; one that is past is a lock that is over.
    """

    person: str
    hash: str | None
    set_at: datetime | None
    voided_at: datetime | None
    voided_by: str
    errors: int
    errors_in_a_row: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Limits:
    """When a PIN is locked, and when it ends.

    Args:
        errors: So many wrong PINs lock it,
        lock_s: for so many seconds.
        in_a_row: So many without a right one between void it: its person chooses another.
    """

    errors: int
    lock_s: int
    in_a_row: int


class PinStore(Protocol):
    """Keeps PINs and counts errors, across processes."""

    def pin(self, person: str) -> PinRow | None:
        """Return what is kept of somebody's PIN."""
        ...

    def set(self, person: str, client: str, kept: str, *, at: datetime, audit: AuditRecord) -> None:
        """Keep a PIN that its owner chose; errors are forgotten."""
        ...

    def void(self, person: str, *, by: str, at: datetime, audit: AuditRecord) -> bool:
        """Make a PIN void; false where there is none."""
        ...

    def begin_try(self, person: str, *, now: datetime, limits: Limits) -> PinRow | None:
        """Count a try as an error before it is looked at: tries at one time cannot pass the limit together.

        Returns:
            The row as it was before; with ``locked_until`` to come, or without ``hash``, nothing was counted.
            ``None`` where nobody ever set one.
        """
        ...

    def succeed(self, person: str) -> None:
        """Forget the errors: the PIN was right."""
        ...

    def note(self, audit: AuditRecord, *, at: datetime) -> None:
        """Write a record of something that was refused."""
        ...


@dataclass(frozen=True, slots=True)
class PairingRow:
    """A browser of a headset, or an invitation for one."""

    id: str
    serial: str
    client: str
    actor: str
    made_at: datetime
    expires_at: datetime
    used: bool
    rotated_at: datetime | None = None
    """When its secret changed last; ``None`` for never."""


ROTATION_GRACE: Final = timedelta(seconds=60)
"""How long a secret still counts after its successor was seen."""


class PairingStore(Protocol):
    """Keeps which browser is on which headset."""

    def invite(self, row: PairingRow, digest: str, *, audit: AuditRecord) -> None:
        """Keep an invitation; another for the same headset counts no more."""
        ...

    def accept(self, invitation: str, secret: str, *, new_id: str, now: datetime, expires_at: datetime) -> bool:
        """Turn an invitation (by its digest) into a paired browser (by the digest of its secret), once.

        A browser that was paired with the headset before is so no more. False where there is no such invitation.
        """
        ...

    def paired(self, digest: str, *, now: datetime) -> PairingRow | None:
        """Return the paired browser with a secret of this digest.

        A new secret that is shown for the first time is the only one from then on, but for the answers that are
        on their way (``ROTATION_GRACE``). A secret from before that ends the pairing of original and copy alike,
        with an event and an audit record: nobody can tell which is which.
        """
        ...

    def rotate(self, digest: str, fresh: str, *, now: datetime, expires_at: datetime) -> bool:
        """Give the browser that has one secret another; false where it changed a moment ago or is not paired."""
        ...

    def of(self, headset: HeadsetFacts, *, now: datetime) -> Sequence[PairingRow]:
        """Return the browser that is paired with a headset, and what waits for one (``used`` tells them apart)."""
        ...

    def end(self, headset: HeadsetFacts, *, at: datetime, audit: AuditRecord) -> int:
        """End every pairing and invitation of a headset; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class SecretOwner:
    """Who owns a secret of a shared account, and when it was last reset.

    Args:
        account: UPN of the shared account.
        what: ``pin``, ``second-factor`` or ``password``.
        owner: The team, never a person: people leave.
        due_at: When the next reset is due; at once where none was ever recorded.
    """

    account: str
    account_id: str
    client: str
    what: str
    owner: str
    every_days: int
    reset_at: datetime | None
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class SecretRow:
    """The same as it is kept."""

    account: str
    account_id: str
    client: str
    what: str
    owner: str
    every_days: int
    reset_at: datetime | None


class SecretStore(Protocol):
    """Keeps who owns secrets of shared accounts; never a secret."""

    def rows(self, scope: Scope) -> Sequence[SecretRow]:
        """Return all of the clients in ``scope``, by account."""
        ...

    def unowned(self, scope: Scope) -> Sequence[tuple[str, str]]:
        """Return UPN and client of shared accounts here of which nothing is recorded."""
        ...

    def own(self, row: SecretRow, *, actor: str, at: datetime, audit: AuditRecord) -> None:
        """Record who owns a secret; the day of its last reset stays."""
        ...

    def reset(self, account_id: str, what: str, *, reset_at: datetime, at: datetime, audit: AuditRecord) -> bool:
        """Record a reset; false where nobody owns that secret."""
        ...
