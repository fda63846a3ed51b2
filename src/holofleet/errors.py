"""The exceptions of holofleet.

Findings are data (:mod:`holofleet.diagnostics`); an exception means unusable input, a broken peer, broken
I/O or our own bug. Each class that a command line user can meet carries the exit status that it ends with.
"""

from __future__ import annotations


class HolofleetError(Exception):
    """Base of all errors that holofleet raises on purpose.

    Args:
        summary: What is wrong, in one line, with the place.
        detail: Why it matters, in full sentences; may be empty.
        mend: What to do about it; may be empty.
    """

    exit_status = 2

    def __init__(self, summary: str, *, detail: str = "", mend: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.mend = mend

    def __str__(self) -> str:
        return " ".join(part for part in (self.summary, self.detail, self.mend) if part)


class InputError(HolofleetError):
    """What the operator gave cannot be used: a file, a flag, a value."""


class PeerError(HolofleetError):
    """The other end of a connection broke the rules of the protocol, or cannot be reached."""


class RefusedError(HolofleetError):
    """The act is not allowed for this principal, or not in this state."""


class ConflictError(HolofleetError):
    """Somebody else changed the thing in between; read again and retry."""


class NotFoundError(HolofleetError):
    """There is no such thing, or not for this principal: both give the same answer (SECURITY ISO-2)."""


class StorageError(HolofleetError):
    """The database cannot be used: unreachable, wrong version, full, or broken."""
