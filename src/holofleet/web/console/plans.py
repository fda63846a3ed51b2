"""What waits for a second person: mass orders and proposed plans, exactly what each would do, and the decision.

Who asked does not decide: that button is not on their page, and a line says who can. Approving and carrying out
take a sign-in of the last five minutes; both name the hash of what was shown, so that nothing else is decided.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import HolofleetError, NotFoundError
from holofleet.server.approvals import Approval, Status, Subject
from holofleet.server.authorization import Action, Target, permit
from holofleet.web.console.coming import PLANS
from holofleet.web.console.sign_in_own import ask_again
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word, count, short_hash
from holofleet.web.declaration import declares

PAGE = 100
"""Headsets, changes or settings on one page."""
LONGEST_REASON = 500
LONGEST_VALUE = 120
STATUSES: dict[Status, Word] = {
    Status.WAITING: Word("waiting", "Waiting", "pending", "pending"),
    Status.APPROVED: Word("approved", "Approved", "compliant", "note"),
    Status.DONE: Word("done", "Carried out", "compliant", "compliant"),
    Status.REFUSED: Word("refused", "Refused", "refused", "retired"),
    Status.EXPIRED: Word("expired", "Expired", "late", "retired"),
    Status.VOID: Word("void", "Void since a restore", "neutral", "retired"),
}
DONE = {
    "asked": "Asked. Somebody else has to approve it now.",
    "approved": "Approved.",
    "refused": "Refused. Nothing of it is done.",
    "done": "Carried out.",
}
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_ORDERS = (Action.ORDER_WIPE, Action.ORDER_UNENROLL)
_ACTIONS = (Action.APPROVE_ORDERS, Action.PUBLISH_STATE, *_ORDERS)


@declares(Action.READ_ORDERS)
def plans_page(visit: Visit) -> Response:
    """``/plans``: what waits for whom, and what became of the rest."""
    visit.require(Action.READ_ORDERS)
    every = visit.services.approvals.requests.listed(visit.principal)
    return visit.render(
        "plans.html",
        here="plans",
        open=[one for one in every if one.status in (Status.WAITING, Status.APPROVED)],
        closed=[one for one in every if one.status not in (Status.WAITING, Status.APPROVED)],
        statuses=STATUSES,
        title=title_of,
    )


@declares(Action.READ_ORDERS)
def plan_page(visit: Visit) -> Response:
    """``GET /plans/ID``: one request with all that it would do."""
    return _page(visit)


@declares(*_ACTIONS)
def decide(visit: Visit) -> Response:
    """``POST /plans/ID``: approve, refuse or carry out what the page showed."""
    found, requests = _found(visit), visit.services.approvals.requests
    act, reason = visit.form.get("act", ""), visit.form.get("reason", "").strip()
    if act not in ("approve", "refuse", "carry-out"):
        raise NotFoundError("there is no such act")
    asked = found.subject.action if act == "refuse" else found.subject.decision
    permit(visit.principal, asked, Target(client=_client(found))).require_role()  # stopping asks for nothing more
    errors = {}
    if act == "refuse" and not reason:
        errors["reason"] = "Give the reason. It stands in the record."
    if len(reason) > LONGEST_REASON:
        errors["reason"] = f"At most {LONGEST_REASON} characters."
    if errors:
        return _page(visit, errors=errors, status=422)
    if act != "refuse" and visit.principal.stale:
        return ask_again(visit, address(found))
    try:
        if act == "approve":
            requests.approve(visit.principal, found.id, visit.form.get("hash", ""), reason)
            return visit.go(address(found), done="approved")
        if act == "refuse":
            requests.refuse(visit.principal, found.id, reason)
            return visit.go(address(found), done="refused")
        done = requests.carry_out(visit.principal, found.id)
    except NotFoundError:
        raise
    except HolofleetError as error:
        said = " ".join(part for part in (f"{error.summary}.", error.detail, error.mend) if part)
        return _page(visit, errors={"": said[:1].upper() + said[1:]}, status=409)
    return visit.go(address(found), done="done", left=str(len(done.left_out)))


def address(found: Approval) -> str:
    """Return the page of a request."""
    return f"{PLANS}/{quote(found.id, safe='')}"


def title_of(found: Approval) -> str:
    """Say what a request is, without its list."""
    if found.subject is Subject.PUBLISH:
        return "Plan"
    return f"{found.subject.value.capitalize()} of headsets"


def written(value: object) -> str:
    """Write a field's value, shortened."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if _HASH.match(text):
        return short_hash(text)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _client(found: Approval) -> str | None:
    return None if found.subject is Subject.PUBLISH else found.client


def _found(visit: Visit) -> Approval:
    return visit.services.approvals.requests.approval(visit.principal, visit.path("id"))


def _page(visit: Visit, *, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    found = _found(visit)
    own = visit.services.orders.person_behind(visit.principal) == found.author_person
    may_decide = visit.may(found.subject.decision, _client(found))
    ready = found.ready_at
    return visit.render(
        "plan.html",
        status,
        here="plans",
        found=found,
        base=address(found),
        title=_exactly(found),
        word=STATUSES[found.status],
        own=own,
        may_approve=found.status is Status.WAITING and may_decide and not own,
        may_carry=ready is not None and visit.now >= ready and may_decide,
        may_refuse=found.status in (Status.WAITING, Status.APPROVED)
        and visit.may(found.subject.action, _client(found)),
        fresh=not visit.principal.stale,
        deciders="A deployer or an administrator",
        errors=errors or {},
        reason=visit.form.get("reason", ""),
        done=_done(visit),
        written=written,
        **_lists(visit, found),
    )


def _exactly(found: Approval) -> str:
    if found.subject is Subject.PUBLISH:
        changes, settings = found.plan.get("changes", ()), found.plan.get("settings", ())
        headsets = {serial for setting in settings for serial in setting["headsets"]}
        reached = f", {count(len(settings), 'setting')} on {count(len(headsets), 'headset')}" if settings else ""
        return f"Plan: {count(len(changes), 'change')}{reached}"
    return f"{found.subject.value.capitalize()} {count(len(found.headsets), 'headset')}"


def _done(visit: Visit) -> str:
    words = DONE.get(visit.asked("done"), "")
    left = visit.asked("left")
    if words and left.isdecimal() and int(left) and len(left) < 6:
        words += (
            f" {count(int(left), 'headset was', 'headsets were')} left out: gone, lost, or enrolled again since."
        )
    return words


def _lists(visit: Visit, found: Approval) -> Mapping[str, Any]:
    """Return one page of the exact list, or of the plan."""
    plan = found.plan
    lists = {
        "headsets": found.headsets,
        "changes": plan.get("changes", ()),
        "settings": plan.get("settings", ()),
    }
    longest = max(len(one) for one in lists.values())
    asked = visit.asked("page")
    last = max(1, -(-longest // PAGE))
    page = min(int(asked), last) if asked.isdecimal() and 0 < len(asked) < 6 and int(asked) else 1
    shown = {name: one[(page - 1) * PAGE : page * PAGE] for name, one in lists.items()}
    return {**shown, "page": page, "last": last, "weakening": plan.get("weakening", ()), "longest": longest}
