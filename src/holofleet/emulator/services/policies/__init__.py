"""Policies of the directory: conditional access, sign-in methods, registration, authorization, MDM scope."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.routing import Route


def routes() -> Iterator[Route]:
    """Return the routes of policies."""
    from holofleet.emulator.services.policies import conditional_access, sign_in, tenant_wide

    for module in (conditional_access, sign_in, tenant_wide):
        yield from module.routes()
