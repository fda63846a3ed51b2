"""Tables of headsets beside the fleet file: CSV files, and Autopilot hardware hashes as a headset writes them.

Each headset comes back as the mapping that YAML would have given, with the row that it stands in. The rules of
hash files are those of :mod:`holofleet.formats.autopilot_csv`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holofleet.diagnostics import Finding, Position
from holofleet.formats import autopilot_csv
from holofleet.spec.faults import at, nearest
from holofleet.spec.model.headset import Headset
from holofleet.spec.positions import Row
from holofleet.spec.translation import keys_of

if TYPE_CHECKING:
    from _csv import Reader

MAX_TABLE_BYTES = 16 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 100


@dataclass(frozen=True)
class Table:
    """Headsets of one file, their rows, and what is wrong with it."""

    headsets: tuple[dict[str, str], ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


def read_headset_csv(file: str, content: bytes) -> Table:
    """Read a table whose header names keys of a headset; empty cells are left out."""
    known = [key for key in keys_of(Headset) if key != "hardware_hash"]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _nothing(
            at("file/encoding", Position(file, line, 1), "the table is not UTF-8", mend="Save it as UTF-8.")
        )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return _headset_rows(file, reader, known)
    except csv.Error as error:
        return _nothing(at("file/table", Position(file, max(reader.line_num, 1), 1), f"this is no CSV: {error}"))


def _headset_rows(file: str, reader: Reader, known: list[str]) -> Table:
    header = [name.strip() for name in next(reader, [])]
    findings = list(_header_findings(file, header, known))
    if findings:
        return Table((), (), tuple(findings))
    headsets: list[dict[str, str]] = []
    places: list[Row] = []
    line = reader.line_num + 1
    for cells in reader:
        place, line = Position(file, line, 1), reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(headsets) >= MAX_ROWS:
            findings.append(at("file/too-large", place, f"more than {MAX_ROWS} rows"))
            break
        if len(cells) > len(header):
            summary = f"row {place.line} has {len(cells)} cells, the header {len(header)}"
            findings.append(at("file/table", place, summary, mend="Remove the surplus cells."))
            continue
        headsets.append({key: cell.strip() for key, cell in zip(header, cells, strict=False) if cell.strip()})
        places.append(Row(file, place.line, _columns(header, cells)))
    return Table(tuple(headsets), tuple(places), tuple(findings))


def _nothing(finding: Finding) -> Table:
    return Table((), (), (finding,))


def _columns(header: list[str], cells: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    column = 1
    for key, cell in zip(header, cells, strict=False):
        columns[key] = column
        column += len(cell) + 1
    return columns


def _header_findings(file: str, header: list[str], known: list[str]) -> Iterator[Finding]:
    place = Position(file, 1, 1)
    if len(header) > MAX_COLUMNS:
        yield at(
            "file/table", place, f"more than {MAX_COLUMNS} columns", mend=f"Name only these: {', '.join(known)}."
        )
        return
    if "serial" not in header:
        yield at(
            "file/table",
            place,
            "the header has no column `serial`",
            mend=f"Name columns in the first row: {', '.join(known)}.",
        )
    for name in header:
        if name not in known:
            close = nearest(name, known)
            yield at(
                "file/unknown-key",
                place,
                f"unknown column `{name[:80]}`",
                mend=f"Did you mean `{close}`?" if close else f"Known: {', '.join(known)}.",
            )
        elif header.count(name) > 1:
            yield at("file/duplicate-key", place, f"column `{name}` stands twice", mend="Keep one of the two.")


def read_hardware_hashes(file: str, content: bytes, *, registered: bool) -> Table:
    """Read a file of hardware hashes; repair missing padding, refuse what the import service would refuse."""
    reading = autopilot_csv.read(content)
    headsets: list[dict[str, str]] = []
    for row in reading.rows:
        named = {"serial": row.serial, "hardware_hash": row.hardware_hash, "autopilot": str(registered).lower()}
        headsets.append(named | ({"group_tag": row.group_tag} if row.group_tag else {}))
    places = tuple(
        Row(file, row.line, {"serial": 1, "hardware_hash": len(row.serial) + len(row.product_id) + 3})
        for row in reading.rows
    )
    findings = tuple(
        at(f"file/{problem.kind}", Position(file, problem.line, 1), problem.summary, mend=problem.mend)
        for problem in reading.problems
    )
    return Table(tuple(headsets), places, findings)
