"""Names of people's making as parts of paths."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def path_part(name: str) -> str:
    """Return a text as one part of a path, on any system: letters, digits and ``._-``; at least ``_``."""
    return _UNSAFE.sub("_", name).strip("._") or "_"
