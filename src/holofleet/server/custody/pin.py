"""A PIN as it is kept: argon2id over a keyed digest, whose key lies outside the database.

Six digits fall to any search without a lock: whoever has a copy of the database has no lock in the way. The key,
called pepper, makes the copy alone worth nothing (SECURITY LEAK-1).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from itertools import pairwise
from typing import Final

from holofleet.errors import InputError, RefusedError

DIGITS: Final = re.compile(r"[0-9]{6,12}\Z")
AT_ONCE: Final = 2
WAITING: Final = 20
"""Hashes that run at one time and that wait: one takes 64 MiB (SECURITY 5.5)."""


class PinHasher:
    """Hashes and verifies, a few at a time."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._running = threading.BoundedSemaphore(AT_ONCE)
        self._places = threading.BoundedSemaphore(AT_ONCE + WAITING)

    def hash(self, person: str, pin: str) -> str:
        """Return what is kept of a PIN.

        Raises:
            RefusedError: too many wait already.
        """
        from argon2 import PasswordHasher

        with _Place(self._places), self._running:
            return PasswordHasher().hash(self._bound(person, pin))

    def matches(self, kept: str, person: str, pin: str) -> bool:
        """Tell whether a PIN is the one that was kept for this person.

        Raises:
            RefusedError: too many wait already.
        """
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        with _Place(self._places), self._running:
            try:
                return PasswordHasher().verify(kept, self._bound(person, pin))
            except (VerificationError, InvalidHashError):
                return False

    def _bound(self, person: str, pin: str) -> bytes:
        return hmac.new(self._pepper, f"{person}\x00{pin}".encode(), hashlib.sha256).digest()


class _Place:
    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places

    def __enter__(self) -> None:
        if not self._places.acquire(blocking=False):
            raise RefusedError("too many people type their PIN at this moment", mend="Try again in a moment.")

    def __exit__(self, *_: object) -> None:
        self._places.release()


def require_good(pin: str) -> None:
    """Go on if a PIN may be chosen.

    Raises:
        InputError: not 6 to 12 digits, or one that is tried first.
    """
    if not DIGITS.match(pin):
        raise InputError("a PIN has 6 to 12 digits")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    halves = len(pin) % 2 == 0 and pin[: len(pin) // 2] == pin[len(pin) // 2 :]
    pairs = len(set(pin)) <= 2
    if (len(steps) == 1 and steps <= {0, 1, 9}) or halves or pairs:
        raise InputError(
            "this PIN is one of the first that somebody tries",
            mend="Not a row, not a repetition, three digits at least.",
        )
