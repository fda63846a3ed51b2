"""Settings and settings documents.

A *setting* is one CSP node with a format and its data as it stands on the wire. A *document* is the set of
settings that a group of equal headsets shares, addressed by its content. The few values that differ between
equal headsets are variables (``{{serial}}``, ``{{account}}``), and secrets are references
(``{{secret:env:HOLOFLEET_SECRET_WIFI}}``), so that no secret is ever part of a document or of its hash
(SECURITY D2). Where a value came from stands beside a document (:class:`holofleet.resources.Origin`), not
in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

VARIABLE = re.compile(r"\{\{\s*([a-z]+)(?::([^{}\s]+))?\s*\}\}")
"""A variable inside the data of a setting: ``{{serial}}``, ``{{account}}`` or ``{{secret:REFERENCE}}``."""
UNCARRIED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""A character that XML, and so a message to a headset, cannot carry at all. Source: XML 1.0, section 2.2."""
_BLANK = re.compile(r"[\x00-\x20\x7f]")


class Format(StrEnum):
    """The formats of OMA DM meta information (``syncml:metinf`` Format); never guessed from a text."""

    CHR = "chr"
    INT = "int"
    BOOL = "bool"
    B64 = "b64"
    BIN = "bin"
    XML = "xml"
    NODE = "node"
    NULL = "null"
    FLOAT = "float"
    DATE = "date"
    TIME = "time"


def normal_uri(text: str) -> str:
    """Return the one spelling of a LocURI that documents, reports and comparisons use.

    ``./Vendor/MSFT``, ``./Device/Vendor/MSFT`` and the same without the leading ``./`` name one device tree;
    its normal form starts with ``./Device/Vendor/MSFT``. ``./User`` stays apart. Other trees (``./DevInfo``,
    ``./DevDetail``) keep their path. Letters keep their case: Windows compares LocURIs by letter.

    Raises:
        ValueError: empty, longer than 2,048 characters, with an empty segment, ``.`` or ``..`` inside, or
            with a blank or control character.

    Source: the tree forms are described in the OMA DM documentation of Windows (Microsoft).
    """
    if not text or len(text) > 2048:
        raise ValueError("a LocURI has 1 to 2,048 characters")
    path = text[2:] if text.startswith("./") else text
    if path == ".":
        return "."
    segments = path.split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise ValueError(f"a LocURI with an empty or a dot segment: {text!r}")
    if _BLANK.search(path):
        raise ValueError(f"a LocURI with a blank or control character; it must be percent-encoded: {text!r}")
    if segments[0] == "Vendor":
        segments.insert(0, "Device")
    elif segments[0] == "Device" and len(segments) > 1 and segments[1] in ("DevInfo", "DevDetail"):
        del segments[0]
    return "./" + "/".join(segments)


@dataclass(frozen=True, slots=True)
class Setting:
    """One CSP node with the value it shall have.

    Args:
        oma_uri: LocURI in normal form (:func:`normal_uri`).
        format: From the catalog, never guessed.
        data: The value as its text on the wire (``1``, ``true``, ``<enabled/>``), variables not yet filled in.
    """

    oma_uri: str
    format: Format
    data: str

    @property
    def variables(self) -> frozenset[str]:
        """Names of the variables in the data (``serial``, ``account``, ``secret``)."""
        return frozenset(match.group(1) for match in VARIABLE.finditer(self.data))

    @property
    def secrets(self) -> tuple[str, ...]:
        """References of the secrets in the data, in order (``env:HOLOFLEET_SECRET_WIFI``)."""
        return tuple(m.group(2) or "" for m in VARIABLE.finditer(self.data) if m.group(1) == "secret")

    def to_json(self) -> list[str]:
        """Return the JSON form inside a document: URI, format, data."""
        return [self.oma_uri, str(self.format), self.data]


@dataclass(frozen=True)
class Document:
    """The settings of a group of equal headsets, in sending order, addressed by their content.

    The order is part of the content: what a setting depends on comes before it.
    """

    settings: tuple[Setting, ...]
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for setting in self.settings:
            if setting.oma_uri in seen:
                raise ValueError(f"two settings for one node in a document: {setting.oma_uri}")
            seen.add(setting.oma_uri)
        canonical = json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))
        object.__setattr__(self, "hash", hashlib.sha256(canonical.encode()).hexdigest())

    @cached_property
    def by_uri(self) -> dict[str, Setting]:
        """The settings by normal LocURI."""
        return {setting.oma_uri: setting for setting in self.settings}

    def to_json(self) -> list[list[str]]:
        """Return the JSON form: a list of ``[oma_uri, format, data]``."""
        return [setting.to_json() for setting in self.settings]

    @classmethod
    def from_json(cls, value: object) -> Document:
        """Read the JSON form.

        Raises:
            ValueError: not a list of three texts each, an unknown format, a node named twice, or a character
                that no message can carry.
        """
        if not isinstance(value, list):
            raise ValueError("a document is a list of settings")
        settings = []
        for item in value:
            if not (isinstance(item, list) and len(item) == 3 and all(isinstance(part, str) for part in item)):
                raise ValueError("a setting is a list of three texts: oma_uri, format, data")
            if any(UNCARRIED.search(part) for part in item):
                raise ValueError(f"{item[0]!r} holds a character that no message can carry")
            settings.append(Setting(normal_uri(item[0]), Format(item[1]), item[2]))
        return cls(tuple(settings))
