"""Fleet files and their matrix, as tests of the matrix need them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from holofleet import checks, desired, samples, spec
from holofleet.checks.matrix import Heard, Matrix, build
from holofleet.checks.matrix.matrix import Cell, Row
from holofleet.resources import State

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)


def sample(scenario: str) -> str:
    """The text of a sample."""
    return samples.text(scenario, today=TODAY)["fleet.yaml"]


def compiled(text: str, *, target: str = "server") -> State:
    """The desired State of a text."""
    return desired.compile(spec.parse({"fleet.yaml": text}), target=target)


def matrix_of(
    text: str,
    *,
    target: str = "server",
    reported: State | None = None,
    heard: Heard | None = None,
    name: str = "fleet.yaml",
) -> Matrix:
    """The matrix of one fleet file on the day of these tests."""
    loaded = spec.parse({name: text})
    state = desired.compile(loaded, target=target)
    report = checks.run(loaded, today=TODAY, target=target, state=state, reported=reported)
    return build(loaded, report, today=TODAY, target=target, made_at=NOW, version="1.2.3", heard=heard)


def row(matrix: Matrix, id_: str) -> Row:
    """One statement."""
    return next(row for row in matrix.rows if row.statement.id == id_)


def cell(matrix: Matrix, id_: str, deployment: str) -> Cell:
    """Where one statement stands for one deployment."""
    return next(cell for cell in row(matrix, id_).cells if cell.deployment == deployment)


def line(text: str, part: str) -> int:
    """Number of the first line that holds a text."""
    return next(number for number, row in enumerate(text.splitlines(), 1) if part in row)
