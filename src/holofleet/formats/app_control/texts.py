"""Values in the texts of a policy's XML: numbers, bytes, times; ValueError says what is wrong with one."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?\Z", re.ASCII)
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?\Z")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*\Z")


def guid(text: str) -> uuid.UUID:
    """Read a GUID, with or without braces."""
    if not _GUID.match(text):
        raise ValueError(f"{text!r} is no GUID")
    return uuid.UUID(text)


def binary(text: str) -> bytes:
    """Read hexadecimal digits without anything between them."""
    if not _HEX.match(text):
        raise ValueError(f"{text[:80]!r} is not hexadecimal, two digits a byte")
    return bytes.fromhex(text)


def number(text: str, highest: int) -> int:
    """Read a number from 0 to the highest."""
    if not (text.isascii() and text.isdigit() and len(text) < 12) or int(text) > highest:
        raise ValueError(f"{text!r} is no number from 0 to {highest}")
    return int(text)


def u8(text: str) -> int:
    """Read a number of one byte."""
    return number(text, 0xFF)


def u16(text: str) -> int:
    """Read a number of two bytes."""
    return number(text, 0xFFFF)


def u32(text: str) -> int:
    """Read a number of four bytes."""
    return number(text, 0xFFFF_FFFF)


def boolean(text: str) -> bool:
    """Read true or false, as words or digits."""
    if text not in ("true", "false", "1", "0"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text in ("true", "1")


def filetime(text: str) -> int:
    """Read a time as steps of 100 ns since 1601; one without a zone is UTC, whatever the machine's zone."""
    match = _TIME.match(text)
    if not match:
        raise ValueError(f"{text!r} is no time (2026-11-16T09:00:00Z)")
    zone = (match[3] or "Z").replace("Z", "+00:00")
    whole = datetime.fromisoformat(match[1] + zone) - _EPOCH
    ticks = (whole.days * 86_400 + whole.seconds) * 10_000_000 + int((match[2] or "").ljust(7, "0"))
    if ticks < 0:
        raise ValueError(f"{text!r} is before 1601")
    return ticks
