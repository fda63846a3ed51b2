"""``holofleet autopilot``: files of hardware hashes, before the service sees them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from holofleet.cli.disk import read_file
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, note, print_json
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.formats.autopilot_csv import Problem, Row

app = App(name="autopilot", help="Check and merge files of Autopilot hardware hashes.")

_Files = Annotated[list[Path], Parameter(help="Files as headsets wrote them.")]


@app.command
def check(files: _Files, /, *, format: TextOrJson = "text") -> int:
    """Say what the import would refuse, by file and row: exit status 1 when there is something."""
    rows, problems = _read(files)
    if format == "json":
        print_json(
            {
                "headsets": len(rows),
                "problems": [
                    {"file": name, "line": one.line, "summary": one.summary, "mend": one.mend}
                    for name, found in problems.items()
                    for one in found
                ],
            }
        )
    else:
        _say(problems)
        repaired = sum(row.repaired for row in rows)
        mended = f", {repaired} with padding to be mended (merge does)" if repaired else ""
        print(f"{len(rows)} {'headset' if len(rows) == 1 else 'headsets'}{mended}.")
    return FOUND if problems else CLEAN


@app.command
def merge(
    files: _Files,
    /,
    *,
    out: Annotated[Path, Parameter(help="Folder to write; it must be new or empty.")],
    group_tag: Annotated[str | None, Parameter(help="Group tag for every headset of the files.")] = None,
) -> int:
    """Write the headsets of all files as files that the import takes: 500 rows each, hashes padded, none twice."""
    from dataclasses import replace

    from holofleet.formats import autopilot_csv
    from holofleet.targets.files import write_folder

    if group_tag is not None and not autopilot_csv.usable(group_tag):
        raise InputError("this group tag cannot stand in such a file", mend="Take plain letters without commas.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: this is no new or empty folder", mend="Name another one.")
    rows, problems = _read(files)
    if problems:
        _say(problems)
        note("Nothing was written.")
        return FOUND
    if group_tag is not None:
        rows = tuple(replace(row, group_tag=group_tag) for row in rows)
    pieces = list(autopilot_csv.split(rows))
    write_folder(out, ((f"hashes-{n}.csv", autopilot_csv.render(piece)) for n, piece in enumerate(pieces, 1)))
    note(f"{out}: {len(rows)} headsets in {len(pieces)} files. Hashes identify devices: keep them private.")
    return CLEAN


def _read(files: list[Path]) -> tuple[tuple[Row, ...], dict[str, tuple[Problem, ...]]]:
    from holofleet.formats import autopilot_csv

    found: dict[str, tuple[Row, ...]] = {}
    problems: dict[str, tuple[Problem, ...]] = {}
    for path in files:
        reading = autopilot_csv.read(read_file(path, autopilot_csv.MAX_BYTES))
        found[str(path)] = reading.rows
        if reading.problems:
            problems[str(path)] = reading.problems
    rows, differences = autopilot_csv.merge(found)
    for name, more in differences.items():
        problems[name] = (*problems.get(name, ()), *more)
    return rows, problems


def _say(problems: dict[str, tuple[Problem, ...]]) -> None:
    for name, found in problems.items():
        for one in found:
            note(f"{name}:{one.line}: {one.summary}" + (f"\n    {one.mend}" if one.mend else ""))
