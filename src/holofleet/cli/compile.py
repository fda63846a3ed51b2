"""``holofleet compile``: the desired State."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.output import CLEAN, TargetName


def compile(
    fleet: FleetPath,
    /,
    *,
    target: Annotated[
        TargetName, Parameter(help="For which target: some deliver less than others.")
    ] = TargetName.SERVER,
) -> int:
    """Print the desired State as JSON: the same file gives the same bytes. Secrets stay references."""
    _, state = compiled(fleet, target=target)
    sys.stdout.write(state.render())
    return CLEAN
