"""``holofleet render``: every document as files; the same as ``apply --target files --yes``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.output import CLEAN, note


def render(
    fleet: FleetPath,
    /,
    *,
    out: Annotated[Path, Parameter(help="Folder to write, replaced as a whole.")],
    with_secrets: Annotated[
        bool, Parameter(help="Fill in secrets where a file needs them; such files are named.", negative="")
    ] = False,
    secrets: Annotated[Path | None, Parameter(help="Folder of the file: references of the fleet file.")] = None,
) -> int:
    """Write every document of the fleet file into a folder."""
    from holofleet.cli.secrets import resolver
    from holofleet.targets.files import FilesTarget

    resolve = resolver(secrets) if with_secrets else None
    loaded, state = compiled(fleet, target="files")
    target = FilesTarget(out, resolve=resolve)
    for line in target.apply(target.plan(state), state, loaded.texts).notes:
        note(line)
    return CLEAN
