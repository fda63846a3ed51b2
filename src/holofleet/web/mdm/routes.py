"""Which path is which service, on which listener."""

from __future__ import annotations

from holofleet.web.limits import TokenBuckets
from holofleet.web.mdm.endpoint import Path
from holofleet.web.mdm.management import ManagementEndpoint
from holofleet.web.mdm.soap import (
    DISCOVERY_PATH,
    ENROLLMENT_PATH,
    MANAGEMENT_PATH,
    POLICY_PATH,
    Bench,
    Discovery,
    Door,
    Enrollment,
    Policy,
)
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings


def enrollment_paths(services: Services, settings: WebSettings, *, on_device_listener: bool) -> tuple[Path, ...]:
    """Return discovery, policy and enrollment for one listener.

    The counts per address are those of the listener; policy and enrollment share one.
    """
    limits = settings.limits
    bench = Bench(at_once=limits.issuances_at_once, waiting=limits.issuances_waiting)
    door = Door(services.enrollment, settings, bench, on_device_listener)
    asking, enrolling = TokenBuckets(limits.discovery.rate), TokenBuckets(limits.enrollment.rate)
    return (
        Path(DISCOVERY_PATH, Discovery(door, limits.discovery, asking)),
        Path(POLICY_PATH, Policy(door, limits.enrollment, enrolling)),
        Path(ENROLLMENT_PATH, Enrollment(door, limits.enrollment, enrolling)),
    )


def device_paths(services: Services, settings: WebSettings) -> tuple[Path, ...]:
    """Return everything that the device listener serves to headsets."""
    management = Path(MANAGEMENT_PATH, ManagementEndpoint(services.management, settings))
    return (management, *enrollment_paths(services, settings, on_device_listener=True))
