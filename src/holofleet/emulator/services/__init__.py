"""What requests do to a tenant, one module for each kind of thing.

``directory``: users, groups, licenses, devices, the organization. ``policies``: conditional access, certificate
sign-in, registration and authorization. ``intune``: configurations, compliance, enrollment, apps, Autopilot,
managed devices, reports. Each module has a function ``routes()``; :func:`all_routes` is all of them. Written
from the public contract of Graph; nothing here knows what the fleet wants.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.routing import Route


def all_routes() -> Iterator[Route]:
    """Return every route of every service."""
    from holofleet.emulator.services import directory, intune, policies

    for area in (directory, policies, intune):
        yield from area.routes()
