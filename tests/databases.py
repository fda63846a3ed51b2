"""Databases with their tables for tests: made once by the migrations, then copied.

The migrations take longer than most tests, so that each process of tests runs them once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from holofleet.storage.database import Database, sqlite_url


def fresh_sqlite(path: Path) -> Database:
    """Return a new SQLite database at a path, as the migrations leave one."""
    path.write_bytes(_empty())
    return Database.open(sqlite_url(path))


@contextmanager
def open_sqlite(path: Path) -> Iterator[Database]:
    """Give :func:`fresh_sqlite`, and close it."""
    database = fresh_sqlite(path)
    try:
        yield database
    finally:
        database.close()


@lru_cache(maxsize=1)
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        database = Database.open(sqlite_url(path))
        database.upgrade()
        database.close()
        assert [kept.name for kept in path.parent.iterdir()] == [path.name], "all of it is in its one file"
        return path.read_bytes()
