"""Pages to be printed: the papers of a loan, and who has what at the desk.

Each says at its foot which server made it, when, and the hash of what it says, so that a sheet in a parcel can be
held against the record. They are pages like others on a screen, and paper without menus when printed.
"""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import segno
from markupsafe import Markup
from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.server.custody import Status
from holofleet.web.console.custody import PROOFS, STATUSES
from holofleet.web.console.loans import LINES, STAGES, path_of
from holofleet.web.console.names import names_of
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

HASH = 16
"""Hexadecimal digits of the hash on paper: enough to tell two sheets apart, short enough to be read out."""


@declares(Action.READ_LOANS)
def loan_sheet(visit: Visit) -> Response:
    """``/loans/KEY/sheet``: a label for each headset, and the sheet that goes with them to the client."""
    visit.require(Action.READ_LOANS)
    found = visit.services.loans.loan(visit.principal, visit.path("key"))
    loan = found.loan
    names = names_of(visit, list(loan.serials))
    said = {
        "loan": loan.name,
        "client": loan.client,
        "site": loan.site,
        "ships": loan.ships.isoformat(),
        "returns": loan.returns.isoformat() if loan.returns else "",
        "headsets": [
            [
                one.serial,
                names.get(one.serial, ""),
                str(one.stage),
                [[line.what, line.state] for line in one.lines],
            ]
            for one in found.headsets
        ],
    }
    return visit.render(
        "loan_sheet.html",
        here="loans",
        found=found,
        loan=loan,
        base=path_of(found),
        names=names,
        pictures={serial: picture(serial) for serial in loan.serials},
        blocked=any(line.stops for one in found.headsets for line in one.lines),
        stages=STAGES,
        lines=LINES,
        foot=foot(visit, said),
    )


@declares(Action.READ_CUSTODY)
def desk_list(visit: Visit) -> Response:
    """``/custody/list``: who has which headset, overdue first, and what is astray, to be printed for the desk."""
    visit.require(Action.READ_CUSTODY)
    page = visit.services.custody.desk.desk(visit.principal)
    rows = (*page.out, *page.astray)
    said = {
        "list": [
            [
                one.serial,
                str(one.status),
                one.person.upn if one.person else "",
                one.since,
                one.expected_at,
            ]
            for one in rows
        ]
    }
    return visit.render(
        "custody_list.html",
        here="custody",
        rows=rows,
        out=len(page.out),
        overdue=sum(1 for one in page.out if one.overdue(visit.now)),
        more=page.more,
        names=names_of(visit, sorted({one.serial for one in rows})),
        statuses=STATUSES,
        proofs=PROOFS,
        held=Status.OUT,
        foot=foot(visit, said),
    )


def foot(visit: Visit, said: dict[str, Any]) -> dict[str, str]:
    """Return what stands at the foot of paper: the server, and the hash of what it says."""
    content = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str).encode()
    return {"server": visit.request.headers.get("host", ""), "hash": hashlib.sha256(content).hexdigest()[:HASH]}


def picture(text: str) -> Markup:
    """Return a text as a picture (SVG) that a reader at a desk reads; nothing is fetched for it."""
    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(out, kind="svg", omitsize=True, xmldecl=False, border=2)
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn here, from nothing but squares
