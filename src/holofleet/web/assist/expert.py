"""The page on which an expert answers and holds a call, ``/calls/ID/live``.

The page is a frame: what the call is comes over the socket, which asks for itself who is there. The address alone
shows nothing, so a call of others and one that never was look the same.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.responses import HTMLResponse, Response

from holofleet.errors import NotFoundError
from holofleet.server.authorization import Action, Principal, PrincipalKind
from holofleet.web.assist.assets import pdf_base
from holofleet.web.declaration import declares
from holofleet.web.services import Services

if TYPE_CHECKING:
    from holofleet.web.console.visit import Visit

PATH: Final = "/calls/{call}/live"
PERMISSIONS: Final = "camera=(self), microphone=(self), geolocation=(), display-capture=()"
"""Every other page goes without; here the browser may ask the person."""
_CALL: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}\Z")


def answers_calls(services: Services, principal: Principal) -> bool:
    """Whether somebody is an expert of the fleet file, whom calls may reach."""
    if principal.kind is not PrincipalKind.PERSON:
        return False
    rooms = services.assist
    key = rooms.parties.person_of(principal.name)
    return key is not None and rooms.policy.expert(key) is not None


@declares(Action.ANSWER_CALLS)
def live_page(visit: Visit) -> Response:
    """Answer with the page of a call.

    Raises:
        NotFoundError: this can be no call of who asks.
    """
    visit.require(Action.ANSWER_CALLS)
    if not answers_calls(visit.services, visit.principal):
        raise NotFoundError("calls reach experts of the fleet file only")
    call = visit.path("call")
    if not _CALL.match(call):
        raise NotFoundError("there is no such call")
    text = templates().get_template("live.html").render(call=call, pdf_base=pdf_base(), csrf=visit.csrf)
    return HTMLResponse(text, headers={"permissions-policy": PERMISSIONS})


@cache
def templates() -> Environment:
    """Return the templates of this room, with the console's behind them."""
    # The console's parts and words, with this room's own templates first.
    from holofleet.web.console.shell import environment

    made = environment()
    made.loader = ChoiceLoader(
        [PackageLoader("holofleet.web.assist", "templates"), made.loader or ChoiceLoader([])]
    )
    return made
