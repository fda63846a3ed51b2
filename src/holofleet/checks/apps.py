"""Which app a name in the fleet file means: a short name, a package family, or a tile of it."""

from __future__ import annotations

from collections.abc import Iterable

from holofleet import catalog


def named(apps: Iterable[str] | None, short: str) -> bool:
    """Tell whether one of the names means the app that the catalog knows by its short name."""
    app = catalog.apps()[short]
    spellings = {spelling.casefold() for spelling in (short, app.package_family, *app.aumids) if spelling}
    return any(name.casefold() in spellings for name in apps or ())


def short_of(name: str) -> str:
    """Return the short name of an app that the catalog knows; an unknown one keeps the name that it has."""
    return next((short for short in catalog.apps() if named([name], short)), name)
