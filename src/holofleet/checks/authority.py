"""Who says so: the published source of a statement."""

from __future__ import annotations

from holofleet import catalog


def source_of(rule: str) -> str:
    """Return title, publisher and date of the guide, and the section and lines of a statement."""
    statement = catalog.statements()[rule]
    guide = catalog.guides()[statement.guide]
    lines = ", ".join(str(line) for line in statement.lines)
    noun = "lines" if len(statement.lines) > 1 else "line"
    return f"'{guide.title}' ({guide.published}), {statement.section}, {noun} {lines}"
