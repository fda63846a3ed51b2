"""``holofleet apply``: make a target be as the fleet file says."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from holofleet.cli.fleet_file import FleetPath
from holofleet.cli.output import CLEAN, TextOrJson, Yes, confirm, note, print_json
from holofleet.cli.plan import DEFAULT_TARGET, TargetOptions, as_json, as_text
from holofleet.errors import ConflictError


def apply(
    fleet: FleetPath,
    /,
    *,
    options: TargetOptions = DEFAULT_TARGET,
    allow_deletion: Annotated[int | None, Parameter(help="How many deletions are meant.")] = None,
    plan_hash: Annotated[
        str | None, Parameter(help="Apply only if the plan has this hash: the approved one.")
    ] = None,
    reason: Annotated[
        str, Parameter(help="Why; needed to apply alone where a plan takes two persons, and kept by the server.")
    ] = "",
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Show the plan, ask, and apply it. Applying twice changes nothing."""
    from holofleet.plans import check_thresholds

    with options.open(fleet, reason=reason, applying=True) as opened:
        target = opened.target
        plan = target.plan(opened.state)
        permissions = opened.permissions()
        if format == "text":
            sys.stdout.write(as_text(plan, permissions))
            sys.stdout.flush()
        if plan_hash is not None and plan.hash != plan_hash:
            raise ConflictError(
                "this is not the plan that was approved",
                detail=f"Approved was {plan_hash}, the plan now is {plan.hash}.",
                mend="Look at the plan again and have it approved.",
            )
        check_thresholds(plan, allow_deletion=allow_deletion)
        if plan.empty:
            applied = 0
        else:
            confirm(f"Apply {len(plan.changes)} changes to {target.name}?", yes=yes)
            report = target.apply(plan, opened.state, opened.spec.texts)
            applied = report.applied
            for line in report.notes:
                note(line)
    if format == "json":
        print_json({"plan": as_json(plan, permissions), "applied": applied})
    elif applied:
        print(f"Applied {applied} changes.")
    return CLEAN
