"""Orders to several headsets: the exact list first, then orders, or a request where a second person is needed.

What is ordered is what the preview showed: its list and its hash come back with the form, and another list is
refused. By weight: harmless and disruptive acts are confirmed on the preview; those that destroy need the number
typed, a reason and a fresh sign-in, and beyond the limits of one person a second one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from starlette.responses import Response

from holofleet.errors import HolofleetError, InputError, NotFoundError
from holofleet.server.approvals import Preview
from holofleet.server.authorization import Action
from holofleet.server.fleet.views import HeadsetSummary
from holofleet.server.orders import Given, OrderKind
from holofleet.web.console.acts import ACTS, LONGEST_REASON, SEVERAL, Act
from holofleet.web.console.headsets import filter_of
from holofleet.web.console.plans import address
from holofleet.web.console.sign_in_own import ask_again
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

BULK = "/bulk"
SHOWN = 200
"""Serials and reasons on the preview; the rest is counted."""
EXPORTED = 10_000
"""Most lines of an export; ours. Programs read more through the API."""
COLUMNS = ("serial", "name", "state", "client", "deployment", "site", "last_seen_at", "os_build")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ORDERS = tuple(ACTS[key].action for key in SEVERAL)


@declares(*_ORDERS)
def preview_page(visit: Visit) -> Response:
    """``GET /bulk``: whom an order would reach, and whom not, before anything is ordered."""
    act = _act(visit.asked("act"))
    if visit.asked("all"):
        serials = visit.services.approvals.bulk.matching(visit.principal, filter_of(visit).query)
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


@declares(Action.READ_HEADSETS)
def export_list(visit: Visit) -> Response:
    """``GET /headsets.csv``: the list as it is filtered, for a spreadsheet."""
    visit.require(Action.READ_HEADSETS)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for headset in _filtered(visit):
        seen = headset.last_seen_at.isoformat() if headset.last_seen_at else ""
        line = (
            *(headset.serial, headset.name, str(headset.compliance), headset.client),
            *(headset.deployment, headset.site, seen, headset.os_build),
        )
        writer.writerow([plain_cell(cell) for cell in line])
    named = {"content-disposition": 'attachment; filename="headsets.csv"'}
    return Response(text.getvalue(), media_type="text/csv", headers=named)


def plain_cell(text: str | None) -> str:
    """Return a cell that no spreadsheet takes for a formula (SECURITY TXT-1)."""
    text = text or ""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _filtered(visit: Visit) -> Iterator[HeadsetSummary]:
    query, after, left = filter_of(visit).query, None, EXPORTED
    while left > 0:
        page = visit.services.fleet.headsets(visit.scope, query, after=after, limit=min(500, left))
        yield from page.headsets
        after, left = page.next, left - len(page.headsets)
        if after is None:
            return


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
