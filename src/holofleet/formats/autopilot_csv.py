"""Files of hardware hashes, as a headset writes them and the import of Windows Autopilot takes them.

Rules: the exact header, at most 500 rows, no quotation marks, no further columns, plain ASCII, padded base64. A
device may leave the padding out, which is repaired here; everything else is named by row. A hash identifies a
device: it never stands in a message, nor in the ``repr`` of a row.

    >>> reading = read(b"Device Serial Number,Windows Product ID,Hardware Hash\\r\\n0034,,T0FCQUFBRQ\\r\\n")
    >>> reading.rows[0].serial, reading.rows[0].hardware_hash, reading.rows[0].repaired
    ('0034', 'T0FCQUFBRQ==', True)

Source: 'Windows Autopilot for HoloLens 2' and 'Manually register devices with Windows Autopilot' (Microsoft).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

HEADER = ("Device Serial Number", "Windows Product ID", "Hardware Hash", "Group Tag", "Assigned User")
MAX_ROWS = 500
"""Rows of one file. Source: 'Manually register devices with Windows Autopilot' (Microsoft)."""
MAX_BYTES = 16 * 1024 * 1024
_LEAST_COLUMNS = 3
_SERIAL = re.compile(r"[A-Za-z0-9.-]{1,64}")
_UNUSABLE = re.compile(r'[",\x00-\x1f\x7f]|[^\x00-\x7f]')
_MARKS = (
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\xef\xbb\xbf", "UTF-8 with a byte order mark"),
)
_AS_WRITTEN = "Use the file as the headset wrote it; a spreadsheet changes it."


@dataclass(frozen=True, slots=True)
class Row:
    """One headset of a file.

    Args:
        serial: Serial number as the headset reports it.
        hardware_hash: Base64 with correct padding.
        product_id: Windows product id; normally empty.
        group_tag: Group tag, or empty.
        assigned_user: UPN, or empty; of no use for self-deploying headsets.
        line: Line in its file, 1 for the header; 0 for a row that was made.
        repaired: The padding was not there or wrong, and was mended.
    """

    serial: str
    hardware_hash: str = field(repr=False)
    product_id: str = ""
    group_tag: str = ""
    assigned_user: str = ""
    line: int = 0
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, at a line of it."""

    line: int
    summary: str
    mend: str = ""
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds and what is wrong with it; rows with a problem are left out."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


