"""Files in the format age, version 1: encrypted to public keys, read and written in pieces.

The format is that of https://age-encryption.org/v1, with recipients of the kind X25519 and no other, so that the
tools ``age`` and ``age-keygen`` open and make what is opened and made here. Each file has a key of its own that is
sealed to every recipient. The content follows in pieces of 64 KiB under ChaCha20-Poly1305, numbered, the last one
marked: a piece that is changed, moved or missing is noticed before its content is used.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from holofleet.errors import InputError
from holofleet.server.backup import bech32

VERSION = b"age-encryption.org/v1"
PIECE = 64 << 10
TAG = 16
FILE_KEY = 16
MOST_STANZAS = 20
MOST_LINE = 1 << 10
_X25519_INFO = VERSION + b"/X25519"
_ZERO_NONCE = bytes(12)
_PUBLIC, _PRIVATE = "age", "age-secret-key-"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key to which backups are encrypted."""

    public: bytes

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Read ``age1...``.

        Raises:
            InputError: it is none.
        """
        public = bech32.decode(_PUBLIC, text.strip())
        if len(public) != 32:
            raise InputError("a recipient has 32 bytes", mend="Take the line that begins with age1.")
        return cls(public)

    def __str__(self) -> str:
        return bech32.encode(_PUBLIC, self.public)

    def wrap(self, file_key: bytes) -> bytes:
        """Return the lines of the header that give the file key to this recipient."""
        ours = X25519PrivateKey.generate()
        share = ours.public_key().public_bytes_raw()
        shared = ours.exchange(X25519PublicKey.from_public_bytes(self.public))
        key = _derived(shared, salt=share + self.public, info=_X25519_INFO)
        sealed = ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)
        return b"-> X25519 " + _text(share) + b"\n" + _text(sealed) + b"\n"


class Identity:
    """The private key that opens what was encrypted to its recipient. Never shown by its text form."""

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)

    def __repr__(self) -> str:
        return f"Identity({self.recipient})"

    @classmethod
    def generate(cls) -> Identity:
        """Make a new one."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def parse(cls, content: str) -> Identity:
        """Read a file as ``age-keygen`` writes it: one key, beside empty lines and remarks.

        Raises:
            InputError: there is no key of this kind in it, or there are several.
        """
        lines = [line.strip() for line in content.splitlines()]
        keys = [line for line in lines if line and not line.startswith("#")]
        if len(keys) != 1:
            raise InputError("an identity file has one key, on a line that begins with AGE-SECRET-KEY-1")
        private = bech32.decode(_PRIVATE, keys[0])
        if len(private) != 32:
            raise InputError("an identity has 32 bytes")
        return cls(private)

    def render(self) -> str:
        """Return the text of the identity's file. It is a secret."""
        secret = bech32.encode(_PRIVATE, self._private.private_bytes_raw()).upper()
        return f"# public key: {self.recipient}\n{secret}\n"

    @property
    def recipient(self) -> Recipient:
        """The public key that belongs to it."""
        return Recipient(self._private.public_key().public_bytes_raw())

    def unwrap(self, share: bytes, sealed: bytes) -> bytes | None:
        """Return the file key, or ``None`` when it was sealed to somebody else."""
        if len(share) != 32 or len(sealed) != FILE_KEY + TAG:
            raise InputError("the backup's header is damaged")
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(share))
            key = _derived(shared, salt=share + self.recipient.public, info=_X25519_INFO)
            return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, sealed, None)
        except (InvalidTag, ValueError):
            return None


class Encrypting(io.RawIOBase):
    """A file to write into; what arrives is encrypted. Without :meth:`finish` the file cannot be opened."""

    def __init__(self, out: BinaryIO, recipients: Iterable[Recipient]) -> None:
        super().__init__()
        file_key, nonce = secrets.token_bytes(FILE_KEY), secrets.token_bytes(16)
        header = VERSION + b"\n" + b"".join(one.wrap(file_key) for one in recipients) + b"---"
        out.write(header + b" " + _text(_mac(file_key, header)) + b"\n" + nonce)
        self._out, self._held, self._number = out, bytearray(), 0
        self._cipher = ChaCha20Poly1305(_derived(file_key, salt=nonce, info=b"payload"))

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]  # narrower on purpose: our writers give bytes
        self._held += content
        while len(self._held) > PIECE:  # the last piece is kept back: only the end tells that it is the last
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(content)

    def finish(self) -> None:
        """Write the last piece, marked as such."""
        self._put(bytes(self._held), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


def pieces(source: BinaryIO, identity: Identity) -> Iterator[bytes]:
    """Yield the content of an encrypted file, piece by piece, each of them proved before it is given.

    Raises:
        InputError: no file of this kind, sealed to somebody else, changed, or cut off.
    """
    file_key = _file_key(source, identity)
    nonce = source.read(16)
    if len(nonce) != 16:
        raise InputError("the backup is cut off")
    cipher = ChaCha20Poly1305(_derived(file_key, salt=nonce, info=b"payload"))
    number, sealed = 0, source.read(PIECE + TAG)
    while True:
        following = source.read(PIECE + TAG) if len(sealed) == PIECE + TAG else b""
        last = not following
        try:
            piece = cipher.decrypt(_nonce(number, last=last), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise InputError("the backup was changed or is cut off", mend="Take another copy of it.") from error
        if not piece and number:
            raise InputError("the backup was changed or is cut off", mend="Take another copy of it.")
        yield piece
        if last:
            return
        number, sealed = number + 1, following


def _file_key(source: BinaryIO, identity: Identity) -> bytes:
    """Read the header and return the key of the file.

    Raises:
        InputError: another kind of file, sealed to others, or a header that was changed.
    """
    if source.readline(MOST_LINE) != VERSION + b"\n":
        raise InputError("this is no backup", detail="A backup is a file in the format age, version 1.")
    header, found = VERSION + b"\n", None
    for _ in range(MOST_STANZAS + 1):
        line = source.readline(MOST_LINE)
        if line.startswith(b"--- "):
            if found is None:
                raise InputError(
                    "the backup is not encrypted to this identity",
                    detail=f"The identity opens what was made for {identity.recipient}.",
                )
            if not hmac.compare_digest(_bytes(line[4:-1]), _mac(found, header + b"---")):
                raise InputError("the backup's header was changed")
            return found
        body = _body(source)
        header += line + body
        kind = line.split()
        if len(kind) == 3 and kind[:2] == [b"->", b"X25519"] and found is None:
            found = identity.unwrap(_bytes(kind[2]), _bytes(b"".join(body.split())))
    raise InputError("the backup's header is damaged")


def _body(source: BinaryIO) -> bytes:
    """Return the lines of one stanza: of 64 characters, up to a shorter one."""
    body = b""
    for _ in range(MOST_STANZAS):
        line = source.readline(MOST_LINE)
        body += line
        if len(line) != 65:
            return body
    raise InputError("the backup's header is damaged")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, salt=b"", info=b"header"), header, "sha256")


def _derived(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(secret)


def _text(value: bytes) -> bytes:
    return base64.b64encode(value).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    try:
        value = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise InputError("the backup's header is damaged") from error
    if _text(value) != text:
        raise InputError("the backup's header is damaged")
    return value
