"""``holofleet guide``: where a fleet stands on every statement of the four guides."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from holofleet import __version__
from holofleet.cli.connection import Connection
from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.graph_target import GraphOptions
from holofleet.cli.output import CLEAN, FOUND, TargetName, note
from holofleet.cli.plan import NO_CONNECTION, NO_GRAPH
from holofleet.diagnostics import Severity
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.checks.matrix import Heard, Matrix
    from holofleet.resources import State
    from holofleet.spec import Spec
    from holofleet.targets.reported import Reports


def guide(
    fleet: FleetPath,
    /,
    *,
    connection: Connection = NO_CONNECTION,
    graph: GraphOptions = NO_GRAPH,
    target: Annotated[
        TargetName, Parameter(help="Where the fleet is run: some rules hang on it.")
    ] = TargetName.SERVER,
    format: Annotated[Literal["text", "json", "html"], Parameter(help="Output form.")] = "text",
    out: Annotated[Path | None, Parameter(help="File to write instead of standard output.")] = None,
    severity: Annotated[
        Severity, Parameter(help="Statements this heavy or heavier that are not met decide the exit status.")
    ] = Severity.RECOMMENDED,
) -> int:
    """Show where a fleet stands on every statement. With a server or tenant, reports lie beside it."""
    matrix = _matrix(fleet, connection, graph, target)
    text = _rendered(matrix, format)
    if out is None:
        sys.stdout.write(text)
    else:
        _write(out, text)
        note(f"Wrote {out}.")
    unmet = len(matrix.unmet(severity))
    note(f"{unmet} statements at or above {severity} are not met.")
    return FOUND if unmet else CLEAN


def _matrix(fleet: Path, connection: Connection, graph: GraphOptions, target: TargetName) -> Matrix:
    from holofleet import checks
    from holofleet.checks.matrix import build
    from holofleet.clock import SystemClock

    if target is not TargetName.GRAPH:
        graph.refuse_elsewhere(target)
    loaded, state = compiled(fleet, target=target)
    said, heard = None, None
    if connection.server is not None or connection.data is not None:
        said = _from_server(connection, target)
        heard = _heard(said, state, connection.server or str(connection.data))
    elif target is TargetName.GRAPH and graph.named:
        said, state = _from_tenant(graph, loaded)
        heard = _heard(said, state, "Intune")
    now = SystemClock().now()
    report = checks.run(
        loaded, today=now.date(), target=target, state=state, reported=None if said is None else said.state
    )
    return build(loaded, report, today=now.date(), target=target, made_at=now, version=__version__, heard=heard)


def _from_server(connection: Connection, target: TargetName) -> Reports:
    """Read what headsets report to a server.

    Raises:
        InputError: a server was named for a target that is not the server's.
    """
    if target is not TargetName.SERVER:
        raise InputError(
            f"a server's reports say nothing about the target {target}", mend="Leave --target out, or the server."
        )
    from holofleet.targets.server import read_reports

    with connection.open() as api:
        return read_reports(api)


def _from_tenant(graph: GraphOptions, loaded: Spec) -> tuple[Reports, State]:
    """Read what headsets report to Intune, with what the file wants of that tenant."""
    with graph.open(loaded) as (tenant, state):
        return tenant.reports(state), state


def _heard(reports: Reports, desired: State, where: str) -> Heard:
    from holofleet.checks.matrix import Heard

    headsets = desired.headsets
    times = sorted(at for serial, at in reports.heard.items() if serial in headsets)
    return Heard(
        server=where,
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
