"""``holofleet plan``: what would change on a target."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.fleet_file import FleetPath, load
from holofleet.cli.graph_target import GraphOptions
from holofleet.cli.output import CLEAN, TargetName, TextOrJson, print_json
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.plans import Plan, Target
    from holofleet.resources import State
    from holofleet.spec import Spec

NO_CONNECTION = Connection()
NO_GRAPH = GraphOptions()


@dataclass(frozen=True)
class Opened:
    """A target that is open, with the fleet file and what it wants there."""

    target: Target
    spec: Spec
    state: State

    def permissions(self) -> dict[str, list[str]] | None:
        """Return what the last plan needs of the sign-in, with the requests that need it; ``None`` elsewhere."""
        from holofleet.targets.graph.target import GraphTarget

        if not isinstance(self.target, GraphTarget):
            return None
        return {name: list(users) for name, users in self.target.needs().operations.items()}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TargetOptions:
    """Which target, and how to reach it."""

    target: Annotated[TargetName, Parameter(help="Where the plan is applied.")] = TargetName.SERVER
    out: Annotated[Path | None, Parameter(help="Folder of the files target.")] = None
    connection: Connection = NO_CONNECTION
    graph: GraphOptions = NO_GRAPH

    @contextmanager
    def open(self, fleet: Path, *, reason: str = "", applying: bool = False) -> Iterator[Opened]:
        """Yield the target, and what the fleet file wants of it.

        Args:
            fleet: The fleet file.
            reason: Why, for the server's audit log.
            applying: Changes are meant: no other run may change a tenant until it is closed. (The server refuses a
                plan that is out of date by itself.)

        Raises:
            ConflictError: another apply works on the tenant.
            InputError: the target cannot be reached with these flags, or the fleet file cannot be used.
        """
        from holofleet import desired

        if self.target is not TargetName.GRAPH:
            self.graph.refuse_elsewhere(self.target)
        loaded = load(fleet)
        if self.target is TargetName.GRAPH:
            with self.graph.open(loaded, applying=applying) as (tenant, state):
                yield Opened(tenant, loaded, state)
        elif self.target is TargetName.FILES:
            from holofleet.targets.files import FilesTarget

            if self.out is None:
                raise InputError("the files target needs a folder", mend="Say --out DIR.")
            yield Opened(FilesTarget(self.out), loaded, desired.compile(loaded, target="files"))
        else:
            from holofleet.targets.server import ServerTarget

            with self.connection.open() as api:
                yield Opened(ServerTarget(api, reason=reason), loaded, desired.compile(loaded, target="server"))


DEFAULT_TARGET = TargetOptions()


def plan(fleet: FleetPath, /, *, options: TargetOptions = DEFAULT_TARGET, format: TextOrJson = "text") -> int:
    """Show what would change. Exit status 0 with or without changes."""
    with options.open(fleet) as opened:
        result = opened.target.plan(opened.state)
        permissions = opened.permissions()
    if format == "json":
        print_json(as_json(result, permissions))
    else:
        sys.stdout.write(as_text(result, permissions))
    return CLEAN


def as_json(plan: Plan, permissions: dict[str, list[str]] | None) -> dict[str, Any]:
    """Return a plan as JSON; for a tenant with ``permissions``, and with what was not looked at for conflicts."""
    found = plan.to_json()
    return found if permissions is None else {**found, "permissions": permissions, "not_looked_at": _unseen()}


def _unseen() -> list[str]:
    from holofleet.targets.graph.kinds.conflicts import UNSEEN

    return list(UNSEEN)


def as_text(plan: Plan, permissions: dict[str, list[str]] | None) -> str:
    """Return a plan for people, with the permissions that it needs."""
    from holofleet.plans import render_plan

    text = render_plan(plan)
    if not permissions:
        return text
    lines = ["", "Permissions that the sign-in needs, to read and to apply this:"]
    lines += [f"  {name}" for name in permissions]
    lines += ["", "Not looked at: they can set the same as ours on a headset, and then neither applies:"]
    lines += [f"  {what}" for what in _unseen()]
    return text + "\n".join(lines) + "\n"
