"""Identity in doubt: enrollments that nobody serves until a person decides."""

from __future__ import annotations

from starlette.responses import Response

from holofleet.errors import HolofleetError, NotFoundError
from holofleet.server.authorization import Action
from holofleet.server.fleet.views import EnrollmentView
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

DONE = {
    "adopt": "Adopted. It is served as that headset from its next check-in on.",
    "reject": "Rejected. Its certificate opens nothing any more.",
}


@declares(Action.READ_ENROLLMENTS)
def enrollments_page(visit: Visit) -> Response:
    """``/enrollments``: who waits for a decision."""
    visit.require(Action.READ_ENROLLMENTS)
    waiting = visit.services.fleet.enrollments(visit.scope, standing=None)
    done = DONE.get(visit.asked("done"), "")
    return visit.render("enrollments.html", here="enrollments", waiting=waiting, done=done)


@declares(Action.READ_ENROLLMENTS)
def enrollment_page(visit: Visit) -> Response:
    """``/enrollments/ID``: what it says of itself, what is known, and the decision."""
    visit.require(Action.READ_ENROLLMENTS)
    return _form(visit, _waiting(visit))


@declares(Action.DECIDE_ENROLLMENT)
def decide_enrollment(visit: Visit) -> Response:
    """``POST /enrollments/ID``: adopt it as a headset, or reject it; the reason stands in the record."""
    enrollment = _waiting(visit)
    visit.require(Action.DECIDE_ENROLLMENT, enrollment.client)
    decision, reason = visit.form.get("decision", ""), visit.form.get("reason", "").strip()
    serial = visit.form.get("serial", "").strip()
    errors = {}
    if not reason:
        errors["reason"] = "Give the reason. It stands in the record."
    if decision not in DONE:
        errors["decision"] = "Choose one: adopt or reject."
    if decision == "adopt" and not (serial or enrollment.serial):
        errors["serial"] = "Say which headset it is."
    if errors:
        return _form(visit, enrollment, errors, 422)
    try:
        visit.services.decisions.decide(
            visit.principal, enrollment.id, adopt=decision == "adopt", serial=serial or None, reason=reason
        )
    except NotFoundError:
        raise
    except HolofleetError as error:
        what = problem_of(error)
        return _form(visit, enrollment, {"": what}, 409)
    return visit.go("/enrollments", done=decision)


def _waiting(visit: Visit) -> EnrollmentView:
    wanted = visit.path("id")
    found: EnrollmentView | None = next(
        (item for item in visit.services.fleet.enrollments(visit.scope, standing=None) if item.id == wanted), None
    )
    if found is None:
        raise NotFoundError("there is no such enrollment here, or it was decided already")
    return found


def _form(
    visit: Visit, enrollment: EnrollmentView, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    return visit.render(
        "enrollment.html",
        status,
        here="enrollments",
        enrollment=enrollment,
        errors=errors or {},
        reason=visit.form.get("reason", ""),
        serial=visit.form.get("serial", enrollment.serial or ""),
        decision=visit.form.get("decision", ""),
        may_decide=visit.may(Action.DECIDE_ENROLLMENT, enrollment.client),
    )
