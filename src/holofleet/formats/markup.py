"""The little XML that the documents of a headset need: careful reading, deterministic writing.

Reading accepts UTF-8 only and refuses document types, entities, deep nesting and large texts before anything is
built, because kiosk files come from people's disks. Writing produces one line without indentation: such a text
travels inside another message, where line ends may be rewritten on the way and would then look like drift.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from holofleet.errors import InputError

MAX_BYTES = 1 << 20
"""A kiosk document with 200 apps has about 40 kB; a megabyte is no document of a headset."""

MAX_DEPTH = 32
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


class MarkupError(InputError):
    """The text is no XML that may be read here: not well-formed, not UTF-8, too large, or with a document type."""


@dataclass(slots=True)
class Element:
    """An element that was read: ``name`` and attribute names are ``{namespace}local``, or bare without one."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("}")[2]

    def all(self, name: str) -> list[Element]:
        """Return the children of that full name."""
        return [child for child in self.children if child.name == name]


def parse(data: str | bytes, *, limit: int = MAX_BYTES) -> Element:
    """Read one document of at most so many bytes and return its root.

    Raises:
        MarkupError: see the class; the summary names line and column where there is one.
    """
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > limit:
        raise MarkupError(f"the XML has {len(raw):,} bytes; {limit:,} are allowed")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MarkupError(f"the XML is not UTF-8 at byte {error.start}") from error
    builder = _Builder()
    try:
        builder.parser.Parse(raw, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "not well-formed")
        raise MarkupError(
            f"the XML is not well-formed at line {error.lineno}, column {error.offset + 1}: {reason}"
        ) from error
    return builder.root


class _Builder:
    """Builds elements from the events of one expat parser."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", "}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[Element] = []
        self.root: Element

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise MarkupError(f"the XML is nested deeper than {MAX_DEPTH} at line {self.parser.CurrentLineNumber}")
        named = {_full(key): value for key, value in attributes.items()}
        element = Element(_full(name), named, self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _doctype(self, *_: object) -> None:
        raise MarkupError(f"the XML has a document type at line {self.parser.CurrentLineNumber}; none is allowed")


def _full(name: str) -> str:
    return "{" + name if "}" in name else name


def escape(text: str) -> str:
    """Escape text for an attribute or for content.

    Raises:
        ValueError: a character that XML cannot hold (a control character, a lone surrogate).
    """
    bad = _FORBIDDEN.search(text)
    if bad:
        raise ValueError(f"XML cannot hold the character {bad.group()!r}")
    return "".join(_ESCAPES.get(char, char) for char in text)


def element(name: str, attributes: Mapping[str, str] | None = None, content: str | Iterable[str] = ()) -> str:
    """Render one element; attributes in the order given.

    Args:
        name: With its prefix, as it shall stand.
        attributes: Values not yet escaped.
        content: Markup that is already rendered; see :func:`escape` for text.
    """
    marks = "".join(f' {key}="{escape(value)}"' for key, value in (attributes or {}).items())
    inner = content if isinstance(content, str) else "".join(content)
    return f"<{name}{marks}>{inner}</{name}>" if inner else f"<{name}{marks}/>"
