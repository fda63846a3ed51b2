"""What is known of a recording, and how much of it there may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be recorded.

    Args:
        chunk_bytes: Of one upload; the budget allows four times as much, and this is what any page may send.
        bits_per_s: On average since the recording began; ``burst_bytes`` more may have waited for a lost server.
        least_free: Share of the disk below which recordings stop, so that everything else goes on.
    """

    chunk_bytes: int = MIB
    bits_per_s: int = 6_000_000
    burst_bytes: int = 32 * MIB
    lasts: timedelta = timedelta(hours=4)
    bytes_per_client: int = 50 * 1024 * MIB
    least_free: float = 0.10


MOST: Final = Bounds()
TYPES: Final = frozenset({"video/webm", "video/mp4"})
"""What a browser's recorder makes."""


class ConsentAct(StrEnum):
    """What a party did about a recording."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDREW = "withdrew"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One act of one party, with the version of the words that it was shown. ``party`` is empty for the server."""

    party: str
    act: ConsentAct
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordingRecord:
    """A recording as it is listed; nothing of what is in it.

    Args:
        party: The seat of the expert whose browser recorded.
        agreed: Seats of all who had agreed when it began.
        ended_at: ``None`` while it goes on.
        why: Why it ended, or why it was deleted.
        until: When it is deleted, unless it is held.
        held_at, held_by, held_why: A legal hold.
        deleted_at: When its key was deleted, and with it everything that was recorded.
    """

    id: str
    call: str
    client: str
    serial: str
    party: str
    agreed: tuple[str, ...]
    type: str
    started_at: datetime
    ended_at: datetime | None
    why: str
    bytes: int
    chunks: int
    until: datetime
    held_at: datetime | None = None
    held_by: str = ""
    held_why: str = ""
    deleted_at: datetime | None = None

    @property
    def seconds(self) -> int:
        """How long it lasted, or has lasted until its end is known."""
        return round((self.ended_at - self.started_at).total_seconds()) if self.ended_at is not None else 0

    @property
    def is_there(self) -> bool:
        """Whether it can still be read."""
        return self.deleted_at is None
