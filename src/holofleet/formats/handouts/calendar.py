"""iCalendar text (RFC 5545) of whole days.

Days are dates without a time zone on purpose: a visit is a day in the harbour, whatever zone the reader's calendar
shows, and no change of summer time can move it. The same events always give the same bytes: nothing here knows
what time it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

PRODUCT = "-//holofleet//reconnect calendar//EN"
_MAX_OCTETS = 75
_REMINDER = "-PT15H"
"""Nine in the morning of the day before. Ours."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry over whole days.

    Args:
        uid: Stays the same when the entry is written again, so that calendars move it and do not double it.
        first: First day.
        end: The day after the last one.
        summary: Title.
        description: What to do; may hold line breaks.
        location: Place; empty where there is none.
        reminder: Whether calendars shall remind people on the day before.
    """

    uid: str
    first: date
    end: date
    summary: str
    description: str = ""
    location: str = ""
    reminder: bool = False


def calendar(name: str, events: Iterable[Event], *, stamp: date) -> str:
    """Return a calendar file.

    Args:
        name: Title of the calendar.
        events: Its entries; one at least, as the format wants it.
        stamp: Day that stands as the time of writing, which the format wants.

    Raises:
        ValueError: there is no entry, or an entry ends before it begins.
    """
    listed = tuple(events)
    if not listed:
        raise ValueError("a calendar without entries cannot be written")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in listed:
        lines += _event(event, f"{stamp:%Y%m%d}T000000Z")
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _event(event: Event, stamp: str) -> Iterator[str]:
    if event.end <= event.first:
        raise ValueError(f"{event.uid} ends before it begins")
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.end:%Y%m%d}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.location:
        yield f"LOCATION:{_text(event.location)}"
    yield "TRANSP:TRANSPARENT"
    if event.reminder:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_text(event.summary)}"
        yield f"TRIGGER:{_REMINDER}"
        yield "END:VALARM"
    yield "END:VEVENT"


def _text(value: str) -> str:
    """Escape a text (RFC 5545, 3.3.11); control characters, which it cannot hold, are left out."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in value if c in "\n\t" or not _control(c))
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        kept = kept.replace(plain, escaped)
    return kept


def _control(char: str) -> bool:
    return ord(char) < 0x20 or ord(char) == 0x7F


def _fold(line: str) -> Iterator[str]:
    """Yield pieces of at most 75 octets, never cutting through a character (RFC 5545, 3.1)."""
    piece, octets = "", 0
    for char in line:
        size = len(char.encode())
        if octets + size > _MAX_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += char
        octets += size
    yield piece
