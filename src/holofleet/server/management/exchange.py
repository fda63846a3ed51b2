"""What a session asks of its store, as values: the deciding part stays free of waiting.

The work of one message is a generator that yields these and is sent the answer, so that one piece of code runs
directly in tests and grouped with others on the server.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from holofleet.resources import Document
from holofleet.server.events import NewEvent
from holofleet.server.management.row import DesiredHeadset, EnrollmentRow
from holofleet.server.orders import Order, OrderUpdate


@dataclass(frozen=True, slots=True)
class Holder:
    """The enrollment that holds a serial.

    ``free``: wiped, left or retired, so a newcomer may take over. ``locked``: its tenant lock may still be on.
    """

    enrollment: str
    free: bool
    locked: bool = False


@dataclass(frozen=True, slots=True)
class SerialFacts:
    """What is known of a serial: the published headset, and who holds it."""

    client: str | None
    headset: DesiredHeadset | None
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer to the last message. ``key`` names that message; secrets stand in ``body`` by reference."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that one message changed: stored as one transaction, or not at all.

    Args:
        row: The row that it was decided on; a change of a row that has moved on is refused.
        values: Columns of the enrollment by name.
        take_over: Enrollment that gives its serial to this one.
    """

    row: EnrollmentRow
    at: datetime
    values: Mapping[str, Any]
    answer: StoredAnswer | None = None
    orders: tuple[OrderUpdate, ...] = ()
    events: tuple[NewEvent, ...] = ()
    take_over: str | None = None


@dataclass(frozen=True, slots=True)
class FindRow:
    """Ask for the row of a certificate; answered by :class:`EnrollmentRow` or ``None``."""

    certificate_sha256: str


@dataclass(frozen=True, slots=True)
class FindDocument:
    """Ask for a document by hash."""

    hash: str


@dataclass(frozen=True, slots=True)
class FindOrders:
    """Ask for the open orders of an enrollment, oldest first, and whether all orders are frozen."""

    enrollment: str


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """The answer to :class:`FindOrders`."""

    orders: tuple[Order, ...] = field(default=())
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """Ask for the stored answer of an enrollment."""

    enrollment: str


@dataclass(frozen=True, slots=True)
class FindSerial:
    """Ask what is known of a serial."""

    serial: str


@dataclass(frozen=True, slots=True)
class Store:
    """Ask for a change to be stored; answered by whether it was (false: the row has moved on)."""

    change: Change


Request: TypeAlias = FindRow | FindDocument | FindOrders | FindAnswer | FindSerial | Store
Steps: TypeAlias = Generator[Request, Any, Any]


class ManagementStore(Protocol):
    """The port to the database for sessions."""

    def rows(self, certificates: list[str], /) -> dict[str, EnrollmentRow]:
        """Return the rows of certificates (SHA-256, hex) that are known, in one statement."""
        ...

    def document(self, hash_: str, /) -> Document:
        """Return a document. Raises StorageError if there is none."""
        ...

    def open_orders(self, enrollment: str, /) -> OpenOrders:
        """Return the open orders of an enrollment, oldest first, and whether all orders are frozen."""
        ...

    def answer(self, enrollment: str, /) -> StoredAnswer | None:
        """Return the stored answer of an enrollment."""
        ...

    def serial(self, serial: str, /) -> SerialFacts:
        """Return what is known of a serial."""
        ...

    def store(self, changes: list[Change], /) -> list[bool]:
        """Store changes, each whole or not at all, together in one transaction where that works.

        Returns:
            For each change whether it was stored; false when its row has moved on, or when another enrollment
            took the serial in between.
        """
        ...

    def seen(self, moments: Mapping[str, datetime], /) -> None:
        """Store when enrollments were last seen; touches nothing else of their rows."""
        ...