def read(content: bytes) -> Reading:
    """Read one file; every problem is named at once."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return Reading((), (Problem(1, _PLAIN, f"It is {name}. {_AS_WRITTEN}", "encoding"),))
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Reading((), (Problem(line, _PLAIN, _AS_WRITTEN, "encoding"),))
    lines = text.split("\n")
    header = tuple(lines[0].rstrip("\r").split(","))
    if len(header) < _LEAST_COLUMNS or header != HEADER[: len(header)]:
        mend = f"It must be exactly `{','.join(HEADER)}`, less trailing columns."
        return Reading((), (Problem(1, "the header is not that of a file of hardware hashes", mend),))
    return _rows(lines[1:], len(header))


_PLAIN = "a file of hashes must be plain ASCII text"


def _rows(lines: Iterable[str], columns: int) -> Reading:
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    count = 0
    for number, line in enumerate((one.rstrip("\r") for one in lines), start=2):
        if not line.strip():
            continue
        count += 1
        if count > MAX_ROWS:
            mend = "Split the file: the service imports 500 at a time."
            problems.append(Problem(number, f"more than {MAX_ROWS} rows", mend, "too-large"))
            break
        made = _row(line, number, columns)
        if isinstance(made, str):
            problems.append(Problem(number, f"row {number}: {made}", "Use the file as the headset wrote it."))
        elif (first := seen.setdefault(made.serial.casefold(), number)) != number:
            said = f"row {number}: headset {made.serial} stands in row {first} already"
            problems.append(Problem(number, said, "Keep one of the two."))
        else:
            rows.append(made)
    return Reading(tuple(rows), tuple(problems))


def _row(line: str, number: int, columns: int) -> Row | str:
    """Return the row, or what is wrong with it."""
    if '"' in line:
        return "quotation marks are not allowed"
    cells = line.split(",")
    if len(cells) != columns:
        return f"{len(cells)} cells where the header has {columns}"
    if not _SERIAL.fullmatch(cells[0]):
        return "the serial number is empty or holds other characters than letters, digits, dots and hyphens"
    if (hardware_hash := padded(cells[2])) is None:
        return "the hardware hash is not base64, also not when it is padded"
    rest = [*cells[3:], "", ""]
    if not all(usable(cell) for cell in (cells[1], *rest)):
        return "a cell holds a character that the import does not take"
    return Row(cells[0], hardware_hash, cells[1], rest[0], rest[1], number, hardware_hash != cells[2])


def usable(cell: str) -> bool:
    """Tell whether a text can stand in such a file: plain ASCII without commas, quotation marks and controls."""
    return _UNUSABLE.search(cell) is None


def padded(text: str) -> str | None:
    """Return a hardware hash with correct padding, or ``None`` where no padding makes it base64.

    A character that is missing at the end of a group is an ``A``: the end of a hash is empty data.
    """
    bare = text.rstrip("=")
    for candidate in (text, bare, bare + "=", bare + "==", bare + "A", bare + "A=", bare + "A=="):
        try:
            if bare and base64.b64decode(candidate, validate=True):
                return candidate
        except (binascii.Error, ValueError):
            continue
    return None


def merge(readings: Mapping[str, Sequence[Row]]) -> tuple[tuple[Row, ...], dict[str, tuple[Problem, ...]]]:
    """Join the rows of several files, by serial number.

    The same headset with the same hash in two files is one row; the later file's group tag and user count where
    the earlier one has none. Another hash or tag for the same serial number is a problem of the later file.

    Returns:
        The rows in order of their serial numbers, and the problems by file.
    """
    merged: dict[str, tuple[str, Row]] = {}
    problems: dict[str, list[Problem]] = {}
    for name, rows in readings.items():
        for row in rows:
            known = merged.get(row.serial.casefold())
            if known is None:
                merged[row.serial.casefold()] = (name, row)
                continue
            where, earlier = known
            if difference := _difference(earlier, row):
                said = f"headset {row.serial} has another {difference} in {where}, row {earlier.line}"
                mend = "Keep the file that was collected last."
                problems.setdefault(name, []).append(Problem(row.line, said, mend))
            else:
                merged[row.serial.casefold()] = (where, _joined(earlier, row))
    rows_ = tuple(row for _, row in sorted(merged.values(), key=lambda item: item[1].serial))
    return rows_, {name: tuple(found) for name, found in problems.items()}


def _difference(earlier: Row, later: Row) -> str:
    if base64.b64decode(earlier.hardware_hash) != base64.b64decode(later.hardware_hash):
        return "hardware hash"
    for word, one, other in (
        ("group tag", earlier.group_tag, later.group_tag),
        ("assigned user", earlier.assigned_user, later.assigned_user),
        ("product id", earlier.product_id, later.product_id),
    ):
        if one and other and one != other:
            return word
    return ""


def _joined(earlier: Row, later: Row) -> Row:
    return Row(
        earlier.serial,
        earlier.hardware_hash,
        earlier.product_id or later.product_id,
        earlier.group_tag or later.group_tag,
        earlier.assigned_user or later.assigned_user,
        earlier.line,
        earlier.repaired,
    )


def split(rows: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    """Yield the rows in pieces that one import takes."""
    for start in range(0, len(rows), MAX_ROWS):
        yield tuple(rows[start : start + MAX_ROWS])


def render(rows: Sequence[Row]) -> bytes:
    """Write one file: all five columns, lines ended as Windows does.

    Raises:
        ValueError: more rows than one import takes, or a cell that such a file cannot hold; both are our mistake.
    """
    if len(rows) > MAX_ROWS:
        raise ValueError(f"{len(rows)} rows in one file")
    lines = [",".join(HEADER)]
    for row in rows:
        cells = (row.serial, row.product_id, row.hardware_hash, row.group_tag, row.assigned_user)
        if not all(usable(cell) for cell in cells):
            raise ValueError(f"a cell of headset {row.serial} cannot be written")
        lines.append(",".join(cells))
    return "".join(line + "\r\n" for line in lines).encode("ascii")
