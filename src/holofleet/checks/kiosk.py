"""What the kiosk of a deployment shows; whether there is one stands in :mod:`holofleet.checks.lockdown`."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.diagnostics import Position


def shown(case: Case) -> Iterator[tuple[str, Position]]:
    """Yield every app that a kiosk shows to somebody, with its place; an app of a profile has the profile's."""
    if case.value("kiosk.for") != "listed":
        yield from case.entries("kiosk.apps")
    for profile, position in case.entries("kiosk.profiles"):
        for app in profile.apps:
            yield app, position
