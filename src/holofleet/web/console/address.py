"""Addresses of lists: what was asked for stands in the address, so that a list can be kept and sent."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode


def asking(path: str, asked: Mapping[str, str]) -> str:
    """Return the address of a page with what is asked of it; empty texts are left out."""
    query = urlencode({name: text for name, text in asked.items() if text})
    return f"{path}?{query}" if query else path
