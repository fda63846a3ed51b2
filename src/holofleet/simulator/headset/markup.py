"""Reading and writing markup the headset's own way, so that it can disagree with the codecs of the server."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

Element = etree._Element
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MarkupError(ValueError):
    """The bytes are no markup that a headset reads."""


def parse(body: bytes) -> Element:
    """Parse a document and return its root.

    Raises:
        MarkupError: not well-formed, or with a document type.
    """
    # A parser per document: one that is kept would carry the state of a broken document into the next.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MarkupError(f"not well-formed: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise MarkupError("a document type is not allowed")
    return root


def text(value: str) -> str:
    """Escape character data; characters that XML cannot hold become U+FFFD."""
    return escape(_ILLEGAL.sub("\ufffd", value))


def attribute(value: str) -> str:
    """Quote and escape an attribute value."""
    return quoteattr(_ILLEGAL.sub("\ufffd", value))


def is_number(value: str) -> bool:
    """Tell whether a text is a plain decimal number that fits a message (other scripts have digits too)."""
    return value.isascii() and value.isdigit() and len(value) <= 10


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace(element: Element) -> str:
    """Return the namespace of an element, empty if it has none."""
    return str(element.tag).rpartition("}")[0][1:]


def children(element: Element) -> dict[str, Element]:
    """Return the children by local name; of several with one name the last."""
    return {child.tag.rpartition("}")[2]: child for child in element}  # comments were removed: tags are texts


def content(element: Element | None) -> str:
    """Return the text of an element, stripped; empty if it is missing."""
    return "" if element is None else (element.text or "").strip()
