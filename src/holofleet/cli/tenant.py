"""``holofleet tenant``: headsets as Intune sees them, and orders to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from holofleet.cli.fleet_file import FleetPath, load
from holofleet.cli.graph_target import GraphOptions
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, Yes, confirm, note, print_json, table
from holofleet.cli.plan import NO_GRAPH
from holofleet.errors import InputError
from holofleet.plans.render import some_of

if TYPE_CHECKING:
    from holofleet.resources import State
    from holofleet.targets.graph.reports import Enrolled
    from holofleet.targets.graph.target import GraphTarget

app = App(name="tenant", help="Headsets as Intune sees them, and orders to them.")

_Serials = Annotated[tuple[str, ...], Parameter(help="A headset; may be repeated.", negative_iterable="")]
_Deployment = Annotated[str | None, Parameter(help="All enrolled headsets of this deployment.")]
_DESTRUCTIVE = frozenset({"wipe", "retire"})


@app.command
def headsets(fleet: FleetPath, /, *, graph: GraphOptions = NO_GRAPH, format: TextOrJson = "text") -> int:
    """List the headsets of the fleet file as Intune sees them. Exit status 1 when one is not enrolled."""
    from holofleet.targets.graph.reports import enrolled

    with graph.open(load(fleet)) as (target, state):
        listed = {one.serial: one for one in target.ask(enrolled())}
    rows = [_row(serial, state.headsets[serial].deployment, listed.get(serial)) for serial in state.headsets]
    others = len(listed.keys() - state.headsets.keys())
    if format == "json":
        print_json({"headsets": rows, "not_in_the_file": sorted(listed.keys() - state.headsets.keys())})
    else:
        columns = ("serial", "deployment", "name", "compliance", "build", "seen_at")
        print(table(columns, [tuple(str(row[name] or "-") for name in columns) for row in rows]), end="")
        if others:
            note(f"{others} enrolled headsets are not in the fleet file.")
    return CLEAN if all(row["enrolled"] for row in rows) else FOUND


def _row(serial: str, deployment: str, one: Enrolled | None) -> dict[str, Any]:
    from holofleet.clock import render_utc

    return {
        "serial": serial,
        "deployment": deployment,
        "enrolled": one is not None,
        "name": one.name if one is not None else "",
        "compliance": one.compliance if one is not None else "not enrolled",
        "build": one.build if one is not None else "",
        "encrypted": one.encrypted if one is not None else None,
        "seen_at": render_utc(one.seen_at) if one is not None and one.seen_at is not None else None,
    }


@app.command
def order(
    fleet: FleetPath,
    kind: Annotated[
        Literal["sync", "reboot", "wipe", "retire", "collect-logs"], Parameter(help="What headsets are told.")
    ],
    /,
    *,
    serial: _Serials = (),
    deployment: _Deployment = None,
    count: Annotated[int | None, Parameter(help="How many headsets are meant to be wiped or retired.")] = None,
    graph: GraphOptions = NO_GRAPH,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Give enrolled headsets an order. It is queued: they carry it out when they check in.

    Restarts and wipes are sent at most once. Wiping or retiring several headsets needs their number in --count; a
    headset that is locked to the tenant is wiped only while it is registered, or it could never be set up again.
    """
    from holofleet.targets.graph import device_actions as actions

    wanted = actions.Order(kind)
    with graph.open(load(fleet)) as (target, state):
        chosen = _chosen(state, serial, deployment)
        found = target.ask(actions.find(chosen))
        if kind in _DESTRUCTIVE:
            _require_counted(len(found), count)
            _require_registered(target, state, chosen)
            confirm(f"{kind.capitalize()} {len(found)} headsets: {some_of(chosen)}?", yes=yes)
        sent = target.ask(actions.give(wanted, found))
    if format == "json":
        print_json({"order": kind, "queued": sent.queued, "unknown": sent.unknown, "refused": dict(sent.refused)})
    else:
        print(f"{kind}: queued for {len(sent.queued)} headsets; they carry it out at their next check-in.")
    if sent.unknown:
        note(f"Outcome unknown for {some_of(sent.unknown)}: the answer was lost. Look before you order again.")
    for why in dict.fromkeys(sent.refused.values()):
        note(f"Refused for {some_of([one for one, reason in sent.refused.items() if reason == why])}: {why}")
    return FOUND if sent.unknown or sent.refused else CLEAN


