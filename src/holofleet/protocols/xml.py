"""XML from strangers, read within limits, and XML written with every text escaped.

The reader takes UTF-8 and nothing else, without document type and processing instructions. Size, number of
``<``, prolog and attributes are judged on the bytes before a parser sees them; depth on the tree.

The parser is expat. libxml2 (lxml) keeps every element name it ever met in a table that lives as long as the
thread: 20,000 small documents with fresh names held 320 MB for good (measured with libxml2 2.14), which a
stranger at the discovery endpoint could repeat for ever. Expat's tables die with each document. What makes the
standard library's reader dangerous elsewhere, entities and endless depth, needs a document type or is bounded
here by the count of ``<``.

Example::

    root = parse(body, SOAP_LIMITS)
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from pyexpat import ExpatError, ParserCreate
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, XMLParser

from holofleet.protocols.errors import MalformedMessageError, MisuseError

__all__ = [
    "SOAP_LIMITS",
    "Element",
    "XMLLimits",
    "attribute",
    "decode_base64",
    "escape",
    "escape_attribute",
    "inner_xml",
    "parse",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class XMLLimits:
    """How large a document may be; each number is refused when passed.

    Args:
        max_body_bytes: Length of the body.
        max_tags: Count of ``<`` in the body: start tags, end tags, comments and CDATA sections.
        max_depth: Depth of the tree; the root has depth 1.
        max_attributes: Attributes of one element, namespace declarations counted.
    """

    max_body_bytes: int
    max_tags: int
    max_depth: int = 32
    max_attributes: int = 64


SOAP_LIMITS = XMLLimits(max_body_bytes=64 * 1024, max_tags=4_000)
"""For policy and enrollment requests (SECURITY 5.4 and 5.5)."""

_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(
    rb"<\?xml\s++version\s*+=\s*+(?:\"1\.[0-9]\"|'1\.[0-9]')"
    rb"(?:\s++encoding\s*+=\s*+(?:\"([A-Za-z0-9._-]{1,40})\"|'([A-Za-z0-9._-]{1,40})'))?+"
    rb"(?:\s++standalone\s*+=\s*+(?:\"(?:yes|no)\"|'(?:yes|no)'))?+\s*+\?>"
)
_PROLOG = re.compile(rb"(?:\s|<!--(?:[^-]|-(?!-))*+-->)*+<(?=[^!?/\s])")
_MANY_EQUALS = re.compile(rb"<[^<=]*+(?:=[^<=]*+){65}")
_TAG = re.compile(rb"<[^<>/\s!?][^<>/\s]*+((?:\s++[^\s=<>\"'/]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+)")
_VALUE = re.compile(rb"\"[^\"]*+\"|'[^']*+'")
_META_DECLARATION = b' xmlns="syncml:metinf"'


def parse(body: bytes, limits: XMLLimits) -> Element:
    """Parse a document and return its root.

    Comments are dropped and CDATA sections become text. Tags are ``{namespace}name``.

    Raises:
        MalformedMessageError: Too large (413), not UTF-8 (415), or anything else that is not accepted (400).

    Source: limits in SECURITY 5.4 (PAR-1 to PAR-3).
    """
    if len(body) > limits.max_body_bytes:
        raise MalformedMessageError(f"the body is larger than {limits.max_body_bytes} bytes", http_status=413)
    if body.count(b"<") > limits.max_tags:
        raise MalformedMessageError(f"the body has more than {limits.max_tags} tags", http_status=413)
    _check_encoding(body)
    start = _check_prolog(body)
    _check_attributes(body, limits.max_attributes)
    if body.find(b"<?", start) >= 0:
        _refuse_processing_instructions(body)
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - no document type gets this far, see above
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, ValueError) as error:
        raise _not_well_formed(error) from None
    _check_depth(root, limits.max_depth)
    return root


def _check_encoding(body: bytes) -> None:
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise MalformedMessageError("the body is UTF-16 or UTF-32; only UTF-8 is read", http_status=415)
    if b"\x00" in body:
        raise MalformedMessageError("the body holds a NUL byte")
    try:
        body.decode()
    except UnicodeDecodeError:
        raise MalformedMessageError("the body is not UTF-8", http_status=415) from None


def _check_prolog(body: bytes) -> int:
    """Return where the root element starts; only a declaration and comments may stand before it."""
    start = len(_BOM) if body.startswith(_BOM) else 0
    declaration = _DECLARATION.match(body, start)
    if declaration is not None:
        encoding = declaration.group(1) or declaration.group(2)
        if encoding is not None and encoding.lower() not in (b"utf-8", b"utf8", b"us-ascii"):
            raise MalformedMessageError("the declared encoding is not UTF-8", http_status=415)
        start = declaration.end()
    prolog = _PROLOG.match(body, start)
    if prolog is None:
        raise MalformedMessageError("the body does not start with an element, or has a document type")
    return prolog.end() - 1


def _check_attributes(body: bytes, most: int) -> None:
    # Two cheap counts let an ordinary message through; only what is left over is looked at tag by tag.
    if body.count(b"=") - body.count(_META_DECLARATION) <= most or _MANY_EQUALS.search(body) is None:
        return
    for tag in _TAG.finditer(body):
        if tag.group(1).count(b"=") > most and len(_VALUE.findall(tag.group(1))) > most:
            raise MalformedMessageError(f"an element has more than {most} attributes")


def _refuse_processing_instructions(body: bytes) -> None:
    """Tell a processing instruction from the same letters inside a CDATA section, where XML documents stand."""

    def refuse(_target: str, _data: str) -> NoReturn:
        raise MalformedMessageError("processing instructions are not read")

    parser = ParserCreate("utf-8")
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(body, True)
    except ExpatError as error:
        raise _not_well_formed(error) from None


def _check_depth(root: Element, most: int) -> None:
    level, depth = [root], 1
    while level := [child for element in level if len(element) for child in element]:
        depth += 1
        if depth > most:
            raise MalformedMessageError(f"elements are nested more than {most} deep")


def _not_well_formed(error: Exception) -> MalformedMessageError:
    line, column = getattr(error, "position", None) or (getattr(error, "lineno", 0), getattr(error, "offset", 0))
    return MalformedMessageError(f"the body is not well-formed XML (line {line}, column {column})")


def text_of(element: Element | None) -> str:
    """Return the text of an element without surrounding white space; "" for none."""
    return "" if element is None else (element.text or "").strip()


def attribute(element: Element, name: str) -> str:
    """Return an attribute by its local name, prefixed or not; "" when it is missing.

    Clients write the attributes of security tokens with the prefix of the element or without.
    """
    plain = element.get(name)
    if plain is not None:
        return plain
    suffix = "}" + name
    return next((value for key, value in element.items() if key.endswith(suffix)), "")


def decode_base64(text: str, *, max_bytes: int, what: str = "a value") -> bytes:
    """Decode base64 that may be wrapped into lines; nothing else but its alphabet is accepted.

    Raises:
        MalformedMessageError: Another letter, wrong padding, or more than ``max_bytes``.
    """
    joined = "".join(line.strip(" \t\r") for line in text.split("\n"))
    if len(joined) > max_bytes * 4 // 3 + 4:
        raise MalformedMessageError(f"{what} is larger than {max_bytes} bytes", http_status=413)
    try:
        return binascii.a2b_base64(joined.encode("ascii"), strict_mode=True)
    except ValueError:  # binascii.Error and UnicodeEncodeError are both one
        raise MalformedMessageError(f"{what} is not base64") from None


_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    """Escape the text of an element, so that a parser returns it unchanged.

    Raises:
        MisuseError: A character that XML cannot carry at all, such as NUL.
    """
    if _ILLEGAL.search(text):
        raise MisuseError("XML cannot carry a control character or an unpaired surrogate")
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    # A bare carriage return would come back as a line feed.
    return text.replace("\r", "&#13;") if "\r" in text else text


def escape_attribute(text: str) -> str:
    """Escape the value of a double-quoted attribute; as :func:`escape`, with quotes and line ends too."""
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def inner_xml(element: Element, home: frozenset[str]) -> str:
    """Return what stands inside an element as XML text.

    Some clients put a value that is XML into a data element unescaped; this gives back about what they meant.

    Args:
        element: The data element.
        home: Namespaces of the envelope: inherited by an unqualified value, so not part of it.
    """
    return escape(element.text or "") + "".join(_outer_xml(child, home, "") for child in element)


def _outer_xml(element: Element, home: frozenset[str], inherited: str) -> str:
    namespace, _, name = element.tag[1:].rpartition("}") if element.tag.startswith("{") else ("", "", element.tag)
    namespace = "" if namespace in home else namespace
    declaration = f' xmlns="{escape_attribute(namespace)}"' if namespace != inherited else ""
    attributes = "".join(
        f' {key.rpartition("}")[2]}="{escape_attribute(value)}"' for key, value in element.items()
    )
    content = escape(element.text or "") + "".join(_outer_xml(child, home, namespace) for child in element)
    tail = escape(element.tail or "")
    return (
        f"<{name}{declaration}{attributes}>{content}</{name}>{tail}"
        if content
        else (f"<{name}{declaration}{attributes}/>{tail}")
    )
