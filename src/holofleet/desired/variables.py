"""The variables that the data of a setting may hold, and whether they are used as they must be."""

from __future__ import annotations

import re

from holofleet.resources.document import VARIABLE

_SECRET = re.compile(r"(?:env:HOLOFLEET_SECRET_[A-Z0-9_]+|file:[A-Za-z0-9][A-Za-z0-9._-]*)\Z")
_SAMPLES = {"serial": "003421800101", "account": "hl-003421800101@contoso.com", "secret": "eight or more"}
_BRACES = re.compile(r"\{\{|\}\}")


def fault(data: str) -> str:
    """Return what is wrong with the variables of a text, or an empty text.

    A misspelt variable would reach a headset as it stands, and a reference to anything but a holofleet secret
    would hand out the environment of the server (SECURITY D2).
    """
    for match in VARIABLE.finditer(data):
        name, reference = match.group(1), match.group(2)
        if name not in _SAMPLES:
            return f"there is no variable {{{{{name}}}}}; there are serial, account and secret"
        if (name == "secret") != (reference is not None):
            return "only a secret takes a reference, and needs one"
        if reference is not None and not _SECRET.match(reference):
            return "a secret is named by env:HOLOFLEET_SECRET_NAME or file:NAME"
    if _BRACES.search(VARIABLE.sub("", data)):
        return "the braces {{ and }} hold variables only"
    return ""


def sample(data: str) -> str:
    """Return the text with samples in place of its variables, as the catalog's checks need it."""
    return VARIABLE.sub(lambda match: _SAMPLES[match.group(1)], data)
