"""Reading the fleet file for a command: load, and compile when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.resources import State
    from holofleet.spec import Spec

FleetPath = Annotated[Path, Parameter(help="The fleet file, or a folder of them.")]


def load(fleet: Path) -> Spec:
    """Load a fleet file or a folder of them.

    Raises:
        InputError: the file is not there, or has errors; they carry file, line and column.
    """
    from holofleet import spec

    if not fleet.exists():
        raise InputError(
            f"{fleet}: there is no such file or folder",
            mend="Write one with: holofleet init --scenario cloud-connected --out fleet.yaml",
        )
    return spec.load([fleet])


def compiled(fleet: Path, *, target: str) -> tuple[Spec, State]:
    """Load and compile for a target."""
    from holofleet import desired

    loaded = load(fleet)
    return loaded, desired.compile(loaded, target=target)
