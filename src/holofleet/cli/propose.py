"""``holofleet propose``: a plan for a second person to approve."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.fleet_file import FleetPath, load
from holofleet.cli.output import CLEAN, TextOrJson, Yes, confirm, print_json
from holofleet.cli.plan import NO_CONNECTION, as_text


def propose(
    fleet: FleetPath,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why, for whoever has to decide.")],
    connection: Connection = NO_CONNECTION,
    allow_deletion: Annotated[int | None, Parameter(help="How many deletions are meant.")] = None,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Show the plan for a server, ask, and propose it: nothing changes until somebody else approves it."""
    from holofleet import desired
    from holofleet.plans import check_thresholds
    from holofleet.targets.server import ServerTarget

    loaded = load(fleet)
    state = desired.compile(loaded, target="server")
    with connection.open() as api:
        plan = ServerTarget(api).plan(state)
        if format == "text":
            sys.stdout.write(as_text(plan, None))
            sys.stdout.flush()
        check_thresholds(plan, allow_deletion=allow_deletion)
        if plan.empty:
            if format == "json":
                print_json(None)
            return CLEAN
        confirm(f"Propose {len(plan.changes)} changes?", yes=yes)
        found = api.put(
            "/proposals/state",
            {
                "state": state.to_json(),
                "texts": dict(loaded.texts),
                "plan_hash": plan.hash,
                "told_hash": plan.told_hash,
                "reason": reason,
            },
        )
    if format == "json":
        print_json(found)
    else:
        print(f"Proposed as {found['id']}. Somebody else decides: holofleet approvals show {found['id']}")
    return CLEAN
