"""``holofleet guide``: where a fleet stands on every statement of the four guides."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from holofleet import __version__
from holofleet.cli.connection import Connection
from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.output import CLEAN, FOUND, TargetName, note
from holofleet.cli.plan import NO_CONNECTION
from holofleet.diagnostics import Severity
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.checks.matrix import Heard, Matrix
    from holofleet.resources import State


def guide(
    fleet: FleetPath,
    /,
    *,
    connection: Connection = NO_CONNECTION,
    target: Annotated[
        TargetName, Parameter(help="Where the fleet is run: some rules hang on it.")
    ] = TargetName.SERVER,
    format: Annotated[Literal["text", "json", "html"], Parameter(help="Output form.")] = "text",
    out: Annotated[Path | None, Parameter(help="File to write instead of standard output.")] = None,
    severity: Annotated[
        Severity, Parameter(help="Statements this heavy or heavier that are not met decide the exit status.")
    ] = Severity.RECOMMENDED,
) -> int:
    """Show where a fleet stands on every statement. With a server, what headsets report is laid beside it."""
    matrix = _matrix(fleet, connection, target)
    text = _rendered(matrix, format)
    if out is None:
        sys.stdout.write(text)
    else:
        _write(out, text)
        note(f"Wrote {out}.")
    unmet = len(matrix.unmet(severity))
    note(f"{unmet} statements at or above {severity} are not met.")
    return FOUND if unmet else CLEAN


def _matrix(fleet: Path, connection: Connection, target: TargetName) -> Matrix:
    from holofleet import checks
    from holofleet.checks.matrix import build
    from holofleet.clock import SystemClock

    loaded, state = compiled(fleet, target=target)
    said, heard = _reports(connection, target, state)
    now = SystemClock().now()
    report = checks.run(loaded, today=now.date(), target=target, state=state, reported=said)
    return build(loaded, report, today=now.date(), target=target, made_at=now, version=__version__, heard=heard)


def _reports(connection: Connection, target: TargetName, desired: State) -> tuple[State | None, Heard | None]:
    """Read what headsets report, where a server was named.

    Raises:
        InputError: a server was named for a target that is not the server's.
    """
    if connection.server is None and connection.data is None:
        return None, None
    if target is not TargetName.SERVER:
        raise InputError(
            f"a server's reports say nothing about the target {target}", mend="Leave --target out, or the server."
        )
    from holofleet.checks.matrix import Heard
    from holofleet.targets.server import read_reports

    with connection.open() as api:
        reports = read_reports(api)
    headsets = desired.headsets
    times = sorted(at for serial, at in reports.heard.items() if serial in headsets)
    return reports.state, Heard(
        server=connection.server or str(connection.data),
        headsets=len(headsets),
        reported=len(times),
        oldest=times[0] if times else None,
        latest=times[-1] if times else None,
    )


def _rendered(matrix: Matrix, form: str) -> str:
    if form == "json":
        from holofleet.checks.matrix.as_json import as_json

        return as_json(matrix)
    if form == "html":
        from holofleet.checks.matrix.as_page import as_page

        return as_page(matrix)
    from holofleet.checks.matrix.as_text import as_text

    return as_text(matrix)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out}: cannot be written", detail=f"{error.strerror}.") from error
