"""A draft as text: YAML with comments for people, plain values for programs.

The order of keys is the one of the fleet file's reference. All values have passed the kinds of the fleet file, so
that quoting has little to do; it is done nevertheless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from holofleet.imports.kiosk.draft import Draft, Listing, TargetKind

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*(?:[!@][A-Za-z0-9._-]+)?\Z")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "none"}


def as_json(draft: Draft) -> dict[str, Any]:
    """Return the keys of the fleet file, and beside them what was left out."""
    groups = [
        {"name": target.name, "object_id": target.object_id}
        for target, _ in draft.profiles
        if target.kind is TargetKind.GROUP
    ]
    people = [{"upn": target.name} for target, _ in draft.profiles if target.kind is TargetKind.USER]
    remarks = [{"line": r.line, "text": r.text, "lost": r.lost} for r in draft.remarks]
    return {"people": people, "groups": groups, "kiosk": _kiosk(draft), "remarks": remarks}


def as_yaml(draft: Draft, source: str) -> str:
    """Return a part of a fleet file; comments with COMPLETE say what a person has to do.

    Args:
        draft: What was imported.
        source: Name of the file it came from, for the first comment.
    """
    return "\n".join(_lines(draft, source)) + "\n"


def _lines(draft: Draft, source: str) -> Iterator[str]:
    values = as_json(draft)
    shown = "".join(char if char.isprintable() else "?" for char in source)
    yield f"# A kiosk from {shown}. Merge this into the fleet file; every COMPLETE needs a person."
    if values["people"]:
        yield "people:"
        yield "  # COMPLETE: leave out who stands in the fleet file already."
        yield from (f"  - upn: {_scalar(person['upn'])}" for person in values["people"])
    if values["groups"]:
        yield "groups:"
        yield "  # COMPLETE: the document knows groups by their ids only. Name them as your directory does, here"
        yield "  # and in kiosk.profiles, and leave out those that stand in the fleet file already."
        for group in values["groups"]:
            yield f"  - name: {_scalar(group['name'])}"
            yield f"    object_id: {_scalar(group['object_id'])}"
    yield "defaults:"
    yield "  # COMPLETE: move kiosk to a deployment if it is not for all of them."
    yield "  kiosk:"
    yield f"    for: {values['kiosk']['for']}"
    if draft.everyone is not None:
        yield f"    except: [{', '.join(values['kiosk']['except'])}]"
        yield from _listing(draft.everyone, "    ")
    if draft.profiles:
        yield "    profiles:"
    for target, listing in draft.profiles:
        name = "true" if target.kind is TargetKind.VISITORS else _scalar(target.name)
        yield f"      - {target.kind}: {name}"
        yield from _listing(listing, "        ")


def _listing(listing: Listing, indent: str) -> Iterator[str]:
    yield f"{indent}apps:"
    yield from (f"{indent}  - {_scalar(app)}" for app in listing.apps)
    if listing.auto_launch is not None:
        yield f"{indent}auto_launch: {_scalar(listing.auto_launch)}"
    if listing.single:
        yield f"{indent}single_app: true"


def _kiosk(draft: Draft) -> dict[str, Any]:
    kiosk: dict[str, Any] = {"for": "listed" if draft.everyone is None else "everyone"}
    if draft.everyone is not None:
        # Said even when it is empty: some scenarios leave device owners out by default.
        kiosk["except"] = ["device-owners"] if draft.except_device_owners else []
        kiosk |= _values(draft.everyone)
    if draft.profiles:
        kiosk["profiles"] = [
            {str(target.kind): True if target.kind is TargetKind.VISITORS else target.name} | _values(listing)
            for target, listing in draft.profiles
        ]
    return kiosk


def _values(listing: Listing) -> dict[str, Any]:
    values: dict[str, Any] = {"apps": list(listing.apps)}
    if listing.auto_launch is not None:
        values["auto_launch"] = listing.auto_launch
    if listing.single:
        values["single_app"] = True
    return values


def _scalar(text: str) -> str:
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"
