"""Base64url without padding, as JOSE and WebAuthn write it, read strictly."""

from __future__ import annotations

import base64
import re

_TEXT = re.compile(r"[A-Za-z0-9_-]*\Z")


def to_base64url(content: bytes) -> str:
    """Return bytes as base64url text without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Return the bytes of a base64url text.

    Raises:
        ValueError: another character, padding, or a length that no bytes have.
    """
    if not _TEXT.match(text) or len(text) % 4 == 1:
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
