"""Orders to several headsets: the exact list first, then orders, or a request where a second person is needed.

What is ordered is what the preview showed: its list and its hash come back with the form, and another list is
refused. By weight: harmless and disruptive acts are confirmed on the preview; those that destroy need the number
typed, a reason and a fresh sign-in, and beyond the limits of one person a second one.
"""

from __future__ import annotations

from starlette.responses import Response

from holofleet.errors import HolofleetError, InputError, NotFoundError
from holofleet.server.approvals import Preview
from holofleet.server.orders import Given, OrderKind
from holofleet.web.console.acts import ACTS, LONGEST_REASON, SEVERAL, Act
from holofleet.web.console.headsets import filter_of, usable_filter
from holofleet.web.console.plans import address
from holofleet.web.console.sign_in_own import ask_again
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

BULK = "/bulk"
SHOWN = 200
"""Serials and reasons on the preview; the rest is counted."""
_ORDERS = tuple(ACTS[key].action for key in SEVERAL)


@declares(*_ORDERS)
def preview_page(visit: Visit) -> Response:
    """``GET /bulk``: whom an order would reach, and whom not, before anything is ordered."""
    act = _act(visit.asked("act"))
    if visit.asked("all"):
        serials = visit.services.approvals.bulk.matching(visit.principal, usable_filter(visit).query)
    else:
        serials = tuple(visit.request.query_params.getlist("serial"))
    return _page(visit, act, serials)


@declares(*_ORDERS)
def order(visit: Visit) -> Response:
    """``POST /bulk``: order what the preview showed."""
    act = _act(visit.form.get("act", ""))
    serials = tuple(visit.form.get("serials", "").split())
    reason = visit.form.get("reason", "").strip()
    preview = visit.services.approvals.bulk.preview(visit.principal, OrderKind(act.key), serials)
    number = str(len(preview.serials))
    errors = {}
    if act.destructive and visit.form.get("number", "").strip() != number:
        errors["number"] = f"Type {number}, the number of headsets."
    if act.destructive and not reason:
        errors["reason"] = "Give the reason. It stands in the record."
    if len(reason) > LONGEST_REASON:
        errors["reason"] = f"At most {LONGEST_REASON} characters."
    if errors:
        return _page(visit, act, serials, errors=errors, status=422)
    if act.destructive and visit.principal.stale:
        return ask_again(visit, "/headsets")
    try:
        given = visit.services.approvals.bulk.give(
            visit.principal, OrderKind(act.key), serials, reason, expect_hash=visit.form.get("hash", "")
        )
    except HolofleetError as error:
        if isinstance(error, NotFoundError):
            raise
        said = " ".join(part for part in (f"{error.summary}.", error.detail, error.mend) if part)
        return _page(visit, act, serials, errors={"": said[:1].upper() + said[1:]}, status=409)
    if given.request is not None:
        return visit.go(address(given.request), done="asked")
    together = Given.of(given.orders)
    return visit.go(f"/orders/{together.name}" if together is not None else "/headsets", done="ordered")


def _act(key: str) -> Act:
    if key not in SEVERAL:
        raise NotFoundError("there is no such act for several headsets")
    return ACTS[key]


def _page(
    visit: Visit, act: Act, serials: tuple[str, ...], *, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    if not serials:
        raise InputError("no headset was chosen", mend="Go back to the list and choose some.")
    preview: Preview = visit.services.approvals.bulk.preview(visit.principal, OrderKind(act.key), serials)
    asked = filter_of(visit)
    back = asked.href()
    return visit.render(
        "bulk.html",
        status,
        here="headsets",
        act=act,
        verb=act.label,
        preview=preview,
        number=len(preview.serials),
        shown=preview.serials[:SHOWN],
        left_out=preview.left_out[:SHOWN],
        serials="\n".join(serials),
        fresh=not visit.principal.stale,
        errors=errors or {},
        reason=visit.form.get("reason", ""),
        typed=visit.form.get("number", ""),
        back=back,
    )
