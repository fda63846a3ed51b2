"""Pairing the browser of a headset: somebody sees the code on it and types the code here (SECURITY D4)."""

from __future__ import annotations

from starlette.responses import Response

from holofleet.errors import HolofleetError, NotFoundError, RefusedError
from holofleet.server.authorization import Action
from holofleet.web.console.custody_tab import show_custody
from holofleet.web.console.headset import read_headset
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares


@declares(Action.PAIR_HEADSET)
def pair_browser(visit: Visit) -> Response:
    """``POST /headsets/SERIAL/pair``: pair the browser that shows a code."""
    headset = read_headset(visit)
    visit.require(Action.PAIR_HEADSET, headset.summary.client)
    try:
        visit.services.custody.kiosk.confirm(
            visit.principal, headset.summary.serial, visit.form.get("code", "")[:40]
        )
    except (NotFoundError, RefusedError):
        raise
    except HolofleetError as error:
        said = problem_of(error)
        return show_custody(visit, headset, errors={"code": said}, status=422)
    return visit.go(_tab(visit), paired="waits")


@declares(Action.PAIR_HEADSET)
def unpair_browser(visit: Visit) -> Response:
    """``POST /headsets/SERIAL/unpair``: end the pairing, and whatever waits for one."""
    headset = read_headset(visit)
    visit.require(Action.PAIR_HEADSET, headset.summary.client)
    visit.services.custody.kiosk.unpair(visit.principal, headset.summary.serial)
    return visit.go(_tab(visit), paired="ended")


def _tab(visit: Visit) -> str:
    return visit.request.url.path.rpartition("/")[0] + "/custody"
