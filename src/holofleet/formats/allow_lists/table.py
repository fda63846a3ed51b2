"""Lists as CSV, for a spreadsheet or a change request; cells that a spreadsheet would run are quoted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from holofleet.catalog import Endpoints, Source
from holofleet.formats.allow_lists.allow_list import AllowList
from holofleet.formats.allow_lists.names import one_line
from holofleet.formats.allow_lists.purposes import purpose

COLUMNS = ("need", "host", "kind", "ports", "groups", "purpose", "notes")
CATALOG_COLUMNS = (
    "id",
    "group",
    "group_is_for",
    "host",
    "kind",
    "ports",
    "ports_are",
    "requirement",
    "needed_for",
    "in_guide_table",
    "label",
    "path",
    "note",
    "source",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CELL = 2000


def as_csv(allowed: AllowList) -> str:
    """Render a list; what is left out follows at the end."""
    rows = [
        (
            entry.need.value,
            entry.host,
            "wildcard" if entry.wildcard else "exact",
            " ".join(entry.ports),
            " ".join(entry.groups),
            "; ".join(entry.purposes),
            "; ".join(entry.notes),
        )
        for entry in allowed.entries
    ]
    rows += [
        ("left out", out.what, "", "", " ".join(out.groups), out.why, out.instead) for out in allowed.left_out
    ]
    return render(COLUMNS, rows)


def catalog_csv(endpoints: Endpoints, sources: dict[str, Source]) -> str:
    """Render every endpoint that the catalog knows, one host a row, as its source spells it."""
    return render(
        CATALOG_COLUMNS,
        (
            (
                one.id,
                one.group,
                purpose(one.group),
                host.pattern,
                host.kind,
                " ".join(one.ports),
                one.port_basis,
                one.requirement,
                " ".join(one.needed_for),
                "yes" if one.in_guide_table else "no",
                one.label,
                one.path or "",
                one.note,
                str(sources[one.source]) if one.source in sources else one.source,
            )
            for one in endpoints.endpoints
            for host in one.hosts
        ),
    )


def render(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Render rows under their columns: one line each, whatever stands in a cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([tuple(cell(text) for text in row) for row in rows])
    return out.getvalue()


def cell(text: str) -> str:
    """Return a text as a cell: on one line, and never a formula (an apostrophe goes in front)."""
    plain = one_line(text, _CELL)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
