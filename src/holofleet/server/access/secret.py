"""Bearer secrets: 256 random bits with a prefix that scanners find and a checksum that catches a bad copy.

What is stored is the SHA-256 of the whole text: enough for so many random bits, and useless to whoever reads the
database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from enum import StrEnum

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY = 43
_CHECK = 6
_TEXT = re.compile(rf"(hf|hfs|hfl|hfa|hfi|hfg|hfv)_([0-9A-Za-z]{{{_BODY}}})([0-9A-Za-z]{{{_CHECK}}})\Z")


class SecretKind(StrEnum):
    """What a secret opens, as its prefix."""

    TOKEN = "hf"  # noqa: S105 - a prefix, not a secret
    SESSION = "hfs"
    LINK = "hfl"
    ATTEMPT = "hfa"
    """A sign-in under way, in the browser that began it."""
    INVITATION = "hfi"
    GUEST_LINK = "hfg"
    """Brings one guest to one call."""
    GUEST = "hfv"
    """The browser in which such a link was opened."""


def make_secret(kind: SecretKind) -> str:
    """Return a new secret of a kind, such as ``hf_`` and 49 letters and digits."""
    body = _base62(secrets.randbits(256), _BODY)
    return f"{kind}_{body}{_checksum(kind, body)}"


def is_well_formed(text: str, kind: SecretKind = SecretKind.TOKEN) -> bool:
    """Whether a text has the form and the checksum of a secret of this kind; says nothing about its truth."""
    match = _TEXT.match(text) if len(text) < 64 else None
    return match is not None and match.group(1) == kind and match.group(3) == _checksum(kind, match.group(2))


def digest_of(text: str) -> str:
    """Return what is stored of a secret: SHA-256, lower-case hex."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _checksum(kind: str, body: str) -> str:
    return _base62(zlib.crc32(f"{kind}_{body}".encode("ascii")), _CHECK)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
