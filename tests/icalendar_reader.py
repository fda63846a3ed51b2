"""A strict reader of iCalendar files (RFC 5545): refuses what the grammar of the parts in use does not allow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

_LINE = re.compile(
    r"(?P<name>[A-Z0-9-]+)(?P<parameters>(?:;[A-Z0-9-]+=[^\x00-\x08\x0a-\x1f\x7f\";:,]+)*):(?P<value>.*)"
)
_TEXT = re.compile(r"(?:[^\x00-\x08\x0a-\x1f\x7f\\;,]|\\[\\;,nN])*")
_TEXTS = {"UID", "SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "PRODID"}
_ALLOWED = {
    "VCALENDAR": {"VERSION", "PRODID", "CALSCALE", "NAME", "X-WR-CALNAME"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "TRANSP"},
    "VALARM": {"ACTION", "DESCRIPTION", "TRIGGER"},
}
_REQUIRED = {
    "VCALENDAR": {"VERSION", "PRODID"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART"},
    "VALARM": {"ACTION", "DESCRIPTION", "TRIGGER"},
}
_INSIDE = {None: {"VCALENDAR"}, "VCALENDAR": {"VEVENT"}, "VEVENT": {"VALARM"}, "VALARM": set()}
_FIXED = {"VERSION": "2.0", "CALSCALE": "GREGORIAN", "TRANSP": "TRANSPARENT", "ACTION": "DISPLAY"}


@dataclass
class Component:
    """A component with the values of its properties (texts unescaped, days as dates) and what stands in it."""

    name: str
    values: dict[str, object] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)


def read(content: bytes) -> Component:
    """Return the calendar.

    Raises:
        ValueError: the file breaks the grammar.
    """
    stack: list[Component] = []
    done: Component | None = None
    for line in _unfolded(content):
        match = _LINE.fullmatch(line)
        if match is None or done is not None:
            raise ValueError(f"no content line: {line!r}")
        name, value = match["name"], match["value"]
        if name == "BEGIN":
            if value not in _INSIDE[stack[-1].name if stack else None]:
                raise ValueError(f"{value} may not stand here")
            stack.append(Component(value))
        elif name == "END":
            closed = stack.pop()
            _complete(closed, value)
            if stack:
                stack[-1].parts.append(closed)
            else:
                done = closed
        else:
            _property(stack[-1], name, match["parameters"], value)
    if done is None:
        raise ValueError("the calendar does not end")
    uids = [part.values["UID"] for part in done.parts]
    if len(set(uids)) != len(uids):
        raise ValueError("two events have one UID")
    return done


def _unfolded(content: bytes) -> list[str]:
    if not content.endswith(b"\r\n"):
        raise ValueError("the last line does not end")
    lines: list[str] = []
    for raw in content[:-2].split(b"\r\n"):
        if len(raw) > 75 or b"\r" in raw or b"\n" in raw:
            raise ValueError(f"too long, or a bare line end: {raw!r}")
        text = raw.decode()  # a character that is cut in two fails here
        if text[:1] in (" ", "\t"):
            lines[-1] += text[1:]
        else:
            lines.append(text)
    return lines


def _property(component: Component, name: str, parameters: str, value: str) -> None:
    if name not in _ALLOWED[component.name] or name in component.values:
        raise ValueError(f"{name} may not stand in {component.name}, or stands twice")
    if name in ("DTSTART", "DTEND"):
        if parameters != ";VALUE=DATE" or not re.fullmatch(r"\d{8}", value):
            raise ValueError(f"no day: {name}{parameters}:{value}")
        component.values[name] = date(int(value[:4]), int(value[4:6]), int(value[6:]))
        return
    if parameters:
        raise ValueError(f"{name} has parameters: {parameters}")
    component.values[name] = _value(name, value)


def _value(name: str, value: str) -> object:
    if name == "DTSTAMP":
        return datetime.strptime(value, "%Y%m%dT%H%M%S%z")
    if name == "TRIGGER" and not re.fullmatch(r"-P(?:\d+D)?(?:T\d+H)?", value):
        raise ValueError(f"no duration: {value}")
    if name in _FIXED and value != _FIXED[name]:
        raise ValueError(f"{name} is {value}")
    if name in _TEXTS:
        if _TEXT.fullmatch(value) is None:
            raise ValueError(f"no text: {value!r}")
        return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
    return value


def _complete(component: Component, name: str) -> None:
    if component.name != name or not component.values.keys() >= _REQUIRED[name]:
        raise ValueError(f"{component.name} is not complete, or ends as {name}")
    if name == "VCALENDAR" and not component.parts:
        raise ValueError("an empty calendar")
    if name == "VEVENT" and not component.values.get("DTEND", date.max) > component.values["DTSTART"]:  # type: ignore[operator]
        raise ValueError("an event ends before it begins")
