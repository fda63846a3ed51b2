"""What people do for themselves, on their own phone or at a desk: choose a PIN, take a headset by its code."""

from __future__ import annotations

from starlette.responses import Response

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, RefusedError
from holofleet.server.authorization import Action
from holofleet.server.custody import CustodyRecord
from holofleet.web.console.custody import said_of
from holofleet.web.console.sign_in_own import ask_again
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

PIN_PATH = "/account/pin"
LONGEST = 64


@declares(Action.SET_OWN_PIN)
def pin_page(visit: Visit) -> Response:
    """``/account/pin``: whether I have a PIN, since when, and a new one."""
    return _pin(visit)


@declares(Action.SET_OWN_PIN)
def choose_pin(visit: Visit) -> Response:
    """``POST /account/pin``: choose it, having shown just now that it is oneself: it is a proof of who one is."""
    visit.require(Action.SET_OWN_PIN)
    if visit.principal.stale:
        return ask_again(visit, PIN_PATH)
    pin, again = visit.form.get("pin", "")[:LONGEST], visit.form.get("again", "")[:LONGEST]
    if pin != again:
        return _pin(visit, errors={"again": "The two are not the same. Type both once more."}, status=422)
    try:
        visit.services.custody.pins.choose(visit.principal, pin)
    except InputError as error:
        return _pin(visit, errors={"pin": _sentence(error)}, status=422)
    return visit.go(PIN_PATH, done="chosen")


@declares(Action.TAKE_HEADSET)
def take_page(visit: Visit) -> Response:
    """``/take``: the field for the six digits that a headset shows."""
    return _take(visit)


@declares(Action.TAKE_HEADSET)
def take_headset(visit: Visit) -> Response:
    """``POST /take``: have the headset from now on; with ``over`` from whoever has it."""
    visit.require(Action.TAKE_HEADSET)
    code = "".join(visit.form.get("code", "")[:LONGEST].split())
    over = visit.form.get("act") == "over"
    try:
        made = visit.services.custody.desk.take_by_code(visit.principal, code, hand_over=over)
    except NotFoundError:
        said = "No headset shows this code now. A code counts for two minutes and once: show a new one."
        return _take(visit, errors={"code": said}, status=404)
    except ConflictError as error:
        said = f"{_sentence(error)} The code is used up: show a new one."
        return _take(visit, errors={"code": said}, status=409)
    return _take(visit, made=made)


def _pin(visit: Visit, *, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    visit.require(Action.SET_OWN_PIN)
    try:
        state = visit.services.custody.pins.own_state(visit.principal)
    except RefusedError:  # the one-time link and accounts of headsets are nobody
        state = None
    return visit.render(
        "own_pin.html",
        status,
        here="account",
        state=state,
        fresh=not visit.principal.stale,
        errors=errors or {},
        done=visit.asked("done") == "chosen" and not errors,
    )


def _take(
    visit: Visit, *, errors: dict[str, str] | None = None, made: CustodyRecord | None = None, status: int = 200
) -> Response:
    visit.require(Action.TAKE_HEADSET)
    said = said_of(visit, made) if made is not None else ""
    return visit.render("take.html", status, here="account", errors=errors or {}, said=said)


def _sentence(error: HolofleetError) -> str:
    return problem_of(error)
