"""``holofleet render``: every document as files; the same as ``apply --target files --yes``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.output import CLEAN, note


def render(
    fleet: FleetPath, /, *, out: Annotated[Path, Parameter(help="Folder to write, replaced as a whole.")]
) -> int:
    """Write every document of the fleet file into a folder."""
    from holofleet.plans import compare
    from holofleet.targets.files import FilesTarget

    loaded, state = compiled(fleet, target="files")
    target = FilesTarget(out)
    plan = compare(state, target.read(), target=target.name)
    for line in target.apply(plan, state, loaded.texts).notes:
        note(line)
    return CLEAN
