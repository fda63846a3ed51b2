"""Intune: configurations, compliance, enrollment, apps, Autopilot, managed devices, reports.

Its own service behind Graph: it knows groups later than the directory does, words its refusals as JSON inside
JSON, and often forgets Retry-After. Start with ``configurations.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.routing import Route


def routes() -> Iterator[Route]:
    """Return the routes of Intune."""
    yield from ()
