"""``holofleet drift``: where headsets report something else than they were told."""

from __future__ import annotations

from dataclasses import asdict

from holofleet.cli.fleet_file import FleetPath
from holofleet.cli.output import CLEAN, FOUND, TargetName, TextOrJson, note, print_json, table
from holofleet.cli.plan import DEFAULT_TARGET, TargetOptions


def drift(fleet: FleetPath, /, *, options: TargetOptions = DEFAULT_TARGET, format: TextOrJson = "text") -> int:
    """Show drift: exit status 1 when something differs, 0 when nothing does."""
    of_tenant = options.target is TargetName.GRAPH
    with options.open(fleet) as opened:
        # A tenant remembers no fleet file: what differs from the file is drift, whoever changed it.
        untold = not of_tenant and not opened.target.plan(opened.state).empty
        found = [item for item in opened.target.drift() if of_tenant or item.serial in opened.state.headsets]
    if format == "json":
        print_json({"drift": [asdict(item) for item in found], "unapplied_changes": untold})
    else:
        if found:
            rows = [
                (d.serial or "-", d.status, d.oma_uri, d.desired or "not set", d.reported or "not set", d.since)
                for d in found
            ]
            print(table(("serial", "status", "oma_uri", "desired", "reported", "since"), rows), end="")
        elif of_tenant:
            print("No drift: the tenant is as the fleet file says.")
        elif options.target is TargetName.FILES:
            print("No headset reports to files: drift shows with --target server.")
        else:
            print("No drift: no headset reports a value that differs from what it was told.")
        if untold:
            note("The fleet file says things that were not applied yet; see: holofleet plan")
    return FOUND if found else CLEAN
