"""What SCIM answers when it refuses (RFC 7644, section 3.12)."""

from __future__ import annotations

from enum import StrEnum

from holofleet.errors import HolofleetError


class ScimType(StrEnum):
    """The word that says what is wrong with a request of status 400 or 409."""

    INVALID_FILTER = "invalidFilter"
    TOO_MANY = "tooMany"
    UNIQUENESS = "uniqueness"
    MUTABILITY = "mutability"
    INVALID_SYNTAX = "invalidSyntax"
    INVALID_PATH = "invalidPath"
    NO_TARGET = "noTarget"
    INVALID_VALUE = "invalidValue"


class ScimError(HolofleetError):
    """A request that cannot be used. ``kind`` goes into ``scimType``."""

    def __init__(self, kind: ScimType, summary: str, *, mend: str = "") -> None:
        super().__init__(summary, mend=mend)
        self.kind = kind
