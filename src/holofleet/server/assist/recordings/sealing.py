"""Keys and seals of recordings: deleting a key deletes the recording, and nothing can be left out unnoticed.

Each recording has a key of its own, wrapped under a key of the installation and bound to its id. Each chunk is
sealed with AES-256-GCM, bound to the id, its number and whether it is the last; the last one is empty and closes
the recording, so that a missing end is noticed as a missing middle is. Nonces are drawn for each chunk and lie in
the database alone: a file whose row was never stored opens with no key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holofleet.errors import StorageError

_KEY: Final = 32
_NONCE: Final = 12


class BrokenSealError(StorageError):
    """What was kept of a recording is not what was sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A chunk as it is kept: the nonce in the database, the rest in a file."""

    nonce: bytes
    body: bytes


class RecordingKey:
    """The key of one recording, while it is used. Never shown."""

    def __init__(self, recording: str, key: bytes) -> None:
        self._recording = recording
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return f"RecordingKey({self._recording!r})"

    def seal(self, number: int, plain: bytes) -> Sealed:
        """Seal a chunk."""
        nonce = os.urandom(_NONCE)
        return Sealed(nonce, self._cipher.encrypt(nonce, plain, self._bound_to(number, last=False)))

    def opened(self, number: int, sealed: Sealed) -> bytes:
        """Return what a chunk holds.

        Raises:
            BrokenSealError: it was changed, or is another chunk.
        """
        return self._opened(number, sealed, last=False)

    def close(self, count: int) -> bytes:
        """Return the empty chunk after the last one, which says that there are ``count``."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, b"", self._bound_to(count, last=True))

    def require_closed(self, count: int, mark: bytes) -> None:
        """Check that a recording ends after ``count`` chunks.

        Raises:
            BrokenSealError: it does not: chunks were taken away or added at the end.
        """
        self._opened(count, Sealed(mark[:_NONCE], mark[_NONCE:]), last=True)

    def _opened(self, number: int, sealed: Sealed, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(sealed.nonce, sealed.body, self._bound_to(number, last=last))
        except (InvalidTag, ValueError) as error:
            what = "its end" if last else f"chunk {number}"
            raise BrokenSealError(
                f"the recording is damaged: {what} is not what was recorded",
                detail="Its files or its rows were changed after they were written.",
                mend="Restore the folder of recordings and the database from one and the same backup.",
            ) from error

    def _bound_to(self, number: int, *, last: bool) -> bytes:
        return f"holofleet recording 1\x00{self._recording}\x00{number}\x00{int(last)}".encode("ascii")


class Sealing:
    """Makes keys of recordings and wraps them under a key of the installation."""

    def __init__(self, key: bytes) -> None:
        """Take the key that wraps; it lies outside the database."""
        self._cipher = AESGCM(key)

    def new_key(self, recording: str) -> bytes:
        """Return a new key, wrapped."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, os.urandom(_KEY), self._bound_to(recording))

    def key(self, recording: str, wrapped: bytes) -> RecordingKey:
        """Return the key that was wrapped for a recording.

        Raises:
            BrokenSealError: it was changed, is another recording's or another installation's.
        """
        try:
            plain = self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], self._bound_to(recording))
        except (InvalidTag, ValueError) as error:
            raise BrokenSealError(
                "the key of the recording cannot be opened",
                detail="It was changed, or it was wrapped under another key encryption key.",
                mend="Restore keys/ and the database from one and the same backup.",
            ) from error
        return RecordingKey(recording, plain)

    @staticmethod
    def _bound_to(recording: str) -> bytes:
        return f"holofleet recording key 1\x00{recording}".encode("ascii")
