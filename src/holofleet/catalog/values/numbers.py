"""Numbers, switches and bit masks."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from holofleet.catalog.values.allowed import Allowed, Unsuited, Value

_CANONICAL = re.compile(r"(?:0|-?[1-9][0-9]{0,10})\Z")
_READ = re.compile(r"\s*([+-]?[0-9]{1,20})\s*\Z")
_FLOAT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?\Z")

INT_MIN, INT_MAX = -(2**31), 2**32 - 1
"""Bounds of the int format where a node states none: 32 bits, signed or unsigned, as Windows reads both."""


def read_int(data: str) -> int | None:
    """Read a number as a headset may write it (``01``, `` 1``); ``None`` when it is none."""
    match = _READ.match(data)
    return int(match.group(1)) if match else None


def _int_data(value: Value) -> str:
    if isinstance(value, bool):
        raise Unsuited("true and false are not numbers; this node takes one of the numbers below")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return value
    raise Unsuited("this is not a whole number")


@dataclass(frozen=True, slots=True)
class IntAllowed(Allowed):
    """A whole number: named values, a range, or any 32-bit number."""

    minimum: int = INT_MIN
    maximum: int = INT_MAX
    values: dict[int, str] = field(default_factory=dict, hash=False)

    def describe(self) -> str:
        if self.values:
            return ", ".join(f"{value} ({label})" if label else str(value) for value, label in self.values.items())
        if (self.minimum, self.maximum) == (INT_MIN, INT_MAX):
            return "a whole number"
        return f"a whole number from {self.minimum} to {self.maximum}"

    def data(self, value: Value) -> str:
        return _int_data(value)

    def fault(self, data: str) -> str | None:
        if not _CANONICAL.match(data):
            return "it is not a plain decimal number"
        number = int(data)
        if self.values:
            return None if number in self.values else "it is not one of the allowed values"
        return None if self.minimum <= number <= self.maximum else "it is out of range"

    def equal(self, a: str, b: str) -> bool:
        first, second = read_int(a), read_int(b)
        return a == b if first is None or second is None else first == second

    def meaning(self, data: str) -> str:
        number = read_int(data)
        return "" if number is None else self.values.get(number, "")


@dataclass(frozen=True, slots=True)
class FlagsAllowed(Allowed):
    """A sum of named bits, written in decimal."""

    values: dict[int, str] = field(hash=False)

    @property
    def _mask(self) -> int:
        mask = 0
        for bit in self.values:
            mask |= bit
        return mask

    def describe(self) -> str:
        bits = ", ".join(f"{value} ({label})" if label else str(value) for value, label in self.values.items())
        return f"a sum of {bits}"

    def data(self, value: Value) -> str:
        return _int_data(value)

    def fault(self, data: str) -> str | None:
        if not _CANONICAL.match(data):
            return "it is not a plain decimal number"
        return "it holds bits that mean nothing here" if int(data) < 0 or int(data) & ~self._mask else None

    def equal(self, a: str, b: str) -> bool:
        first, second = read_int(a), read_int(b)
        return a == b if first is None or second is None else first == second

    def meaning(self, data: str) -> str:
        number = read_int(data)
        if number is None:
            return ""
        if number in self.values:
            return self.values[number]
        return ", ".join(label for bit, label in self.values.items() if bit and number & bit)


@dataclass(frozen=True, slots=True)
class BoolAllowed(Allowed):
    """``true`` or ``false`` on the wire; headsets also report ``True``, ``1`` and the like."""

    labels: dict[str, str] = field(default_factory=dict, hash=False)

    def describe(self) -> str:
        return " or ".join(f"{word} ({self.labels[word]})" if word in self.labels else word for word in _WORDS)

    def data(self, value: Value) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return value
        raise Unsuited("this is not true or false")

    def fault(self, data: str) -> str | None:
        return None if data in _WORDS else "it is neither true nor false"

    def equal(self, a: str, b: str) -> bool:
        first, second = _READ_BOOL.get(a.strip().lower()), _READ_BOOL.get(b.strip().lower())
        return a == b if first is None or second is None else first == second

    def meaning(self, data: str) -> str:
        switch = _READ_BOOL.get(data.strip().lower())
        return "" if switch is None else self.labels.get("true" if switch else "false", "")


_WORDS = ("true", "false")
_READ_BOOL = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class FloatAllowed(Allowed):
    """A decimal fraction."""

    def describe(self) -> str:
        return "a decimal number"

    def data(self, value: Value) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise Unsuited("this is not a number")
        if isinstance(value, float) and not math.isfinite(value):
            raise Unsuited("this is not a finite number")
        return value if isinstance(value, str) else repr(value)

    def fault(self, data: str) -> str | None:
        return None if _FLOAT.match(data) else "it is not a decimal number"

    def equal(self, a: str, b: str) -> bool:
        first, second = a.strip(), b.strip()  # of more than float() takes: U+001F, for one
        if not (_FLOAT.match(first) and _FLOAT.match(second)):
            return a == b
        return float(first) == float(second)
