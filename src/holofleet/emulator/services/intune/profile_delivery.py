"""Autopilot devices get their profile some time after a group, an assignment or a membership changed."""

from __future__ import annotations

from holofleet.emulator.tenant import Tenant


def device_moved(tenant: Tenant, device: str) -> None:
    """Have the profile of a device worked out anew, after a while."""
