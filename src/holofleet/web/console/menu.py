"""Pages beside the fleet: the menu of small screens, and the fleet file with its lines."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import NotFoundError
from holofleet.server.authorization import Action
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares


@declares(Action.READ_SELF)
def menu_page(visit: Visit) -> Response:
    """``/menu``: the navigation as a page, which works without script."""
    visit.require(Action.READ_SELF)
    return visit.render("menu.html", here="menu")


@declares(Action.READ_TEXTS)
def fleet_files_page(visit: Visit) -> Response:
    """``/fleet-file``: the files that were applied; a single one at once."""
    visit.require(Action.READ_TEXTS)
    names = sorted(visit.services.fleet.texts())
    if len(names) == 1:
        return visit.go(f"/fleet-file/{quote(names[0])}")
    return visit.render("fleet_files.html", here="", names=names)


@declares(Action.READ_TEXTS)
def fleet_file_page(visit: Visit) -> Response:
    """``/fleet-file/NAME``: the text that was applied, line by line, so that a value can point at its line."""
    visit.require(Action.READ_TEXTS)
    name = visit.path("name")
    text = visit.services.fleet.texts().get(name)
    if text is None:
        raise NotFoundError("no file of this name was applied")
    return visit.render("fleet_file.html", here="", name=name, lines=text.splitlines())


@declares(Action.READ_SELF)
def nothing_page(visit: Visit) -> Response:
    """Every other address: there is nothing, said in a page."""
    raise NotFoundError("there is no such page")
