"""Texts of a tenant as a fleet file keeps them, or not at all.

Characters that do not print are refused everywhere: they could drive the terminal that a draft is printed on.
"""

from __future__ import annotations

import re
from collections.abc import Container

from pydantic import TypeAdapter, ValidationError

from holofleet.spec.values import SKU, UPN, Country, Domain, GroupTag, Guid, Serial, Text

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST = 40
UPN_KIND: TypeAdapter[str] = TypeAdapter(UPN)
SERIAL: TypeAdapter[str] = TypeAdapter(Serial)
SKU_KIND: TypeAdapter[str] = TypeAdapter(SKU)
DOMAIN: TypeAdapter[str] = TypeAdapter(Domain)
COUNTRY: TypeAdapter[str] = TypeAdapter(Country)
TAG: TypeAdapter[str] = TypeAdapter(GroupTag)
GUID: TypeAdapter[str] = TypeAdapter(Guid)
TEXT: TypeAdapter[str] = TypeAdapter(Text)


def kept(kind: TypeAdapter[str], text: str) -> str | None:
    """Return a text as the fleet file keeps it, ``None`` where it would be refused."""
    if not text or not text.isprintable():
        return None
    try:
        return kind.validate_python(text)
    except ValidationError:
        return None


def slug(text: str, fallback: str, taken: Container[str]) -> str:
    """Return a name for the fleet file that is not taken yet: small letters, digits and hyphens of a text."""
    base = _NOT_IN_A_NAME.sub("-", text.lower())[:_LONGEST].strip("-") or fallback
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name
