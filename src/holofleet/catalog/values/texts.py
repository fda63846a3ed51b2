"""Texts, lists in one text, binary data, and nodes without a value."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from holofleet.catalog.values.allowed import Allowed, Unsuited, Value, control_fault, has_variable

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_SHAPES: dict[str, tuple[str, re.Pattern[str]]] = {
    "domain": ("a domain name such as contoso.com", re.compile(rf"(?:{_LABEL}\.)+{_LABEL}|")),
    "account": (
        "an account such as user@contoso.com, or nothing to turn it off",
        re.compile(rf"[^\s@]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}|"),
    ),
    "time-zone": (
        "the Windows name of a time zone such as Central Standard Time (not America/Chicago)",
        re.compile(r"[^/\r\n\t]{1,128}"),
    ),
    "date": ("a date such as 2024-03-27, or nothing", re.compile(rf"{_DATE}|")),
    "date-time": (
        "a local date and time such as 2024-03-27T03:00:00",
        re.compile(rf"{_DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})?"),
    ),
    "host-port": (
        "host:port such as proxy.contoso.com:8080",
        re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[^\s:/\[\]]{1,253}):[0-9]{1,5}"),
    ),
    "thumbprint": ("the 40 hexadecimal digits of a SHA-1 thumbprint", re.compile(r"[0-9A-Fa-f]{40}")),
}
_PACKAGE_FAMILY = re.compile(r"[-.A-Za-z0-9]{3,50}_[a-z0-9]{13}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextAllowed(Allowed):
    """A text: any, one of several, of a shape, of a pattern, or of a length.

    ``hint`` is for people. A text that holds a variable is judged when the variable is filled in; one of several
    is judged at once.
    """

    values: dict[str, str] = field(default_factory=dict, hash=False)
    shape: str = ""
    pattern: re.Pattern[str] | None = None
    max_length: int | None = None
    hint: str = ""
    case_ignored: bool = False

    def describe(self) -> str:
        if self.values:
            return ", ".join(f"{value} ({label})" if label else value for value, label in self.values.items())
        parts = [_SHAPES[self.shape][0] if self.shape else f"a text ({self.hint})" if self.hint else "a text"]
        if self.pattern:
            parts.append(f"of the form {self.pattern.pattern}")
        if self.max_length is not None:
            parts.append(f"of at most {self.max_length} characters")
        return " ".join(parts)

    def fault(self, data: str) -> str | None:
        if self.values:
            return None if data in self.values else "it is not one of the allowed values"
        if (fault := control_fault(data)) is not None or has_variable(data):
            return fault
        if self.max_length is not None and len(data) > self.max_length:
            return "it is too long"
        if self.pattern and not self.pattern.fullmatch(data):
            return "it has another form"
        if self.shape and not _SHAPES[self.shape][1].fullmatch(data):
            return "it has another form"
        return None

    def equal(self, a: str, b: str) -> bool:
        return a.casefold() == b.casefold() if self.case_ignored else a == b

    def meaning(self, data: str) -> str:
        return self.values.get(data, "")


@dataclass(frozen=True, slots=True)
class ListAllowed(Allowed):
    """Package family names in one text; their order is kept, their case means nothing to Windows."""

    delimiter: str
    item: str

    def describe(self) -> str:
        return f"a list of items ({self.item}) separated by {self.delimiter!r}, or nothing"

    def data(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if not isinstance(value, Sequence) or not all(isinstance(item, str) for item in value):
            raise Unsuited("this is not a list of texts")
        items = [str(item) for item in value]
        for item in items:
            if not item or self.delimiter in item:
                raise Unsuited(f"the item {item!r} is empty or holds the separator")
        return self.delimiter.join(items)

    def fault(self, data: str) -> str | None:
        for item in data.split(self.delimiter) if data else ():
            if not _PACKAGE_FAMILY.fullmatch(item) and not has_variable(item):
                return f"the item {item[:60]!r} is not a {self.item}"
        return None

    def equal(self, a: str, b: str) -> bool:
        return self._items(a) == self._items(b)

    def _items(self, data: str) -> list[str]:
        return [item.strip().casefold() for item in data.strip().rstrip(self.delimiter).split(self.delimiter)]


@dataclass(frozen=True, slots=True)
class Base64Allowed(Allowed):
    """Binary data as base64, on one line; compared by what it decodes to, because headsets wrap lines."""

    def describe(self) -> str:
        return "base64 without line breaks or PEM lines"

    def data(self, value: Value) -> str:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode("ascii")
        return Allowed.data(self, value)

    def fault(self, data: str) -> str | None:
        if has_variable(data):
            return None
        if not data:
            return "it is empty"
        return "it is not base64" if _decode(data) is None else None

    def equal(self, a: str, b: str) -> bool:
        first, second = _decode("".join(a.split())), _decode("".join(b.split()))
        return a == b if first is None or second is None else first == second


@dataclass(frozen=True, slots=True)
class NothingAllowed(Allowed):
    """No value: a command to execute, or an interior node."""

    def describe(self) -> str:
        return "no value at all"

    def fault(self, data: str) -> str | None:
        return "it takes no value" if data else None


def _decode(data: str) -> bytes | None:
    try:
        decoded = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode("ascii") == data else None
