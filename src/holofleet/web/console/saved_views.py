"""Views that somebody saved of the list of headsets: kept, and dropped."""

from __future__ import annotations

from starlette.responses import Response

from holofleet.errors import ConflictError, InputError
from holofleet.server.authorization import Action
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

LIST = "/headsets"


@declares(Action.READ_HEADSETS)
def change_views(visit: Visit) -> Response:
    """``POST /views``: keep the list as it is filtered under a name, or drop a view; then the list again."""
    visit.require(Action.READ_HEADSETS)
    query, name = visit.form.get("query", ""), visit.form.get("name", "")
    back = f"{LIST}?{query}" if query else LIST
    try:
        if visit.form.get("act") == "drop":
            visit.services.fleet.drop_view(visit.principal, name)
        else:
            visit.services.fleet.save_view(visit.principal, name, query)
    except (ConflictError, InputError) as error:
        return visit.render("view_refused.html", 409, here="headsets", error=error, back=back)
    return visit.go(back)
