"""The page on which an expert answers and holds a call, ``/calls/ID/live``.

The page is a frame: what the call is comes over the socket, which asks for itself who is there. The address alone
shows nothing, so a call of others and one that never was look the same. Its template lies with those of the other
pages of a call (:mod:`holofleet.web.assist`).
"""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import HTMLResponse, Response

from holofleet.errors import NotFoundError
from holofleet.server.authorization import Action
from holofleet.web.assist.assets import pdf_base
from holofleet.web.assist.rendering import PERMISSIONS, call_templates
from holofleet.web.console.assets import asset_url
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

PATH: Final = "/calls/{call}/live"
_CALL: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}\Z")


@declares(Action.ANSWER_CALLS)
def live_page(visit: Visit) -> Response:
    """Answer with the page of a call.

    Raises:
        NotFoundError: this can be no call of who asks.
    """
    visit.require(Action.ANSWER_CALLS)
    if visit.services.assist.roster.key(visit.principal) is None:
        raise NotFoundError("calls reach experts of the fleet file only")
    call = visit.path("call")
    if not _CALL.match(call):
        raise NotFoundError("there is no such call")
    template = call_templates(asset_url).get_template("live.html")
    text = template.render(call=call, pdf_base=pdf_base(), csrf=visit.csrf)
    return HTMLResponse(text, headers={"permissions-policy": PERMISSIONS})
