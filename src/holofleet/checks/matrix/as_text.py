"""The matrix for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from holofleet.checks.matrix.matrix import About, Cell, Mark, Matrix, Part, Place, Row
from holofleet.checks.matrix.wording import TARGETS, at, counted, place, proof, reports, whom
from holofleet.diagnostics.render import render_text, visible

WIDTH = 110
_INDENT = 26


def as_text(matrix: Matrix) -> str:
    """Render every statement, guide by guide, with its standing and what it hangs on."""
    return "".join(f"{visible(line)}\n" for line in _lines(matrix))


def _lines(matrix: Matrix) -> Iterator[str]:
    about = matrix.about
    yield f"{about.organization}: {len(matrix.rows)} statements of {len(matrix.parts)} guides"
    yield f"  {counted(matrix.counts)}"
    yield f"  {', '.join(about.files)}, looked at on {about.day} as run by {TARGETS[about.target]}"
    yield f"  {reports(about)}"
    for part in matrix.parts:
        yield ""
        yield from _part(part, about)
    if matrix.others:
        yield ""
        yield "Waivers and attestations themselves"
        yield from (f"  {line}" for line in render_text(matrix.others).splitlines())


def _part(part: Part, about: About) -> Iterator[str]:
    yield f"{part.guide.id}  {part.guide.title} ({part.guide.published})"
    yield f"  {counted(part.counts)}"
    bound = "; ".join(f"{name} ({why})" for name, why in part.binds.items()) or "no deployment of the file"
    yield from textwrap.wrap(f"Binds: {bound}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    if part.binds:
        for row in part.rows:
            yield from _row(row, len(part.binds), about)


def _row(row: Row, deployments: int, about: About) -> Iterator[str]:
    kind = row.statement.kind
    yield from _wrapped(f"  {row.mark:<14} {row.statement.id:<8} ", f"{row.title} ({kind})")
    for group in row.groups:
        if len(row.groups) > 1:
            yield from _item(f"{whom(group, deployments) or 'the whole file'}: {group.cell.mark}")
        yield from _cell(group.cell, about)
        if not row.shared_places:
            yield from _places(group.cell.places, about)
    yield from _places(row.shared_places, about)


def _cell(cell: Cell, about: About) -> Iterator[str]:
    if cell.why and not cell.findings and cell.mark is not Mark.NOT_JUDGED:
        yield from _item(cell.why)
    for finding in cell.findings:
        where = f"{at(finding.position, about)}: " if finding.position else ""
        yield from _item(f"{where}{finding.summary}")
        if finding.mend:
            yield from _item(f"Mend: {finding.mend}", "  ")
    if cell.evidence:
        yield from _item(f"{proof(cell.mark)}: {cell.evidence}")


def _places(places: Iterable[Place], about: About) -> Iterator[str]:
    written = [f"{item.key} ({place(item, about)})" for item in places if item.position is not None]
    if written:
        yield from _item(f"See: {', '.join(written)}")


def _item(text: str, indent: str = "") -> Iterator[str]:
    yield from _wrapped(" " * _INDENT + indent, text)


def _wrapped(lead: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