@app.command
def outcome(
    fleet: FleetPath,
    kind: Annotated[Literal["sync", "reboot", "wipe", "retire", "collect-logs"], Parameter(help="Which order.")],
    /,
    *,
    serial: _Serials = (),
    deployment: _Deployment = None,
    graph: GraphOptions = NO_GRAPH,
    format: TextOrJson = "text",
) -> int:
    """Say how the newest order of a kind stands on headsets: pending, done, failed."""
    from holofleet.targets.graph import device_actions as actions

    with graph.open(load(fleet)) as (target, state):
        found = target.ask(actions.find(_chosen(state, serial, deployment)))
        states = target.ask(actions.outcomes(actions.Order(kind), found))
    if format == "json":
        print_json({"order": kind, "outcomes": [asdict(one) for one in states]})
    else:
        print(table(("serial", "state", "at"), [(one.serial, one.state, one.at or "-") for one in states]), end="")
    return CLEAN


@app.command
def ready(
    fleet: FleetPath,
    /,
    *,
    serial: _Serials = (),
    deployment: _Deployment = None,
    graph: GraphOptions = NO_GRAPH,
    format: TextOrJson = "text",
) -> int:
    """Say whether headsets can be sent away, and why not. Exit status 1 if one cannot.

    They have to be registered, with their profile in sync, in their groups, and their policies (the tenant lock
    among them) in the tenant as the file says.
    """
    with graph.open(load(fleet)) as (target, state):
        found = target.ready(state, _chosen(state, serial, deployment))
    if format == "json":
        print_json({"headsets": [{**asdict(one), "ready": one.ready} for one in found]})
    else:
        rows = [
            (one.serial, "ready" if one.ready else "not ready", "; ".join(one.reasons) or "-") for one in found
        ]
        print(table(("serial", "state", "why"), rows), end="")
    return CLEAN if all(one.ready for one in found) else FOUND


@app.command
def release(
    fleet: FleetPath,
    /,
    *,
    serial: Annotated[str, Parameter(help="The headset that is given away.")],
    unlocked: Annotated[
        bool,
        Parameter(negative="", help="You know that its lock is off, where Intune has no record that says so."),
    ] = False,
    graph: GraphOptions = NO_GRAPH,
    yes: Yes = False,
) -> int:
    """Give a headset away for good: out of Intune and Autopilot, once its tenant lock is proved to be off."""
    from holofleet.targets.graph.shipping import release as given_away

    with graph.open(load(fleet)) as (target, state):
        _chosen(state, [serial], None)
        confirm(f"Delete {serial} from Intune and its registration with Autopilot?", yes=yes)
        done = target.ask(given_away(target.scope(state), serial, unlocked=unlocked))
    print(f"{serial}: {', '.join(done)}." if done else f"{serial} is not in the tenant any more.")
    note("Take it out of the fleet file too, or the next apply registers it again.")
    return CLEAN


def _chosen(state: State, serials: Sequence[str], deployment: str | None) -> list[str]:
    """Return the serials that are meant, all of them in the fleet file.

    Raises:
        InputError: none, both ways to name them, or one that the file does not have.
    """
    if bool(serials) == (deployment is not None):
        raise InputError("which headsets?", mend="Say --serial SERIAL (may be repeated), or --deployment NAME.")
    if deployment is not None:
        found = [one.serial for one in state.headsets.values() if one.deployment == deployment]
        if not found:
            raise InputError(f"there is no headset in a deployment {deployment}")
        return found
    unknown = [one for one in serials if one not in state.headsets]
    if unknown:
        raise InputError(f"not in the fleet file: {some_of(unknown)}", mend="Orders go to this fleet only.")
    return list(dict.fromkeys(serials))


def _require_counted(found: int, count: int | None) -> None:
    """Refuse to reset several headsets unless somebody said how many.

    Raises:
        InputError: the number is missing or another.
    """
    if found > 1 and count != found:
        raise InputError(
            f"{found} headsets would lose everything that is on them",
            detail="" if count is None else f"--count says {count}.",
            mend=f"If exactly these are meant, say --count {found}.",
        )


def _require_registered(target: GraphTarget, state: State, serials: Sequence[str]) -> None:
    """Refuse to reset a headset that is locked to the tenant and that Autopilot does not know.

    Raises:
        InputError: naming them.
    """
    from holofleet.resources import Registration
    from holofleet.targets.graph.device_actions import registered

    locked = [one for one in serials if one in (r := state.of_kind(Registration)) and r[one].locked]
    if not locked:
        return
    known = target.ask(registered())
    stranded = [one for one in locked if one not in known]
    if stranded:
        raise InputError(
            f"locked to the tenant and not registered: {some_of(stranded)}",
            detail="Reset now, they would be stuck in the first start for ever.",
            mend="Register them first (holofleet apply with their hardware hashes).",
        )
