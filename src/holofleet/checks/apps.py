"""Which app a name in the fleet file means: a short name, a package family, or a tile of it."""

from __future__ import annotations

from collections.abc import Iterable

from holofleet import catalog


def named(apps: Iterable[str] | None, short: str) -> bool:
    """Tell whether one of the names means the app that the catalog knows by its short name."""
    app = catalog.apps()[short]
    spellings = {spelling.casefold() for spelling in (short, app.package_family, *app.aumids) if spelling}
    return any(name.casefold() in spellings for name in apps or ())
