"""``holofleet drift``: where headsets report something else than they were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from holofleet.cli.fleet_file import FleetPath
from holofleet.cli.output import CLEAN, FOUND, TargetName, TextOrJson, note, print_json
from holofleet.cli.plan import DEFAULT_TARGET, TargetOptions
from holofleet.diagnostics.render import visible
from holofleet.plans.render import some_of

if TYPE_CHECKING:
    from holofleet.plans import Drift

_SHOWN = 80


def drift(fleet: FleetPath, /, *, options: TargetOptions = DEFAULT_TARGET, format: TextOrJson = "text") -> int:
    """Show drift: exit status 1 when something differs, 0 when nothing does."""
    of_tenant = options.target is TargetName.GRAPH
    with options.open(fleet) as opened:
        # A tenant remembers no fleet file: what differs from the file is drift, whoever changed it.
        untold = not of_tenant and not opened.target.plan(opened.state).empty
        found = [item for item in opened.target.drift() if of_tenant or item.serial in opened.state.headsets]
    if format == "json":
        print_json({"drift": [asdict(item) for item in found], "unapplied_changes": untold})
    else:
        if found:
            print(as_text(found), end="")
        elif of_tenant:
            print("No drift: the tenant is as the fleet file says.")
        elif options.target is TargetName.FILES:
            print("No headset reports to files: drift shows with --target server.")
        else:
            print("No drift: no headset reports a value that differs from what it was told.")
        if untold:
            note("The fleet file says things that were not applied yet; see: holofleet plan")
    return FOUND if found else CLEAN


def as_text(found: Sequence[Drift]) -> str:
    """Return drift for people: what is the same on many headsets once, with how many and the first of them."""
    alike: dict[tuple[str, str, str | None, str | None, str], list[Drift]] = {}
    for item in found:
        key = (item.status, item.oma_uri, item.desired, item.reported, item.reason)
        alike.setdefault(key, []).append(item)
    blocks = [_block(*key, items) for key, items in alike.items()]
    count = "1 difference" if len(blocks) == 1 else f"{len(blocks)} differences"
    serials = sorted({item.serial for item in found if item.serial})
    where = f" on {_headsets(serials)}" if serials else ""
    return "\n".join([*(line for block in blocks for line in block), f"{count}{where}."]) + "\n"


def _block(
    status: str, what: str, desired: str | None, reported: str | None, reason: str, items: Sequence[Drift]
) -> list[str]:
    serials = [item.serial for item in items if item.serial]
    since = min((item.since for item in items if item.since), default="")
    lines = [f"{status}: {what}", f"    wanted: {_short(desired)}", f"    found:  {_short(reported)}"]
    if serials:
        lines.append(f"    on {_headsets(serials)}")
    if since:
        lines.append(f"    since {since}" + (" (the first of them)" if len(serials) > 1 else ""))
    if reason:
        lines.append(f"    {reason}")
    return [visible(line) for line in lines]


def _headsets(serials: Sequence[str]) -> str:
    return f"1 headset: {serials[0]}" if len(serials) == 1 else f"{len(serials)} headsets: {some_of(serials)}"


def _short(value: str | None) -> str:
    if value is None:
        return "not set"
    value = value.replace("\n", "\\n")
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}... ({len(value)} characters, all of them in JSON)"
