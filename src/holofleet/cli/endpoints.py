"""``holofleet endpoints``: the names that headsets need, and what changed about them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from holofleet.cli.disk import read_file
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, note, print_json
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.formats.allow_lists import AllowList, Change

app = App(name="endpoints", help="List the names that headsets need, and what changed about them.")

_Form = Literal["text", "csv", "json", "squid", "pac", "edl"]
_KINDS = ("scenario", "group")


@app.command(name="list")
def list_(
    *,
    scenario: Annotated[
        list[str] | None,
        Parameter(help="A scenario of a fleet file, or a task such as `update`; may be repeated.", negative=""),
    ] = None,
    group: Annotated[
        list[str] | None, Parameter(help="A group of endpoints; may be repeated.", negative="")
    ] = None,
    format: Annotated[_Form, Parameter(help="Output form.")] = "text",
    out: Annotated[Path | None, Parameter(help="File to write instead of standard output.")] = None,
) -> int:
    """List names with their ports, required and optional apart; without a choice, all that are known."""
    if scenario and group:
        raise InputError("--scenario and --group do not go together", mend="Ask twice.")
    allowed = _chosen("scenario", scenario) if scenario else _chosen("group", group or [])
    text = _rendered(allowed, format)
    if out is None:
        sys.stdout.write(text)
    else:
        _write(out, text)
        note(f"Wrote {out}.")
    if format in ("pac", "edl"):
        for left in allowed.left_out:
            note(f"Left out: {left.what}: {left.why}. {left.instead}")
    return CLEAN


@app.command
def diff(
    old: Annotated[Path, Parameter(help="A list that `endpoints list --format json` or `render` wrote.")],
    new: Annotated[Path | None, Parameter(help="A newer one; left out, what this program knows now.")] = None,
    /,
    *,
    format: TextOrJson = "text",
) -> int:
    """Say which names came, went, or are needed otherwise: exit status 1 when something changed."""
    from holofleet.formats.allow_lists import difference

    before = _read(old)
    after = _read(new) if new is not None else _again(before, old)
    changes = difference(before, after)
    if format == "json":
        print_json({"old": before.catalog, "new": after.catalog, "changes": [_json(one) for one in changes]})
    else:
        for one in changes:
            print(f"{one.kind}: {one.host} {' '.join(one.ports)} ({one.need}; {', '.join(one.groups)})")
        note(f"{len(changes)} changes; catalog {before.catalog} -> {after.catalog}." if changes else "No change.")
    return FOUND if changes else CLEAN


def _chosen(kind: str, names: list[str]) -> AllowList:
    from holofleet import catalog
    from holofleet.formats.allow_lists import SCENARIOS, of_groups, of_scenarios, whole

    endpoints = catalog.endpoints()
    known = SCENARIOS if kind == "scenario" else endpoints.groups
    for name in names:
        if name not in known:
            raise InputError(f"there is no {kind} {name!r}", mend=f"There are: {', '.join(known)}.")
    if not names:
        return whole(endpoints)
    return of_scenarios(endpoints, names) if kind == "scenario" else of_groups(endpoints, names)


def _rendered(allowed: AllowList, form: _Form) -> str:
    if form == "csv":
        from holofleet.formats.allow_lists.table import as_csv

        return as_csv(allowed)
    if form == "json":
        from holofleet.formats.allow_lists.exchange import as_json

        return as_json(allowed)
    if form == "squid":
        from holofleet.formats.allow_lists.squid import as_squid

        return as_squid(allowed)
    if form == "pac":
        from holofleet.formats.allow_lists.proxy_script import as_pac

        return as_pac(allowed)
    if form == "edl":
        from holofleet.formats.allow_lists.external import as_external_lists

        return "\n".join(f"# {name}\n{patterns}" for name, patterns in as_external_lists(allowed))
    from holofleet.formats.allow_lists.plain import as_text

    return as_text(allowed)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{out}: cannot be written", detail=f"{error.strerror}.") from error


def _read(path: Path) -> AllowList:
    from holofleet.formats.allow_lists import exchange

    try:
        return exchange.parse(read_file(path, exchange.MAX_BYTES))
    except exchange.AllowListError as error:
        raise InputError(f"{path}: {error.summary}", mend=error.mend) from error


def _again(before: AllowList, path: Path) -> AllowList:
    """Ask the catalog of this program for what an older list was asked for."""
    from holofleet.formats.allow_lists.selection import WHOLE

    if not before.selection:
        raise InputError(
            f"{path}: this list was made for a site", mend="Name the newer list of the site too: render it again."
        )
    if before.selection == (WHOLE,):
        return _chosen("group", [])
    asked = [one.partition(" ") for one in before.selection]
    kinds = {kind for kind, _, _ in asked}
    if len(kinds) > 1 or not kinds.issubset(_KINDS):
        raise InputError(
            f"{path}: it does not say in a known way what was asked for", mend="Name the newer list too."
        )
    return _chosen(kinds.pop(), [name for _, _, name in asked])


def _json(one: Change) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "host": one.host,
        "ports": list(one.ports),
        "need": one.need.value,
        "groups": list(one.groups),
    }
