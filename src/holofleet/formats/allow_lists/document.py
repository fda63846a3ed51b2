"""A list as JSON, and back: what ``holofleet endpoints diff`` compares."""

from __future__ import annotations

import json
from typing import Any, Final

from holofleet.errors import InputError
from holofleet.formats.allow_lists.entry import AllowList, Entry, LeftOut, Need, port_key

FORMAT: Final = "holofleet-allow-list-1"
MAX_BYTES: Final = 4 << 20
_MAX_ENTRIES: Final = 20_000


class UnreadableListError(InputError):
    """This is no allow list of ours."""


def as_json(allowed: AllowList) -> dict[str, Any]:
    """Return the list as plain values."""
    return {
        "format": FORMAT,
        "groups": list(allowed.groups),
        "entries": [
            {
                "host": entry.host,
                "path": entry.path,
                "ports": list(entry.ports),
                "need": entry.need.value,
                "groups": list(entry.groups),
                "why": list(entry.why),
                "direct": entry.direct,
                "inspect": entry.inspect,
                "inside": entry.inside,
            }
            for entry in allowed.entries
        ],
        "left_out": [
            {"pattern": out.pattern, "groups": list(out.groups), "reason": out.reason, "instead": out.instead}
            for out in allowed.left_out
        ],
    }


def read(content: bytes, name: str) -> AllowList:
    """Read a list that :func:`as_json` wrote.

    Raises:
        UnreadableListError: with what is wrong, at which entry.
    """
    if len(content) > MAX_BYTES:
        raise _unreadable(name, f"larger than {MAX_BYTES} bytes")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _unreadable(
            name, f"no JSON ({error})" if isinstance(error, json.JSONDecodeError) else "no JSON"
        ) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _unreadable(name, f"no list of the format {FORMAT}")
    rows, outs = data.get("entries"), data.get("left_out", [])
    if not isinstance(rows, list) or not isinstance(outs, list) or len(rows) > _MAX_ENTRIES:
        raise _unreadable(name, f"`entries` has to be a list of at most {_MAX_ENTRIES}")
    entries = []
    for number, row in enumerate(rows, start=1):
        try:
            entries.append(_entry(row))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unreadable(name, f"entry {number} cannot be read ({error})") from error
    try:
        return AllowList(
            groups=_texts(data["groups"]),
            entries=tuple(entries),
            left_out=tuple(
                LeftOut(_text(o["pattern"]), _texts(o["groups"]), _text(o["reason"]), _text(o["instead"]))
                for o in outs
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(name, f"`groups` or `left_out` cannot be read ({error})") from error


def _entry(row: dict[str, Any]) -> Entry:
    ports = _texts(row["ports"])
    for port in ports:
        port_key(port)
    return Entry(
        host=_text(row["host"]),
        ports=ports,
        need=Need(row["need"]),
        groups=_texts(row["groups"]),
        why=_texts(row["why"]),
        path=_text(row["path"]),
        direct=row["direct"] is True,
        inspect=row["inspect"] is True,
        inside=row["inside"] is True,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list of texts was expected")
    return tuple(map(_text, value))


def _unreadable(name: str, why: str) -> UnreadableListError:
    return UnreadableListError(
        f"{name}: {why}", mend="Write one with: holofleet endpoints list --format json > FILE"
    )
