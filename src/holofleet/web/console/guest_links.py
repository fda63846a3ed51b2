"""Links of guests: who may come into a call soon, whose guest they are, and how to take a link back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.responses import JSONResponse, Response

from holofleet.errors import HolofleetError, InputError, NotFoundError, RefusedError
from holofleet.server.assist.guests import LinkState, MadeLink
from holofleet.server.authorization import Action
from holofleet.web.assist.guest import guest_address
from holofleet.web.console.names import names_of
from holofleet.web.console.sheets import picture
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word
from holofleet.web.declaration import declares

PATH: Final = "/calls/links"
WITHDRAW_PATH: Final = "/calls/links/withdraw"
IN_CALL_PATH: Final = "/calls/{call}/guests"
MINUTES: Final = {15: "15 minutes", 60: "1 hour", 240: "4 hours", 1440: "24 hours"}
STATES: Final[Mapping[LinkState, Word]] = {
    LinkState.OPEN: Word("open", "Not opened", "pending", "pending"),
    LinkState.OPENED: Word("opened", "Opened", "pending", "pending"),
    LinkState.WAITING: Word("waiting", "Waits in the lobby", "late", "late"),
    LinkState.ADMITTED: Word("admitted", "In a call", "compliant", "compliant"),
}


@declares(Action.READ_CALLS, Action.ANSWER_CALLS)
def links_page(visit: Visit) -> Response:
    """``/calls/links``: links that are not over; an expert's own, or all for whoever reads calls."""
    return _page(visit)


@declares(Action.ANSWER_CALLS)
def make_link(visit: Visit) -> Response:
    """``POST /calls/links``: make one for a headset; its address is in this answer and nowhere else."""
    visit.require(Action.ANSWER_CALLS)
    serial = visit.form.get("headset", "").strip()[:255]
    try:
        made = visit.services.assist.links.make(
            visit.principal, visit.form.get("words", ""), headset=serial, life=_life(visit)
        )
    except NotFoundError:
        return _page(visit, errors={"headset": "There is no such headset that you may talk to."}, status=422)
    except InputError as error:
        return _page(visit, errors={"words": f"{_sentence(error)} {error.mend}".strip()}, status=422)
    except RefusedError as error:
        if visit.services.assist.roster.key(visit.principal) is None:
            raise
        return _page(visit, errors={"headset": _sentence(error)}, status=422)
    return _page(visit, made=made)


@declares(Action.ANSWER_CALLS)
def make_link_in_call(visit: Visit) -> Response:
    """``POST /calls/ID/guests``: make one for a call that runs, from its page."""
    visit.require(Action.ANSWER_CALLS)
    links = visit.services.assist.links
    try:
        made = links.make(visit.principal, visit.form.get("words", ""), call=visit.path("call"), life=_life(visit))
    except NotFoundError:
        return JSONResponse({"words": "You are in no such call."}, 404)
    except RefusedError as error:
        return JSONResponse({"words": _sentence(error)}, 403)
    except InputError as error:
        return JSONResponse({"words": f"{_sentence(error)} {error.mend}".strip()}, 422)
    address = _address(visit, made)
    link = made.link
    until = int(link.expires_at.timestamp() * 1000)
    return JSONResponse(
        {"link": link.id, "words": link.words, "until": until, "address": address, "code": str(picture(address))}
    )


@declares(Action.WITHDRAW_GUEST, Action.ANSWER_CALLS)
def withdraw_link(visit: Visit) -> Response:
    """``POST /calls/links/withdraw``: take one back; whoever came by it is out of the call."""
    visit.services.assist.links.withdraw(visit.principal, visit.form.get("link", ""))
    return visit.go(PATH, done="withdrawn")


def _page(
    visit: Visit,
    *,
    made: MadeLink | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    links = visit.services.assist.links
    reads, makes = visit.may(Action.READ_CALLS), visit.services.assist.roster.key(visit.principal) is not None
    if not reads and not makes:
        raise NotFoundError("links are for experts and for whoever reads calls")
    own = {link.id: link for link in links.own(visit.principal)} if makes else {}
    seen = {link.id: link for link in links.listed(visit.principal)} if reads else {}
    listed = sorted((seen | own).values(), key=lambda link: link.made_at, reverse=True)
    address = _address(visit, made) if made is not None else ""
    return visit.render(
        "guest_links.html",
        status,
        here="links",
        links=listed,
        own=own,
        may_withdraw=lambda link: link.id in own or visit.may(Action.WITHDRAW_GUEST, link.client),
        states=STATES,
        state_of=lambda link: link.state(visit.now),
        names=names_of(visit, {link.serial for link in listed}) if reads else {},
        makes=makes,
        minutes=MINUTES,
        made=made.link if made is not None else None,
        address=address,
        code=picture(address) if address else "",
        errors=errors or {},
        form=visit.form if made is None else {},
        done=visit.asked("done"),
    )


def _address(visit: Visit, made: MadeLink) -> str:
    asked = visit.request.headers.get("host", "")
    return guest_address(visit.console.settings.hosts, asked, made.token)


def _life(visit: Visit) -> timedelta:
    text = visit.form.get("minutes", "60")
    return timedelta(minutes=int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0)


def _sentence(error: HolofleetError) -> str:
    return f"{error.summary[:1].upper()}{error.summary[1:]}."
