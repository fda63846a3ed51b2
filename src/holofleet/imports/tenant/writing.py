"""A draft as YAML: every text in quotation marks that needs them, remarks as comments of one line.

Nothing of a tenant can leave its place: quoted texts escape what does not print, and a comment shows it as ``?``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from holofleet.imports.tenant.remark import Remark

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*\Z")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "none"})
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_LONGEST_COMMENT = 400
_HEAD = (
    "# Written from a tenant that exists. Look at every line before you apply it: `holofleet check` says what is",
    "# missing, and `holofleet plan --target graph` shows what would change in the tenant.",
)


def as_yaml(fleet: Mapping[str, Any], remarks: Iterable[Remark]) -> str:
    """Return a fleet file."""
    comments = [f"# {'Left out' if remark.lost else 'Note'}: {_shown(remark.line)}" for remark in remarks]
    lines = [*_HEAD, *comments]
    for key, value in fleet.items():
        lines += [*([""] if isinstance(value, (Mapping, list)) else []), *_entry(key, value, "")]
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield f"{indent}{key}:"
        for inner, content in value.items():
            yield from _entry(inner, content, indent + "  ")
    elif (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(isinstance(one, Mapping) for one in value)
    ):
        yield f"{indent}{key}:"
        for one in value:
            first, *others = [line for inner, content in one.items() for line in _entry(inner, content, "")]
            yield f"{indent}  - {first}"
            yield from (f"{indent}    {line}" for line in others)
    else:
        yield f"{indent}{key}: {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_value(one) for one in value)}]"
    return scalar(str(value))


def scalar(text: str) -> str:
    """Return a text that YAML reads as exactly this text."""
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(_SHORT.get(char) or _escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char.isprintable() and not "\ud800" <= char <= "\udfff":
        return char
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _shown(text: str) -> str:
    line = "".join(char if char.isprintable() else "?" for char in text)
    return line if len(line) <= _LONGEST_COMMENT else line[:_LONGEST_COMMENT] + " ..."
