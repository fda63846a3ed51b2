"""Encrypted values of custom settings: when their plain texts have to be asked for, and when not.

The service shows encrypted values as asterisks, and gives one plain text a request. So a profile notes in its
description what was written and which version that made it: the service counts its version up with every change,
also of the description. As long as version and digest are the ones noted, nobody has changed the values, and no
plain text is read. Where the note proves nothing (an edit in a portal, a value that was changed in the file, a
repeated request that counted twice) they are read. Nothing has to be remembered beside the tenant.

A profile with a secret never gets a note: a digest of a secret would let people guess it. Those few are always
read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from holofleet.targets.graph.kinds import oma_values

FIRST_VERSION: Final = 1
"""Version of a profile that was just made. Assumed; where it is another, the note proves nothing."""
_NOTE: Final = re.compile(r" Texts of version (\d+): ([0-9a-f]{32})\.")
_MARK: Final = " ["


def noted(description: str, version: int, digest: str) -> str:
    """Return a description with a note before its marker; without one where there is no digest."""
    if not digest:
        return description
    text, mark, marker = description.rpartition(_MARK)
    return f"{text} Texts of version {version}: {digest}.{mark}{marker}"


def plain(description: object) -> Any:
    """Return a description without its note, as it is compared."""
    return _NOTE.sub("", description) if isinstance(description, str) else description


def digest(values: Mapping[str, Any]) -> str:
    """Return the digest of encrypted values by OMA-URI; empty where there are none, or one holds a secret."""
    if not values or any(oma_values.holds_secret(value) for value in values.values()):
        return ""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]


def proved(item: Mapping[str, Any], digest: str) -> bool:
    """Return whether the note of a profile says that its encrypted values are those of a digest."""
    notes = _NOTE.findall(str(item.get("description") or ""))
    return bool(digest) and notes == [(str(item.get("version")), digest)]
