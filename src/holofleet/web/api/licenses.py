"""Licenses: what is short, wasted, expiring or lacking, who has what and why, assigning and taking."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from holofleet.server.authorization import Action
from holofleet.server.licenses import Assignment, Grant, PoolStanding, Report
from holofleet.web.api.call import PREFIX, Body, Caller, Limit, route
from holofleet.web.api.directory import person_of
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
_Text = Annotated[str, Field(max_length=256)]
_Plans = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)]


class AssignmentWish(Body):
    sku: _Text
    user: _Text = ""
    group: _Text = ""
    disabled_plans: _Plans = Field(default_factory=list)


class RemovalWish(Body):
    sku: _Text
    user: _Text = ""
    group: _Text = ""
    allow: Annotated[int | None, Field(ge=0, le=10_000_000)] = None


@route(router, "GET", "/licenses", Action.READ_LICENSES)
def show_licenses(call: Caller, limit: Limit = 100) -> dict[str, Any]:
    return report_of(call.services.licenses.report(call.principal), limit=limit)


@route(router, "GET", "/licenses/assignments", Action.READ_LICENSES)
def list_assignments(
    call: Caller,
    source: Annotated[str, Query(max_length=32)] = "",
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    found = call.services.licenses.assignments(call.principal, source=source, after=after, limit=limit)
    return {
        "assignments": [assignment_of(one) for one in found],
        "next": found[-1].number if len(found) == limit else None,
    }


@route(router, "POST", "/licenses/assignments", Action.ASSIGN_LICENSE, status=201)
def assign_license(wish: AssignmentWish, call: Caller) -> dict[str, Any]:
    call.services.licenses.assign(
        call.principal, wish.sku, user=wish.user, group=wish.group, disabled=frozenset(wish.disabled_plans)
    )
    return {"sku": wish.sku}


@route(router, "POST", "/licenses/removals", Action.ASSIGN_LICENSE)
def take_license(wish: RemovalWish, call: Caller) -> dict[str, Any]:
    lost = call.services.licenses.take(
        call.principal, wish.sku, user=wish.user, group=wish.group, allow=wish.allow
    )
    return {"sku": wish.sku, "people": lost}


@route(router, "GET", "/licenses/people/{key}", Action.READ_LICENSES)
def explain_licenses(key: str, call: Caller) -> dict[str, Any]:
    found = call.services.licenses.why(call.principal, key)
    return {
        "person": person_of(found.person),
        "licenses": [grant_of(grant, found.groups) for grant in found.grants],
        "plans": sorted(found.plans),
        "lacking": [
            {"role": lack.need.role, "plan": lack.need.plan, "why": lack.need.why, "required": lack.need.required}
            for lack in found.report.lacking
        ],
        "wasted": [{"sku": waste.sku, "why": waste.why} for waste in found.report.wasted],
    }


def report_of(found: Report, *, limit: int) -> dict[str, Any]:
    """Return a report as JSON: lists of people up to ``limit``, counted whole."""
    return {
        "clean": found.clean,
        "pools": [pool_of(pool) for pool in found.pools],
        "problems": [render(one) for one in found.problems[:limit]],
        "lacking": [
            {
                "upn": one.upn,
                "client": one.client,
                "role": one.need.role,
                "plan": one.need.plan,
                "why": one.need.why,
                "required": one.need.required,
            }
            for one in found.lacking[:limit]
        ],
        "wasted": [render(one) for one in found.wasted[:limit]],
        "counts": {
            "problems": len(found.problems),
            "lacking": len(found.lacking),
            "wasted": len(found.wasted),
        },
    }


def pool_of(pool: PoolStanding) -> dict[str, Any]:
    """Return a pool as JSON."""
    return {
        "sku": pool.sku,
        "title": pool.title,
        "seats": pool.seats,
        "used": pool.used,
        "waiting": pool.waiting,
        "short": pool.short,
        "trial_until": None if pool.trial_until is None else pool.trial_until.isoformat(),
        "ends_in_days": pool.ends_in_days,
        "expiring": pool.expiring,
        "known": pool.known,
    }


def grant_of(grant: Grant, groups: dict[str, str]) -> dict[str, Any]:
    """Return a license of one person as JSON; ``group`` is empty for a direct one."""
    return {
        "sku": grant.sku,
        "group": groups.get(grant.source, grant.source),
        "disabled_plans": sorted(grant.disabled),
        "state": "active" if grant.active else "error",
        "error": str(grant.error or ""),
    }


def assignment_of(assignment: Assignment) -> dict[str, Any]:
    """Return an assignment as JSON; one of ``person`` (a UPN) and ``group`` (a name) is empty."""
    shown: dict[str, Any] = render(assignment)
    shown["disabled_plans"] = shown.pop("disabled")
    return shown
