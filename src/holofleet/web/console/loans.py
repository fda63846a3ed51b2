"""Loans: what is out, and what must be done before it leaves?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError
from holofleet.server.authorization import Action
from holofleet.server.loans import ActKind, LineState, LoanStatus, Stage
from holofleet.web.console.slices import page_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word
from holofleet.web.declaration import declares

STAGES: Mapping[Stage, Word] = {
    Stage.PREPARE: Word("prepare", "Prepare", "pending", "pending"),
    Stage.READY: Word("ready", "Ready to ship", "compliant", "compliant"),
    Stage.SHIPPED: Word("shipped", "On its way", "pending", "pending"),
    Stage.AT_CLIENT: Word("at-client", "At the client", "visor", "note"),
    Stage.DUE_BACK: Word("due-back", "Due back", "late", "late"),
    Stage.RETURNED: Word("returned", "Back, not cleared", "drifted", "drifted"),
    Stage.RELEASED: Word("released", "Released", "retired", "retired"),
}
LINES: Mapping[LineState, Word] = {
    LineState.PROVED: Word("proved", "Proved", "compliant", "compliant"),
    LineState.ATTESTED: Word("attested", "Attested", "person", "note"),
    LineState.NOT_NEEDED: Word("not-needed", "Not needed", "neutral", "retired"),
    LineState.OPEN: Word("open", "Open", "refused", "refused"),
}
ACTS: Mapping[ActKind, tuple[str, str]] = {
    ActKind.TEST_CALL: ("Test call was made", "test call was made"),
    ActKind.SHIPPED: ("Shipped", "shipped"),
    ActKind.ARRIVED: ("Arrived at the client", "arrived at the client"),
    ActKind.RETURNED: ("Came back", "came back"),
    ActKind.PASSWORD_RESET: ("Password was reset", "password was reset"),
    ActKind.WIPED: ("Wiped", "wiped"),
    ActKind.LOCK_RELEASED: ("Tenant lock was released", "tenant lock was released"),
    ActKind.RELEASED: ("Released for the next client", "released for the next client"),
}
"""The button, and the words in the record."""
_FITTING: Mapping[Stage, tuple[ActKind, ...]] = {
    Stage.PREPARE: (ActKind.TEST_CALL, ActKind.SHIPPED),
    Stage.READY: (ActKind.SHIPPED, ActKind.TEST_CALL),
    Stage.SHIPPED: (ActKind.ARRIVED, ActKind.RETURNED),
    Stage.AT_CLIENT: (ActKind.RETURNED,),
    Stage.DUE_BACK: (ActKind.RETURNED,),
    Stage.RETURNED: (ActKind.PASSWORD_RESET, ActKind.WIPED, ActKind.LOCK_RELEASED, ActKind.RELEASED),
    Stage.RELEASED: (),
}
"""What is done next; the service decides whether it fits."""


@declares(Action.READ_LOANS)
def loans_page(visit: Visit) -> Response:
    """``/loans``: the board as a table, overdue first."""
    visit.require(Action.READ_LOANS)
    board = visit.services.loans.board(visit.principal)
    stage = next((one for one in Stage if one == visit.asked("stage")), None)
    return visit.render(
        "loans.html",
        here="loans",
        board=page_of(visit, [one for one in board if stage is None or one.stage is stage]),
        every=board,
        counts={one: sum(1 for loan in board if loan.stage is one) for one in Stage},
        stage=stage,
        stages=STAGES,
        overdue=sum(1 for one in board if one.overdue),
    )


@declares(Action.READ_LOANS)
def loan_page(visit: Visit) -> Response:
    """``/loans/KEY``: each headset with its checklist, what was done, and what comes next."""
    visit.require(Action.READ_LOANS)
    return _render(visit, visit.services.loans.loan(visit.principal, visit.path("key")), {})


@declares(Action.KEEP_LOANS)
def record_loan(visit: Visit) -> Response:
    """``POST /loans/KEY``: record what was done about one headset, or about all of the loan."""
    found = visit.services.loans.loan(visit.principal, visit.path("key"))
    visit.require(Action.KEEP_LOANS, found.loan.client)
    kind = next((one for one in ACTS if one == visit.form.get("act", "")), None)
    if kind is None:
        raise NotFoundError("there is no such act")
    serial, at = visit.form.get("serial", ""), visit.form.get("at", "").strip()
    try:
        visit.services.loans.record(
            visit.principal,
            found.loan.id,
            kind,
            serials=(serial,) if serial else (),
            at=_moment(at) if at else None,
            note=visit.form.get("note", ""),
        )
    except (ConflictError, InputError) as error:
        return _render(visit, found, _reasons(error), 409 if isinstance(error, ConflictError) else 422)
    return visit.go(path_of(found), done=str(kind))


def path_of(found: LoanStatus) -> str:
    """Return the address of a loan."""
    return f"/loans/{quote(found.loan.name, safe='')}"


def _render(visit: Visit, found: LoanStatus, errors: dict[str, str], status: int = 200) -> Response:
    done = visit.asked("done")
    return visit.render(
        "loan.html",
        status,
        here="loans",
        found=found,
        loan=found.loan,
        base=path_of(found),
        errors=errors,
        stages=STAGES,
        lines=LINES,
        acts=ACTS,
        fitting=_FITTING,
        blocked=[(one.serial, line) for one in found.headsets for line in one.lines if line.stops],
        may_keep=visit.may(Action.KEEP_LOANS, found.loan.client),
        done=next((f"Recorded: {words[1]}." for kind, words in ACTS.items() if kind == done), ""),
    )


def _reasons(error: HolofleetError) -> dict[str, str]:
    first = f"{error.summary[:1].upper()}{error.summary[1:]}"
    return {"": f"{first}: {error.detail}." if error.detail else f"{first}. {error.mend}".strip()}


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is no moment", mend="Write it as 2026-03-02T09:00.") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
