"""Pages of the headset's Settings app, as ``Settings/PageVisibilityList`` names them.

Source: 'Page Settings Visibility' and 'HoloLens 2 release notes' (Microsoft). Pages that have no name in the list
(About, Certificates, For developers ...) cannot be named here either; ``showonly:`` hides them.
"""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.catalog import reading
from holofleet.catalog.build import Build


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One page name (a ``ms-settings:`` URI without its scheme), the group and title a wearer sees."""

    name: str
    group: str
    title: str
    min_build: Build
    removed_in: Build | None = None
    note: str = ""
    sources: tuple[str, ...] = ()

    def on(self, build: Build) -> bool:
        """Tell whether a build has the page."""
        return build >= self.min_build and (self.removed_in is None or build < self.removed_in)


def load() -> dict[str, SettingsPage]:
    """Read the pages, by name."""
    return {
        name: SettingsPage(
            name=name,
            group=row["group"],
            title=row["title"],
            min_build=Build.parse(row["build"]),
            removed_in=Build.parse(row["removed_in"]) if "removed_in" in row else None,
            note=row.get("note", ""),
            sources=tuple(row["sources"]),
        )
        for name, row in reading.read("settings_pages").items()
    }
