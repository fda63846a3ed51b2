"""Intune: configurations, compliance, enrollment, apps, Autopilot, managed devices, reports.

Its own service behind Graph: it knows groups later than the directory does, words its refusals as JSON inside
JSON, and often forgets Retry-After. Start with ``policy.py`` (what policies share), then ``configurations.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.routing import Route


def routes() -> Iterator[Route]:
    """Return the routes of Intune."""
    from holofleet.emulator.services.intune import (
        apps,
        autopilot,
        autopilot_profiles,
        compliance,
        configurations,
        enrollment,
        filters,
        managed,
        reports,
        tenant_settings,
    )

    for module in (
        configurations,
        compliance,
        enrollment,
        apps,
        filters,
        autopilot,
        autopilot_profiles,
        managed,
        reports,
        tenant_settings,
    ):
        yield from module.routes()
