"""The matrix for programs. Names of keys are a contract; they are listed in the documentation of the command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from holofleet.checks.matrix.matrix import About, Cell, Mark, Matrix, Part, Place, Row
from holofleet.clock import render_utc
from holofleet.diagnostics.render import finding_json

FORMAT = 1


def as_json(matrix: Matrix) -> str:
    """Render as one JSON document."""
    value = {
        "format": FORMAT,
        **_about(matrix.about),
        "counts": _counts(matrix.counts),
        "guides": [_part(part) for part in matrix.parts],
        "findings": [finding_json(finding) for finding in matrix.others],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _about(about: About) -> dict[str, Any]:
    heard = about.heard
    return {
        "organization": about.organization,
        "files": list(about.files),
        "sha256": about.digest,
        "target": about.target,
        "day": about.day.isoformat(),
        "made_at": render_utc(about.made_at),
        "version": about.version,
        "reports": None
        if heard is None
        else {
            "server": heard.server,
            "headsets": heard.headsets,
            "reported": heard.reported,
            "oldest": render_utc(heard.oldest) if heard.oldest else None,
            "latest": render_utc(heard.latest) if heard.latest else None,
        },
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "id": part.guide.id,
        "title": part.guide.title,
        "published": part.guide.published,
        "binds": [{"deployment": name, "reason": why} for name, why in part.binds.items()],
        "counts": _counts(part.counts),
        "statements": [_row(row) for row in part.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    statement = row.statement
    return {
        "id": statement.id,
        "kind": str(statement.kind),
        "title": row.title,
        "requirement": statement.requirement,
        "concern": statement.concern,
        "section": statement.section,
        "lines": list(statement.lines),
        "source": row.source,
        "forms": [str(form) for form in row.forms],
        "standing": str(row.mark),
        "standings": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "deployment": cell.deployment or None,
        "standing": str(cell.mark),
        "why": cell.why,
        "evidence": cell.evidence,
        "other_target": cell.lost,
        "findings": [finding_json(finding) for finding in cell.findings],
        "places": [_place(place) for place in cell.places],
    }


def _place(place: Place) -> dict[str, Any]:
    position = place.position
    return {
        "key": place.key,
        "layer": place.layer,
        "path": position.path if position else None,
        "line": position.line if position else None,
        "column": position.column if position else None,
        "rule": place.rule,
    }


def _counts(counts: Mapping[Mark, int]) -> dict[str, int]:
    return {str(mark): count for mark, count in counts.items()}
