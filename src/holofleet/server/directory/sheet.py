"""People in a sheet (CSV), as they come out of a spreadsheet: read whole before anybody is added."""

from __future__ import annotations

import csv
import io

from holofleet.errors import InputError
from holofleet.server.directory.person import NewPerson
from holofleet.server.directory.text import user_principal_name

COLUMNS = ("upn", "display_name", "client", "site", "email", "call_roles")
"""What a head line may name; ``upn`` it must."""


def read_sheet(text: str, place: str) -> tuple[NewPerson, ...]:
    """Return the people of a sheet, in its order.

    Args:
        text: With a head line; commas or semicolons between cells, semicolons or blanks between ``call_roles``.
        place: What is read, for what is said of a line.

    Raises:
        InputError: no head line, a column or name that cannot be, or a name twice; it says in which line.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), dialect=_dialect(text))
    columns = reader.fieldnames or []
    unknown = [name for name in columns if name not in COLUMNS]
    if "upn" not in columns or unknown:
        what = f"unknown: {', '.join(str(name)[:40] for name in unknown)}" if unknown else "no column upn"
        raise InputError(f"{place}:1: {what}", mend=f"The columns are {', '.join(COLUMNS)}.")
    found: dict[str, NewPerson] = {}
    for row in reader:
        line = f"{place}:{reader.line_num}"
        if None in row or any(value is None for value in row.values()):
            raise InputError(f"{line}: not as many cells as the head line has")
        try:
            upn = user_principal_name(row["upn"])
        except InputError as error:
            raise InputError(f"{line}: {error.summary}", mend=error.mend) from error
        if upn in found:
            raise InputError(f"{line}: {upn} stands in it twice")
        found[upn] = NewPerson(
            upn=upn,
            display_name=row.get("display_name") or "",
            client=row.get("client") or "own",
            call_roles=frozenset((row.get("call_roles") or "").replace(";", " ").split()),
            site=row.get("site") or "",
            email=row.get("email") or "",
        )
    return tuple(found.values())


def _dialect(text: str) -> type[csv.Dialect]:
    """Return how cells are parted: spreadsheets of half the world write semicolons."""
    head = text.split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = ";" if head.count(";") > head.count(",") else ","

    return Found
