"""Everything that happened with one headset, as lines: custody, events, orders, the audit log, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holofleet.server.custody import Happening, Kind, Source
from holofleet.server.events import Event, EventKind
from holofleet.web.console.happenings import told
from holofleet.web.console.records import Named, act_in_words, actor_of
from holofleet.web.console.words import count

_CUSTODY = {
    Kind.OUT: "was given to {who}",
    Kind.HAND_OVER: "was handed over to {who}",
    Kind.IN: "came back",
    Kind.LOST: "was recorded as not to be found",
    Kind.FOUND: "was recorded as found",
    Kind.LEFT: "was not brought back: {who} left",
    Kind.CORRECTION: "a record was corrected",
    Kind.VOID: "a record was taken back",
}
SOURCES = {
    Source.CUSTODY: "Custody",
    Source.EVENT: "Headset",
    Source.ORDER: "Order",
    Source.AUDIT: "Audit",
    Source.CALL: "Call",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a story; ``holder`` had the headset then."""

    at: datetime
    source: str
    what: str
    detail: str
    actor: Named
    holder: str
    href: str = ""


def lines_of(happenings: Iterable[Happening], name_of: Callable[[str], str]) -> tuple[Line, ...]:
    """Return the lines, in the order of the story; ``name_of`` gives the name of a person by id or UPN."""
    return tuple(_line(one, name_of) for one in happenings)


def _line(one: Happening, name_of: Callable[[str], str]) -> Line:
    what, detail = _said(one, name_of)
    href = f"/audit/{one.reference}" if one.source is Source.AUDIT else ""
    holder = one.holder.name if one.holder is not None else ""
    return Line(one.at, SOURCES[one.source], what, detail, actor_of(one.actor, name_of), holder, href)


def _said(one: Happening, name_of: Callable[[str], str]) -> tuple[str, str]:
    data = one.data
    if one.source is Source.CUSTODY and one.kind in _CUSTODY:
        who = str(data.get("person") or "")
        what = _CUSTODY[Kind(one.kind)].format(who=name_of(who) if who else "somebody")
        return what, str(data.get("note") or "")
    if one.source is Source.EVENT and one.kind in set(EventKind):
        event = Event(int(one.reference), one.at, EventKind(one.kind), "", one.actor, "", "", "", data)
        line = told([event])[0]
        return line.what, line.detail
    if one.source is Source.ORDER:
        outcome = str(data.get("outcome") or data.get("status") or "")
        return f"{one.kind} was ordered: {outcome}", str(data.get("reason") or "")
    if one.source is Source.AUDIT:
        return act_in_words(one.kind, str(data.get("act") or "")), str(data.get("reason") or "")
    if one.source is Source.CALL:
        return _call(data)
    return one.kind.replace("-", " "), ""


def _call(data: Mapping[str, Any]) -> tuple[str, str]:
    """Say with whom was talked, for how long, and about what."""
    seconds = int(data.get("seconds") or 0)
    if seconds:
        lasted = count(round(seconds / 60), "minute") if seconds >= 60 else count(seconds, "second")
    else:
        lasted = "not answered" if data.get("state") == "ended" else "still going on"
    about = [str(data[name]) for name in ("asset", "work_order") if data.get(name)]
    left = [count(int(data[name]), name[:-1]) for name in ("files", "marks") if data.get(name)]
    what = f"call with {', '.join(data.get('with') or ()) or 'an expert'}: {lasted}"
    return what, ", ".join([*about, *left])
