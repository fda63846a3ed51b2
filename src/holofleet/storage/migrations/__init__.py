"""Migrations: alembic, run by the program itself, the same on SQLite and PostgreSQL.

Nothing is released yet, so that there is one baseline, and it makes the tables as they stand in
``holofleet.storage.tables``. From the first release on, each change is a version of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from holofleet.errors import StorageError

if TYPE_CHECKING:
    from holofleet.storage.database import Database

BASELINE = "0001"


def upgrade(database: Database) -> None:
    """Bring ``database`` to the newest version, in one transaction.

    Raises:
        StorageError: the database was written by a newer version of the program.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    try:
        with database.transaction() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(
            "the database was written by a newer version", detail=str(error), mend="Use that version or newer."
        ) from error
