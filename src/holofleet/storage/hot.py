"""Hot statements: written with SQLAlchemy, compiled once per dialect to text, run as text on the driver.

Compiling and binding through SQLAlchemy costs more than the statement itself where a row is read by its key.
Columns in hot statements hold texts, integers and bytes only, which both drivers take as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql.compiler import SQLCompiler


class HotStatement:
    """A statement as text for one dialect, with the order of its parameters."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        self.text: str = str(compiled)
        self._order: tuple[str, ...] | None = tuple(compiled.positiontup or ()) if compiled.positional else None
        self._fixed: dict[str, Any] = {
            key: value for key, value in compiled.construct_params({}, _check=False).items() if value is not None
        }

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return parameters as the driver wants them: by place for SQLite, by name for PostgreSQL."""
        given = {**self._fixed, **values} if self._fixed else values
        return given if self._order is None else tuple([given[name] for name in self._order])
