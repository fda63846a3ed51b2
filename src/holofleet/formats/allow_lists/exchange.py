"""Lists as JSON, for programs, and for a later comparison: the one form that is read back.

The form is ``holofleet-endpoints/1``. It holds what the list was asked for, so that the same can be asked of a
newer catalog.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from holofleet.errors import InputError
from holofleet.formats.allow_lists.allow_list import AllowList, Entry, Inside, LeftOut, Need, in_order
from holofleet.formats.allow_lists.names import port_order

FORM = "holofleet-endpoints/1"
MAX_BYTES = 4 * 1024 * 1024
_MAX_ENTRIES = 20_000
_MEND = "Give a file that `holofleet endpoints list --format json` wrote, or allow-list.json of a rendered folder."


class AllowListError(InputError):
    """The text is no list that this program wrote."""


def as_json(allowed: AllowList) -> str:
    """Render a list; ends in a line feed."""
    value = {
        "form": FORM,
        "title": allowed.title,
        "catalog": allowed.catalog,
        "selection": list(allowed.selection),
        **{need.value: [_entry(entry) for entry in allowed.of(need)] for need in Need},
        "left_out": [
            {"what": out.what, "why": out.why, "instead": out.instead, "groups": list(out.groups)}
            for out in allowed.left_out
        ],
        "inside": [{"host": one.host, "use": one.use} for one in allowed.inside],
    }
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text.replace("{{", r"\u007b\u007b") + "\n"  # else a text could name a secret, to be filled in


def parse(data: bytes) -> AllowList:
    """Read a list back.

    Raises:
        AllowListError: see the class.
    """
    if len(data) > MAX_BYTES:
        raise AllowListError(f"the list has more than {MAX_BYTES:,} bytes", mend=_MEND)
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise AllowListError("this is no JSON in UTF-8", mend=_MEND) from error
    if not isinstance(value, dict) or value.get("form") != FORM:
        raise AllowListError(f"this is no list of the form {FORM}", mend=_MEND)
    try:
        return _read(value)
    except (KeyError, TypeError, ValueError) as error:
        raise AllowListError(f"this list is broken: {error}", mend=_MEND) from error


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "host": entry.host,
        "ports": list(entry.ports),
        "groups": list(entry.groups),
        "purposes": list(entry.purposes),
        "notes": list(entry.notes),
    }


def _read(value: Mapping[str, Any]) -> AllowList:
    entries = [_read_entry(row, need) for need in Need for row in _rows(value, need.value)]
    return AllowList(
        title=_text(value["title"]),
        catalog=_text(value["catalog"]),
        entries=in_order(entries),
        left_out=tuple(
            LeftOut(_text(row["what"]), _text(row["why"]), _text(row["instead"]), _texts(row["groups"]))
            for row in _rows(value, "left_out")
        ),
        inside=tuple(Inside(_text(row["host"]), _text(row["use"])) for row in _rows(value, "inside")),
        selection=_texts(value["selection"]),
    )


def _read_entry(row: Mapping[str, Any], need: Need) -> Entry:
    ports = tuple(sorted(set(_texts(row["ports"])), key=port_order))
    return Entry(
        _text(row["host"]), ports, need, _texts(row["groups"]), _texts(row["purposes"]), _texts(row["notes"])
    )


def _rows(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = value[key]
    if not isinstance(rows, list) or len(rows) > _MAX_ENTRIES or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{key} is no list of at most {_MAX_ENTRIES:,} entries")
    return rows


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list of texts was expected")
    return tuple(_text(one) for one in value)
