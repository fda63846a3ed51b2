"""What a person can order for one headset, by weight, and the pages on which it is asked.

Harmless: at once. Disruptive: a page that names object and consequence. Destructive: a page of its own that says
what is lost; the person proves to be there, types the serial and gives a reason. Enter alone never does any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import HolofleetError, NotFoundError
from holofleet.server.authorization import Action, Target, permit
from holofleet.server.fleet.views import HeadsetDetail
from holofleet.server.orders import OrderKind
from holofleet.server.standing import Standing
from holofleet.web.console.headset import frame, read_headset
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Args:
        key: Its word in addresses.
        action: What the person must be allowed to do.
        verb: The button, with ``{name}`` for the headset.
        title: The heading of its page, with ``{name}``.
        consequences: What happens, in sentences.
        destructive: The serial must be typed and a reason given.
        at_once: No page of its own.
    """

    key: str
    action: Action
    verb: str
    title: str
    consequences: tuple[str, ...]
    destructive: bool = False
    at_once: bool = False
    label: str = ""


ACTS: dict[str, Act] = {
    act.key: act
    for act in (
        Act("sync", Action.ORDER_SYNC, "Sync", "Sync {name}", (), at_once=True, label="Sync"),
        Act(
            "reboot",
            Action.ORDER_REBOOT,
            "Restart {name}",
            "Restart {name}?",
            (
                "It restarts at its next check-in. Whatever is open on it, a call too, ends then.",
                "Nothing on it is lost that was saved.",
            ),
            label="Restart",
        ),
        Act(
            "wipe",
            Action.ORDER_WIPE,
            "Wipe {name}",
            "Wipe {name}?",
            (
                "Everything on it is erased: accounts, apps, files, spatial maps, Wi-Fi profiles.",
                "A tenant lock is switched off first; the wipe waits until the headset confirms that.",
                "It goes out at the next check-in within 30 days, once: it is never sent again by itself.",
                "Afterwards it has to be enrolled again. An accepted wipe is not yet a proved one.",
            ),
            destructive=True,
            label="Wipe",
        ),
        Act(
            "unenroll",
            Action.ORDER_UNENROLL,
            "Unenroll {name}",
            "Unenroll {name}?",
            (
                "It leaves management at its next check-in. Windows decides which policies stay.",
                "A tenant lock is switched off first; the order waits until the headset confirms that.",
                "What is on it stays on it. Nobody can wipe it from here afterwards.",
            ),
            destructive=True,
            label="Unenroll",
        ),
        Act(
            "retire",
            Action.RETIRE_HEADSET,
            "Retire {name}",
            "Retire {name}?",
            (
                "It is no longer served or counted once its tenant lock is confirmed off. The record is kept.",
                "What is on it stays on it: wipe it first if it leaves your hands.",
            ),
            destructive=True,
            label="Retire",
        ),
        Act(
            "lost",
            Action.MARK_LOST,
            "Mark {name} as lost",
            "Mark {name} as lost?",
            (
                "From now on it gets no settings and no secrets. A wipe that you order still reaches it.",
                "Tell whoever holds its account to change the password.",
            ),
            destructive=True,
            label="Mark as lost",
        ),
        Act(
            "found",
            Action.MARK_FOUND,
            "Mark {name} as found",
            "Is {name} back in your hands?",
            (
                "From its next check-in on it gets its settings and secrets again.",
                "A wipe that was ordered and not sent yet still goes out: cancel it first, among its orders.",
                "Make sure that it is the headset itself, and that nobody changed it.",
            ),
            label="Found again",
        ),
    )
}
SEVERAL = ("sync", "reboot", "wipe", "unenroll")
"""What can be ordered of several headsets at once."""
_ALL = tuple(act.action for act in ACTS.values())


