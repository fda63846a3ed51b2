"""Migrations: alembic, run by the program itself, the same on SQLite and PostgreSQL.

Nothing is released yet, so that there is one baseline, and it makes the tables as they stand in
``holofleet.storage.tables``. From the first release on, each change is a version of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from holofleet.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

    from holofleet.storage.database import Database

BASELINE = "0001"


def upgrade(database: Database) -> None:
    """Bring ``database`` to the newest version, in one transaction.

    Raises:
        StorageError: the database was written by a newer version of the program.
    """
    from alembic import command
    from alembic.util import CommandError

    config = _config()
    try:
        with database.transaction() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(
            "the database was written by a newer version", detail=str(error), mend="Use that version or newer."
        ) from error


def require_current(database: Database) -> None:
    """Check that ``database`` has the version of this program, without changing it.

    Raises:
        StorageError: it is empty, or has another version.
    """
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with database.read() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != newest:
        raise StorageError(
            "the database does not have the version of this program",
            detail=f"It has {found or 'no tables of ours'}, this program needs {newest}.",
            mend="Back it up, stop all servers that use it, then: holofleet database upgrade --database URL",
        )


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
