"""``holofleet plan``: what would change on a target."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.output import CLEAN, TargetName, TextOrJson, print_json
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.plans import Target

NO_CONNECTION = Connection()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TargetOptions:
    """Which target, and how to reach it."""

    target: Annotated[TargetName, Parameter(help="Where the plan is applied.")] = TargetName.SERVER
    out: Annotated[Path | None, Parameter(help="Folder of the files target.")] = None
    connection: Connection = NO_CONNECTION

    @contextmanager
    def open(self) -> Iterator[Target]:
        """Yield the target.

        Raises:
            InputError: the target cannot be reached with these flags, or is not built yet.
        """
        if self.target is TargetName.FILES:
            from holofleet.targets.files import FilesTarget

            if self.out is None:
                raise InputError("the files target needs a folder", mend="Say --out DIR.")
            yield FilesTarget(self.out)
        elif self.target is TargetName.SERVER:
            from holofleet.targets.server import ServerTarget

            with self.connection.open() as api:
                yield ServerTarget(api)
        else:
            raise InputError(
                "the graph target is not built yet",
                detail="This version delivers to its own server and as files.",
                mend="Use --target server or --target files.",
            )


DEFAULT_TARGET = TargetOptions()


def plan(fleet: FleetPath, /, *, options: TargetOptions = DEFAULT_TARGET, format: TextOrJson = "text") -> int:
    """Show what would change. Exit status 0 with or without changes."""
    from holofleet.plans import render_plan

    with options.open() as target:
        _, state = compiled(fleet, target=target.name)
        result = target.plan(state)
    if format == "json":
        print_json(result.to_json())
    else:
        sys.stdout.write(render_plan(result))
    return CLEAN
