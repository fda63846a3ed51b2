"""The overlay: how a headset differs from the document it was given, node by node.

A node that is not in the overlay is compliant: its Status was good and, where it can be read, it was read back
equal. So an empty overlay is the common case and costs nothing, and after a crash in the middle of a change of
documents the overlay says exactly which nodes are still as before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

MAX_REPORTED = 4_096
"""Characters of a reported value that are kept; a longer one is cut and marked, so that no headset can fill the
database. Ours."""
CUT = "…"
WAITS_FOR_VALUE = 1
"""The code of an entry that cannot be sent because a secret or variable in it has no value now."""
TOO_LARGE = 2
"""The code of an entry that does not fit into any message to this headset."""


class SettingStatus(StrEnum):
    """How one setting stands. ``left-behind``: the file no longer wants it and it cannot be taken back."""

    PENDING = "pending"
    COMPLIANT = "compliant"
    DRIFTED = "drifted"
    REFUSED = "refused"
    NOT_APPLICABLE = "not applicable"
    LEFT_BEHIND = "left behind"


class Phase(StrEnum):
    """What has to happen next for one node.

    ``write``: send it. ``read``: its Status was good, now it has to be read back. ``delete``: take it away.
    ``rest``: nothing, until the document, the OS build or the day of the next read-back changes something.
    """

    WRITE = "w"
    READ = "r"
    DELETE = "d"
    REST = "-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One node that is not (yet known to be) as it should be.

    Args:
        status: As shown.
        phase: What has to happen next.
        since: When it came to be so, in microseconds since the epoch.
        reported: What the headset said last; ``None`` if it has no value or nothing was said. Never a secret.
        code: The last status code that tells why, or 0.
        tries: How often it failed since it was last good.
        retry_at: Not before this moment (microseconds); 0 is at once.
        verb: ``Add`` or ``Replace`` where the other one was answered "exists" or "no such node"; else empty.
        sent: Whether a write of it ever left us, so that the headset may have it.
    """

    status: SettingStatus
    phase: Phase
    since: int
    reported: str | None = None
    code: int = 0
    tries: int = 0
    retry_at: int = 0
    verb: str = ""
    sent: bool = False

    @property
    def open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.phase is not Phase.REST

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; what is at its default is left out."""
        value: dict[str, Any] = {"status": str(self.status), "phase": str(self.phase), "since": self.since}
        for key in ("reported", "code", "tries", "retry_at", "verb", "sent"):
            part = getattr(self, key)
            if part or (key == "reported" and part is not None):
                value[key] = part
        return value


Overlay: TypeAlias = dict[str, Entry]
"""Entries by LocURI in normal form."""


def kept(reported: str | None) -> str | None:
    """Return a reported value as it is kept: cut at :data:`MAX_REPORTED`, control characters stripped."""
    if reported is None:
        return None
    clean = "".join(char for char in reported[: MAX_REPORTED + 1] if char >= " " or char in "\t\n\r")
    return clean[:MAX_REPORTED] + CUT if len(reported) > MAX_REPORTED else clean


def parse_overlay(text: str) -> Overlay:
    """Parse the JSON form that :func:`render_overlay` wrote."""
    if text == "{}":
        return {}
    return {
        uri: Entry(
            status=SettingStatus(value["status"]),
            phase=Phase(value["phase"]),
            since=value["since"],
            reported=value.get("reported"),
            code=value.get("code", 0),
            tries=value.get("tries", 0),
            retry_at=value.get("retry_at", 0),
            verb=value.get("verb", ""),
            sent=value.get("sent", False),
        )
        for uri, value in json.loads(text).items()
    }


def render_overlay(overlay: Overlay) -> str:
    """Render as JSON text, the same overlay as the same text."""
    if not overlay:
        return "{}"
    value = {uri: overlay[uri].to_json() for uri in sorted(overlay)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moved(entry: Entry, status: SettingStatus, now: int, **changes: Any) -> Entry:
    """Return the entry with a status; ``since`` stays while the status does."""
    since = entry.since if entry.status is status else now
    return replace(entry, status=status, since=since, **changes)
