"""XML inside a value: ADMX-backed policies and documents such as Wi-Fi profiles.

Values come from operators and, when read back, from headsets, which may be hostile: a document type or an entity
declaration is refused before anything of it is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from holofleet.catalog.values.allowed import Allowed, Unsuited, Value, control_fault, has_variable

Event = tuple[str, ...]
"""``("+", name, attribute, value, ...)`` with attributes sorted, ``("-",)``, or ``("=", text)``."""

_SECONDS = re.compile(r"[0-9]{1,9}")


class NotXMLError(ValueError):
    """A text that is not well-formed, or that brings a document type."""


def parse(text: str) -> list[Event]:
    """Read XML as a list of events in which equal documents are equal.

    Prefixes are resolved (a name is ``namespace name``), blanks around text, comments and processing instructions
    are dropped, CDATA and escapes are one.

    Raises:
        NotXMLError: not well-formed, or with a document type.
    """
    events: list[Event] = []
    pending: list[str] = []

    def flush() -> None:
        said = "".join(pending).strip()
        pending.clear()
        if said:
            events.append(("=", said))

    def start(name: str, attributes: dict[str, str]) -> None:
        flush()
        flat = [part for item in sorted(attributes.items()) for part in item]
        events.append(("+", name, *flat))

    def end(_name: str) -> None:
        flush()
        events.append(("-",))

    def refuse(*_: object) -> NoReturn:
        raise NotXMLError("it holds a document type")

    parser = expat.ParserCreate("utf-8", " ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = pending.append
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        raise NotXMLError(
            f"it is not well-formed XML ({expat.ErrorString(error.code)}, line {error.lineno})"
        ) from error
    except UnicodeEncodeError as error:
        raise NotXMLError("it holds characters that no message can carry") from error
    return events


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """What an attribute of the root takes: a pattern of the whole value, and whether it must be there."""

    pattern: re.Pattern[str]
    required: bool = False


@dataclass(frozen=True, slots=True)
class XMLAllowed(Allowed):
    """A well-formed document, with a known root where one is stated."""

    root: str = ""
    attributes: dict[str, AttributeRule] = field(default_factory=dict, hash=False)
    hint: str = ""

    def describe(self) -> str:
        what = f"an XML document with the root {self.root}" if self.root else "a well-formed XML document"
        if self.attributes:
            names = ", ".join(f"{n} (required)" if r.required else n for n, r in self.attributes.items())
            what += f" and the attributes {names}"
        return f"{what} ({self.hint})" if self.hint else what

    def fault(self, data: str) -> str | None:
        try:
            name, attributes = _root(parse(data))
        except NotXMLError as error:
            return str(error)
        if self.root and _local(name) != self.root:
            return f"its root is {_local(name)[:60]}"
        return self._attribute_fault(attributes) if self.attributes else None

    def _attribute_fault(self, given: Mapping[str, str]) -> str | None:
        for name, rule in self.attributes.items():
            if name not in given:
                if rule.required:
                    return f"the attribute {name} is missing"
            elif not rule.pattern.fullmatch(given[name]) and not has_variable(given[name]):
                return f"the attribute {name} does not take {given[name][:60]!r}"
        unknown = [name for name in given if name not in self.attributes]
        return f"the attribute {unknown[0][:60]} is unknown" if unknown else None

    def equal(self, a: str, b: str) -> bool:
        return _same(a, b)


@dataclass(frozen=True, slots=True)
class ADMXAllowed(Allowed):
    """An ADMX-backed policy: ``<disabled/>``, or ``<enabled/>`` with ``<data id="..." value="..."/>`` elements.

    Args:
        ids: The ids that the policy knows; ``None`` where no source names them.
        unit: What the values count (``seconds``), or empty for texts.
    """

    ids: tuple[str, ...] | None = None
    unit: str = ""

    def describe(self) -> str:
        if self.ids is None:
            return '<disabled/>, or <enabled/> with <data id="..." value="..."/> elements'
        if not self.ids:
            return "<enabled/> or <disabled/>"
        unit = f", values in {self.unit}" if self.unit else ""
        return f'<disabled/>, or <enabled/> with <data id="..." value="..."/> for {", ".join(self.ids)}{unit}'

    def data(self, value: Value) -> str:
        if isinstance(value, bool):
            if value and self.ids != ():
                raise Unsuited("true does not say which value; give the data too")
            return render_admx({}) if value else render_admx(None)
        if isinstance(value, int):
            if self.ids is None or len(self.ids) != 1:
                raise Unsuited("a number alone does not say which data it is for")
            return render_admx({self.ids[0]: str(value)})
        return Allowed.data(self, value)

    def fault(self, data: str) -> str | None:
        if (fault := control_fault(data)) is not None:
            return fault
        try:
            switch, values = _admx(data)
        except NotXMLError as error:
            return str(error)
        if switch == "disabled":
            return "a disabled policy takes no data" if values else None
        for name, value in values.items():
            if self.ids is not None and name not in self.ids:
                return f"the data id {name[:60]!r} is unknown"
            if self.unit == "seconds" and not _SECONDS.fullmatch(value) and not has_variable(value):
                return f"the data {name} is not a number of seconds"
        return None

    def equal(self, a: str, b: str) -> bool:
        try:
            return _admx(a) == _admx(b)
        except NotXMLError:
            return a == b


def render_admx(values: Mapping[str, str] | None) -> str:
    """Render the value of an ADMX-backed policy: ``None`` disables it, a mapping enables it with data by id."""
    if values is None:
        return "<disabled/>"
    return "<enabled/>" + "".join(f"<data id={quoteattr(i)} value={quoteattr(v)}/>" for i, v in values.items())


def _root(events: list[Event]) -> tuple[str, dict[str, str]]:
    first = events[0]
    return first[1], dict(zip(first[2::2], first[3::2], strict=True))


def _same(a: str, b: str) -> bool:
    try:
        return parse(a) == parse(b)
    except NotXMLError:
        return a == b


def _admx(data: str) -> tuple[str, dict[str, str]]:
    events = parse(f"<admx>{data}</admx>")[1:-1]
    elements = events[0::2]
    flat = all(event[0] == "+" for event in elements) and all(event == ("-",) for event in events[1::2])
    if not flat or len(events) % 2 or not elements:
        raise NotXMLError("it is not a row of enabled, disabled and data elements")
    switch, *rest = elements
    if switch not in (("+", "enabled"), ("+", "disabled")):
        raise NotXMLError("it starts neither with <enabled/> nor with <disabled/>")
    values: dict[str, str] = {}
    for event in rest:
        if event[1] != "data" or event[2::2] != ("id", "value"):
            raise NotXMLError("after the first element only data with id and value may follow")
        if event[3] in values:
            raise NotXMLError(f"the data id {event[3][:60]!r} stands there twice")
        values[event[3]] = event[5]
    return switch[1], values
