"""The port through which licenses are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from holofleet.errors import ConflictError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Scope
from holofleet.server.licenses.values import Standing


@dataclass(frozen=True, slots=True)
class Assignment:
    """A product that somebody or a group is to get.

    Args:
        number: Grows with each assignment.
        person: UPN; empty for a group.
        group: Name of the group; empty for a person.
        source: ``file`` or ``console``: only who gave it takes it.
        people: How many people it reaches now.
    """

    number: int
    sku: str
    client: str
    person: str
    group: str
    disabled: frozenset[str]
    source: str
    actor: str
    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """An assignment about to be made, to a person or to a group by its id."""

    sku: str
    client: str
    person: str = ""
    group: str = ""
    disabled: frozenset[str] = frozenset()


class RemovalLimitError(ConflictError):
    """More people would lose a product than was said; ``count`` would."""

    def __init__(self, sku: str, count: int, *, at_most: int) -> None:
        super().__init__(f"{count} people would lose {sku}, {at_most} are allowed")
        self.count = count


@dataclass(frozen=True, slots=True)
class Mark:
    """Changes with everything that a report is made of.

    Args:
        counts: Rows of the tables that it is made of, and the newest publication.
        newest: When one of these rows was written last.
    """

    counts: tuple[int, ...]
    newest: datetime | None


class LicenseStore(Protocol):
    """Keeps pools, assignments and grants. Each call is one transaction; changes carry their audit record."""

    def mark(self) -> Mark:
        """Return the mark of now, of the whole installation."""
        ...

    def standing(self, scope: Scope, *, person: str = "") -> Standing:
        """Return how licenses stand for people in ``scope``, or for one of them by id; pools whole."""
        ...

    def assignments(self, scope: Scope, *, source: str, after: int, limit: int) -> tuple[Assignment, ...]:
        """Return assignments within ``scope`` by number; of one source if one is named."""
        ...

    def assign(self, new: NewAssignment, *, at: datetime, audit: AuditRecord) -> None:
        """Assign a product; two callers never get the same seat.

        A direct assignment happens or does not. One of a group stays, with errors at members who could not be
        served, as the directory does it.

        Raises:
            ConflictError: it is assigned already, or a direct one is not possible; the message names the error.
        """
        ...

    def take(self, which: NewAssignment, *, at_most: int, at: datetime, audit: AuditRecord) -> int:
        """Take an assignment back that was made here; return how many people have the product no longer.

        Raises:
            NotFoundError: there is none that was made here.
            RemovalLimitError: more than ``at_most`` people would lose it.
        """
        ...

    def serve_waiting(self, *, at: datetime) -> int:
        """Give seats that became free to those who wait; return how many licenses arrived."""
        ...
