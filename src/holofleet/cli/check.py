"""``holofleet check``: the fleet file against the guides."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from holofleet import __version__
from holofleet.cli.fleet_file import FleetPath, load
from holofleet.cli.output import CLEAN, FOUND, TargetName, note
from holofleet.diagnostics import Severity, render_json, render_sarif, render_text
from holofleet.errors import InputError


def check(
    fleet: FleetPath,
    /,
    *,
    format: Annotated[Literal["text", "json", "sarif"], Parameter(help="Output form.")] = "text",
    severity: Annotated[Severity, Parameter(help="Findings this heavy or heavier decide the exit status.")] = (
        Severity.RECOMMENDED
    ),
    target: Annotated[
        TargetName, Parameter(help="Where the fleet is run: some rules hang on it.")
    ] = TargetName.SERVER,
) -> int:
    """Check a fleet file. Exit status 1 for findings at or above the severity, 2 for an unusable file."""
    from holofleet.clock import SystemClock

    try:
        loaded = load(fleet)
    except InputError as error:
        findings = getattr(error, "findings", ())
        if format == "text" or not findings:
            raise
        sys.stdout.write(
            render_json(findings) if format == "json" else render_sarif(findings, version=__version__)
        )
        return error.exit_status
    from holofleet import checks

    report = checks.run(loaded, today=SystemClock().now().date(), target=target)
    shown = tuple(f for f in report.findings if f.severity.at_least(severity))
    if format == "json":
        sys.stdout.write(render_json(shown))
    elif format == "sarif":
        sys.stdout.write(render_sarif(shown, version=__version__))
    else:
        sys.stdout.write(render_text(shown))
        note(f"{len(shown)} findings at or above {severity}.")
    return FOUND if shown else CLEAN
