"""The kiosk of a deployment: what it shows, to everyone and to single groups and people."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.diagnostics import Position


def holds_everyone(case: Case) -> bool:
    """Tell whether everyone but those spared sees the kiosk's apps only."""
    return case.value("kiosk.for") == "everyone" and bool(case.value("kiosk.apps"))


def shown(case: Case) -> Iterator[tuple[str, Position]]:
    """Yield every app that a kiosk shows to somebody, with its place; an app of a profile has the profile's."""
    if case.value("kiosk.for") != "listed":
        yield from case.entries("kiosk.apps")
    for profile, position in case.entries("kiosk.profiles"):
        for app in profile.apps:
            yield app, position
