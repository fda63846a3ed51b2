"""A copy of a SQLite database of one moment, while a server writes to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from holofleet.errors import StorageError

WAIT_S = 30.0


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database with SQLite's own means: what was committed before it began, and nothing of afterwards.

    In WAL mode neither readers nor the writer wait for it.

    Args:
        source: A database file; a server may use it.
        target: A file that is not there yet.

    Raises:
        StorageError: one of them cannot be used, or the copy is not sound.
    """
    if not source.exists():
        raise StorageError(f"{source}: there is no database")
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT_S)) as wanted,
            closing(sqlite3.connect(target, timeout=WAIT_S)) as copy,
        ):
            wanted.execute("PRAGMA query_only=ON")
            wanted.backup(copy)
            # One file, without a log beside it: what is put into the backup is all of it.
            copy.execute("PRAGMA journal_mode=DELETE")
            require_sound(copy)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"{source} cannot be copied", detail=str(error)) from error


def require_sound(connection: sqlite3.Connection) -> None:
    """Check the pages of a database against one another.

    Raises:
        StorageError: they do not fit.
    """
    said = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
    if said != ["ok"]:
        raise StorageError("the database is damaged", detail=str(said[0]))