@declares(Action.READ_ORDERS)
def orders_page(visit: Visit) -> Response:
    """``/headsets/SERIAL/orders``: what was ordered, and what can be."""
    headset = read_headset(visit)
    visit.require(Action.READ_ORDERS, headset.summary.client)
    fitting = [act for act in ACTS.values() if fits(act, headset)]
    allowed = [act for act in fitting if visit.may(act.action, headset.summary.client)]
    orders = sorted(headset.orders, key=lambda order: order.created_at, reverse=True)
    context = frame(visit, headset, tab="orders")
    return visit.render("orders.html", **context, orders=orders, acts=allowed)


@declares(*_ALL)
def act_page(visit: Visit) -> Response:
    """``GET /headsets/SERIAL/orders/ACT``: what it would do, before it is done."""
    act, headset = _act(visit), read_headset(visit)
    visit.require(act.action, headset.summary.client)
    permit(visit.principal, act.action, Target.of_client(headset.summary.client)).require()
    return _form(visit, act)


@declares(*_ALL)
def do_act(visit: Visit) -> Response:
    """``POST /headsets/SERIAL/orders/ACT``: do it, once everything that it asks for is there."""
    act, headset = _act(visit), read_headset(visit)
    visit.require(act.action, headset.summary.client)
    serial = headset.summary.serial
    reason = visit.form.get("reason", "").strip()
    errors = problems_of(act, serial, typed=visit.form.get("serial", "").strip(), reason=reason)
    if errors:
        return _form(visit, act, errors=errors, status=422)
    try:
        _order(visit, act, serial, reason)
    except HolofleetError as error:
        if isinstance(error, NotFoundError) or act.at_once:
            raise
        return _form(
            visit,
            act,
            errors={"": problem_of(error)},
            status=409,
        )
    base = f"/headsets/{quote(serial, safe='')}"
    return visit.go(base if act.at_once else f"{base}/orders", done=act.key)


@declares(Action.CANCEL_ORDER)
def cancel_order(visit: Visit) -> Response:
    """``POST /headsets/SERIAL/orders/cancel``: take back an order that was not sent."""
    headset = read_headset(visit)
    visit.require(Action.CANCEL_ORDER, headset.summary.client)
    order = visit.form.get("order", "")
    if order not in {known.id for known in headset.orders}:
        raise NotFoundError("there is no such order here")
    visit.services.orders.cancel(visit.principal, order)
    return visit.go(f"/headsets/{quote(headset.summary.serial, safe='')}/orders", done="cancel")


def fits(act: Act, headset: HeadsetDetail) -> bool:
    """Whether an act makes sense for a headset as it stands: only what is lost can be found."""
    is_lost = headset.standing == Standing.LOST
    return {"lost": not is_lost, "found": is_lost}.get(act.key, True)


def problems_of(act: Act, serial: str, *, typed: str, reason: str) -> dict[str, str]:
    """Return what is missing, by field."""
    problems = {}
    if act.destructive and typed != serial:
        problems["serial"] = f"Type the serial {serial} exactly." if typed else f"Type the serial {serial}."
    if act.destructive and not reason:
        problems["reason"] = "Give the reason. It stands in the record."
    if len(reason) > LONGEST_REASON:
        problems["reason"] = f"At most {LONGEST_REASON} characters."
    return problems


def _act(visit: Visit) -> Act:
    act = ACTS.get(visit.path("act"))
    if act is None:
        raise NotFoundError("there is no such act")
    return act


def _form(visit: Visit, act: Act, *, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    headset = read_headset(visit)
    context = frame(visit, headset, tab="orders")
    return visit.render(
        "act.html",
        status,
        **context,
        act=act,
        name=headset.summary.name or headset.summary.serial,
        errors=errors or {},
        typed=visit.form.get("serial", ""),
        reason=visit.form.get("reason", ""),
    )


def _order(visit: Visit, act: Act, serial: str, reason: str) -> None:
    services, principal = visit.services, visit.principal
    if act.key == "lost":
        services.decisions.mark_lost(principal, serial, reason)
    elif act.key == "found":
        services.decisions.mark_found(principal, serial, reason)
    elif act.key == "retire":
        services.decisions.retire(principal, serial, reason)
    else:
        services.orders.create(principal, serial, OrderKind(act.key), reason)
