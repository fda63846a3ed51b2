"""Envelope encryption: what lies outside as sealed boxes, under keys that lie elsewhere.

A box is sealed with AES-256-GCM (NIST SP 800-38D) under a 256-bit key and bound to its context: what it is and
whose it is, as associated data, so that no box can stand in for another. It names its key by an id that tells
nothing of the key: a box of another key is told apart from a damaged one. Nonces are 96 random bits, good for
2^32 boxes of one key (section 8.3 there); what seals more than that takes a data key for each thing.

A data key is drawn at random and lies beside what it seals, wrapped in a box of the key above it: deleting it
deletes everything that it sealed. Where a key comes from is not said here
(:mod:`holofleet.server.installation`), nor what a box is for.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holofleet.errors import StorageError

KEY_BYTES: Final = 32
_VERSION: Final = 1
_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_HEADER_BYTES: Final = 1 + _ID_BYTES + _NONCE_BYTES
_TAG_BYTES: Final = 16

Context = tuple[str, ...]
"""What a box is and whose it is, its kind first: ``("recording chunk", id, "3")``. It is not kept in the box."""


class DamagedError(StorageError):
    """What was sealed cannot be opened: it was changed, belongs elsewhere, or was sealed under another key."""

    def __init__(self, summary: str, *, detail: str = "", mend: str = "", is_other_key: bool = False) -> None:
        super().__init__(summary, detail=detail, mend=mend)
        self.is_other_key = is_other_key

    def named(self, summary: str, *, mend: str = "") -> DamagedError:
        """Return the same fault in the words of whoever knows what was in the box."""
        return DamagedError(summary, detail=self.detail, mend=mend, is_other_key=self.is_other_key)


@dataclass(frozen=True, slots=True)
class SealedBox:
    """What lies outside. Its two parts may be kept apart: neither says anything without the other.

    Args:
        header: The version of this form, the id of the key, the nonce: 21 bytes.
        body: What was sealed and the tag: 16 bytes longer than it.
    """

    header: bytes
    body: bytes

    def __bytes__(self) -> bytes:
        return self.header + self.body

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Take a box apart. Nothing is judged here: :meth:`SealingKey.open` does."""
        return cls(raw[:_HEADER_BYTES], raw[_HEADER_BYTES:])


class SealingKey:
    """A key that seals and opens boxes. Never shown: its text form names its id alone."""

    def __init__(self, key: bytes) -> None:
        """Take a key.

        Raises:
            ValueError: it has not 32 bytes.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)
        self._id = hashlib.sha256(b"holofleet sealing key id\x00" + key).digest()[:_ID_BYTES]

    def __repr__(self) -> str:
        return f"SealingKey(id={self.id!r})"

    @property
    def id(self) -> str:
        """The name of the key in every box of it: 16 hexadecimal digits, from which the key cannot be found."""
        return self._id.hex()

    def seal(self, plain: bytes, *, context: Context) -> SealedBox:
        """Return a new box; the same content gives another box each time."""
        return self._seal(plain, b"box", context)

    def open(self, box: SealedBox, *, context: Context) -> bytes:
        """Return what was sealed in the same context.

        Raises:
            DamagedError: the box was changed, was sealed in another context, or under another key.
        """
        return self._open(box, b"box", context)

    def new_data_key(self, *, context: Context) -> bytes:
        """Return a new random key, wrapped, as it may lie beside what it seals."""
        return bytes(self._seal(os.urandom(KEY_BYTES), b"key", context))

    def data_key(self, wrapped: bytes, *, context: Context) -> SealingKey:
        """Return the key that :meth:`new_data_key` wrapped in the same context.

        Raises:
            DamagedError: as :meth:`open`.
        """
        return SealingKey(self._open(SealedBox.parse(wrapped), b"key", context))

    def _seal(self, plain: bytes, role: bytes, context: Context) -> SealedBox:
        nonce = os.urandom(_NONCE_BYTES)
        header = bytes([_VERSION]) + self._id + nonce
        return SealedBox(header, self._cipher.encrypt(nonce, plain, _associated(header, role, context)))

    def _open(self, box: SealedBox, role: bytes, context: Context) -> bytes:
        if len(box.header) != _HEADER_BYTES or len(box.body) < _TAG_BYTES or box.header[0] != _VERSION:
            raise _damaged()
        if box.header[1 : 1 + _ID_BYTES] != self._id:
            raise DamagedError(
                "what was sealed cannot be opened", detail="It was sealed under another key.", is_other_key=True
            )
        try:
            nonce = box.header[1 + _ID_BYTES :]
            return self._cipher.decrypt(nonce, box.body, _associated(box.header, role, context))
        except InvalidTag as error:
            raise _damaged() from error


def _damaged() -> DamagedError:
    return DamagedError(
        "what was sealed is damaged", detail="It was changed after it was sealed, or belongs elsewhere."
    )


def _associated(header: bytes, role: bytes, context: Context) -> bytes:
    """Join what a box is bound to so that no two lists of parts give the same bytes."""
    parts = (b"holofleet", header, role, *(part.encode() for part in context))
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
