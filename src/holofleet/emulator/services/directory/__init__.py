"""Entra ID: users, groups, licenses, devices, the organization and its domains.

Writes answer at once, reads lag behind (:class:`holofleet.emulator.tenant.Delays`); dynamic groups and licenses
follow in the background. Start with ``groups.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.routing import Route


def routes() -> Iterator[Route]:
    """Return the routes of the directory."""
    from holofleet.emulator.services.directory import (
        changes,
        deleted,
        devices,
        groups,
        licenses,
        members,
        methods,
        organization,
        users,
    )

    for module in (users, groups, members, licenses, devices, deleted, methods, organization, changes):
        yield from module.routes()
