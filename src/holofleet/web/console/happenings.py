"""Events as sentences for people: what happened, in which colour, and one line of detail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from holofleet.server.events import Event, EventKind
from holofleet.web.console.words import count, day_of, sentence, setting_name


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline. ``serial`` is empty where no headset is meant."""

    at: datetime
    tone: str
    what: str
    detail: str
    serial: str
    kind: str
    sequence: int
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day, newest first."""

    title: str
    lines: tuple[Happening, ...]


_TONES: dict[EventKind, str] = {
    EventKind.CONVERGED: "compliant",
    EventKind.MENDED: "compliant",
    EventKind.DRIFTED: "drifted",
    EventKind.REFUSED: "refused",
    EventKind.CANNOT_REVERT: "refused",
    EventKind.VALUE_MISSING: "refused",
    EventKind.ORDER_FAILED: "refused",
    EventKind.ORDER_UNKNOWN: "drifted",
    EventKind.QUARANTINED: "quarantined",
    EventKind.CONFLICT: "quarantined",
    EventKind.LOST: "quarantined",
    EventKind.ORDER_CREATED: "pending",
    EventKind.ORDER_SENT: "pending",
    EventKind.ORDER_DONE: "compliant",
}


def _setting(data: Any) -> str:
    uri = data.get("oma_uri")
    return setting_name(uri).title if isinstance(uri, str) else "A setting"


def _reason(data: Any) -> str:
    return sentence(str(data.get("reason") or "")).rstrip(".")


def _code(data: Any) -> str:
    return f"It answered {data['code']}" if data.get("code") else ""


def _order(data: Any) -> str:
    return str(data.get("order_kind") or data.get("kind") or "order")


def _order_line(verb: str) -> Callable[[Event], tuple[str, str]]:
    def line(event: Event) -> tuple[str, str]:
        return f"{_order(event.data).capitalize()} {verb}", sentence(
            str(event.data.get("outcome") or _reason(event.data))
        ).rstrip(".")

    return line


def _plain(what: str) -> Callable[[Event], tuple[str, str]]:
    return lambda event: (what, _reason(event.data))


def _drifted(event: Event) -> tuple[str, str]:
    reported = event.data.get("reported")
    said = f"The headset reports {_short(str(reported))}" if reported is not None else "It is not set any more"
    return f"{_setting(event.data)} drifted", said


def _build(event: Event) -> tuple[str, str]:
    return f"Now runs build {event.data.get('os_build', '')}", f"Before: {event.data.get('before', 'unknown')}"


_LINES: dict[EventKind, Callable[[Event], tuple[str, str]]] = {
    EventKind.PUBLISHED: lambda event: ("Fleet file applied", _by(event.actor)),
    EventKind.ENROLLED: _plain("Enrolled"),
    EventKind.CONFLICT: _plain("Its identity is claimed by another device"),
    EventKind.RECOGNIZED: _plain("Recognized by its serial"),
    EventKind.QUARANTINED: _plain("A device that says it is this one was quarantined"),
    EventKind.INVENTORY: _build,
    EventKind.CONVERGED: _plain("Everything is as the fleet file says"),
    EventKind.DRIFTED: _drifted,
    EventKind.MENDED: lambda event: (
        f"{_setting(event.data)} mended",
        "The headset reports the desired value again",
    ),
    EventKind.REFUSED: lambda event: (f"{_setting(event.data)} refused", _code(event.data)),
    EventKind.CANNOT_REVERT: lambda event: (f"{_setting(event.data)} cannot be taken back", _code(event.data)),
    EventKind.VALUE_MISSING: lambda event: (
        f"{_setting(event.data)} waits for a value",
        f"Nothing is stored for {event.data.get('missing', 'it')}",
    ),
    EventKind.LOCK_RELEASED: _plain("Tenant lock confirmed off"),
    EventKind.ORDER_CREATED: lambda event: (f"{_order(event.data).capitalize()} ordered", _by(event.actor)),
    EventKind.ORDER_SENT: _order_line("sent"),
    EventKind.ORDER_DONE: _order_line("done"),
    EventKind.ORDER_FAILED: _order_line("failed"),
    EventKind.ORDER_UNKNOWN: _order_line("sent, outcome unknown"),
    EventKind.ORDER_EXPIRED: _order_line("expired unsent"),
    EventKind.ORDER_CANCELLED: _order_line("cancelled"),
    EventKind.ORDERS_FROZEN: _plain("All orders frozen"),
    EventKind.ORDERS_THAWED: _plain("Orders go out again"),
    EventKind.APPROVAL_ASKED: lambda event: ("Asked for a second person", _by(event.actor)),
    EventKind.APPROVAL_GIVEN: lambda event: ("Approved by a second person", _by(event.actor)),
    EventKind.APPROVAL_REFUSED: lambda event: ("Refused, or stopped", _by(event.actor)),
    EventKind.REPORTED: _plain("The headset sent a report"),
    EventKind.LEFT: _plain("Left management by itself"),
    EventKind.LOST: _plain("Marked as lost"),
    EventKind.RETIRED: _plain("Retired"),
    EventKind.REVOKED: _plain("Its certificate was revoked"),
    EventKind.PAIRING_COPIED: _plain("Its browser was copied: the pairing ended, pair it anew"),
}


def happening(event: Event) -> Happening:
    """Say what happened; a kind without a sentence is named as it is."""
    line = _LINES.get(event.kind, _plain(str(event.kind).replace("-", " ").capitalize()))
    what, detail = line(event)
    tone = _TONES.get(event.kind, "")
    return Happening(event.at, tone, what, detail, event.serial, str(event.kind), event.sequence, event.deployment)


def told(events: Sequence[Event]) -> tuple[Happening, ...]:
    """Return lines, newest first; settings of one headset that changed alike in one moment become one line."""
    lines: list[Happening] = []
    ordered = sorted(events, key=lambda event: event.sequence, reverse=True)
    index = 0
    while index < len(ordered):
        event, end = ordered[index], index + 1
        while end < len(ordered) and _together(event, ordered[end]):
            end += 1
        number = end - index
        line = happening(event)
        if number > 1:
            verb = line.what.rsplit(" ", 1)[-1]
            names = ", ".join(_setting(item.data) for item in ordered[index:end][:3])
            more = f" and {number - 3} more" if number > 3 else ""
            line = Happening(
                event.at,
                line.tone,
                f"{count(number, 'setting')} {verb}",
                names + more,
                event.serial,
                line.kind,
                event.sequence,
            )
        lines.append(line)
        index = end
    return tuple(lines)


def told_of_fleet(events: Sequence[Event], names: Callable[[str], str]) -> tuple[Happening, ...]:
    """Return lines about a whole fleet, newest first: what many headsets did alike becomes one line.

    Args:
        events: Oldest or newest first.
        names: Gives the name of a headset by its serial.
    """
    alike: dict[tuple[EventKind, int], list[Event]] = {}
    single = []
    for event in events:
        if event.kind in _OF_MANY:
            slot = int(event.at.timestamp() // _SLOT_S)
            alike.setdefault((event.kind, slot), []).append(event)
        elif event.kind not in _QUIET:
            single.append(event)
    lines = list(told(single))
    for (kind, _), found in alike.items():
        newest = max(found, key=lambda event: event.sequence)
        line = happening(newest)
        serials = list(dict.fromkeys(event.serial for event in found if event.serial))
        devices = len(serials) + sum(not event.serial for event in found)  # one headset may do it twice
        if devices > 1:
            one, many = _OF_MANY[kind]
            listed = ", ".join(names(serial) for serial in serials[:3])
            more = f" and {count(len(serials) - 3)} more" if len(serials) > 3 else ""
            what = count(devices, one, many)
            line = replace(line, what=what, detail=listed + more, serial="", deployment="")
        elif not line.serial and line.deployment:
            line = replace(line, what=f"A device enrolled for {line.deployment}", deployment="")
        lines.append(line)
    return tuple(sorted(lines, key=lambda line: line.sequence, reverse=True))


def by_day(lines: Sequence[Happening], now: datetime) -> tuple[Day, ...]:
    """Group lines under their days."""
    days: list[tuple[str, list[Happening]]] = []
    for line in lines:
        day = day_of(line.at, now)
        title = day[:1].upper() + day[1:]
        if not days or days[-1][0] != title:
            days.append((title, []))
        days[-1][1].append(line)
    return tuple(Day(title, tuple(found)) for title, found in days)


_OF_MANY: dict[EventKind, tuple[str, str]] = {
    EventKind.CONVERGED: ("headset is as the fleet file says", "headsets are as the fleet file says"),
    EventKind.ENROLLED: ("device enrolled", "devices enrolled"),
}
_QUIET = frozenset({EventKind.REPORTED, EventKind.INVENTORY, EventKind.RECOGNIZED})
_SLOT_S = 600
_MERGED = frozenset({EventKind.DRIFTED, EventKind.MENDED, EventKind.REFUSED})


def _together(first: Event, other: Event) -> bool:
    return (
        first.kind in _MERGED
        and other.kind is first.kind
        and other.enrollment == first.enrollment
        and abs((first.at - other.at).total_seconds()) < 60
    )


def _by(actor: str) -> str:
    kind, _, name = actor.partition(":")
    return {"person": f"by {name}", "token": f"by token {name}", "local-admin": "by the local administrator"}.get(
        kind, ""
    )


def _short(text: str) -> str:
    return text if len(text) <= 32 else text[:31] + "…"
