"""Custody as values: records, where a headset stands, and how sure it is who took it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What was recorded."""

    OUT = "out"
    HAND_OVER = "hand-over"
    IN = "in"
    LOST = "lost"
    FOUND = "found"
    LEFT = "left"
    """Whoever had it has left the organization; nobody brought it back."""
    CORRECTION = "correction"
    """An earlier record was wrong; this one says how it should read."""
    VOID = "void"
    """An earlier record was wrong: it never happened."""


CODE = re.compile(r"\d{6}\Z")
"""What a headset shows when somebody asks it for a code."""

CORRECTIONS = frozenset({Kind.CORRECTION, Kind.VOID})


class Status(StrEnum):
    """Where a headset is."""

    IN = "in"
    OUT = "out"
    LOST = "lost"
    FOUND = "found"
    UNRETURNED = "unreturned"
    """Whoever had it has left; nobody has it on record."""


STATUS_OF = {
    Kind.OUT: Status.OUT,
    Kind.HAND_OVER: Status.OUT,
    Kind.IN: Status.IN,
    Kind.LOST: Status.LOST,
    Kind.FOUND: Status.FOUND,
    Kind.LEFT: Status.UNRETURNED,
}


class Proof(StrEnum):
    """How it is known who took a headset."""

    DESK = "desk"
    """Whoever stood at the desk named them."""
    BADGE = "badge"
    SESSION = "session"
    """They confirmed it in their own signed-in session."""
    PIN = "pin"
    PASSKEY = "passkey"

    @property
    def assurance(self) -> int:
        """How sure that is, from 1 (a badge can be copied or lent) to 3 (SECURITY CUS-1)."""
        return {Proof.PASSKEY: 3, Proof.PIN: 2, Proof.SESSION: 2}.get(self, 1)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a headset, as others see them."""

    id: str
    client: str
    upn: str
    display_name: str

    @property
    def name(self) -> str:
        """The name in a sentence."""
        return self.display_name or self.upn


@dataclass(frozen=True, slots=True)
class CustodyRecord:
    """One record; ``at`` is when it happened, ``recorded_at`` when it was written.

    Args:
        person: Who has the headset from then on; ``None`` where nobody does.
        proof: How that is known; ``None`` where nobody took it.
        expected_at: When it is to be back.
        corrects: Number of the record that a correction is about.
    """

    sequence: int
    serial: str
    client: str
    kind: Kind
    at: datetime
    actor: str
    recorded_at: datetime
    person: Holder | None = None
    proof: Proof | None = None
    expected_at: datetime | None = None
    note: str = ""
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record about to be written, as :class:`CustodyRecord` has it; ``person`` is an id."""

    serial: str
    client: str
    kind: Kind
    at: datetime
    actor: str
    person: str | None = None
    proof: Proof | None = None
    expected_at: datetime | None = None
    note: str = ""
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class HeadsetState:
    """Where a headset stands now. ``sequence`` 0: nothing was ever recorded of it.

    Args:
        name: Its name in the published fleet, where whoever asks is on the headset itself; else empty.
    """

    serial: str
    client: str
    status: Status
    sequence: int = 0
    person: Holder | None = None
    proof: Proof | None = None
    since: datetime | None = None
    expected_at: datetime | None = None
    note: str = ""
    name: str = ""

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been back."""
        return self.status is Status.OUT and self.expected_at is not None and self.expected_at < now


@dataclass(frozen=True, slots=True)
class HeadsetFacts:
    """A headset of the published fleet, as far as custody needs it.

    Args:
        lost: Its enrollment is marked lost: it gets its wipe and nothing else (SECURITY D3).
    """

    serial: str
    name: str
    client: str
    lost: bool


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What the desk sees: what is out (overdue first), what is lost, found or was never brought back.

    Args:
        more: There is more than is listed, of one or the other.
    """

    out: tuple[HeadsetState, ...]
    astray: tuple[HeadsetState, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The answer to who held a headset at a moment; ``until`` is ``None`` while it lasts."""

    serial: str
    at: datetime
    status: Status
    person: Holder | None
    proof: Proof | None
    since: datetime | None
    until: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a reader read at the desk, recognized; either may still be missing."""

    person: Holder | None
    headset: HeadsetState | None
    by_badge: bool = False
