"""``holofleet database``: bring a database to the version of this program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.output import CLEAN
from holofleet.errors import InputError

app = App(name="database", help="Bring a database to the version of this program.")


@app.command
def upgrade(
    *,
    database: Annotated[str | None, Parameter(help="postgresql://USER@HOST/NAME.")] = None,
    data: Annotated[Path | None, Parameter(help="Data folder with a SQLite database.")] = None,
    application_role: Annotated[
        str | None, Parameter(help="PostgreSQL role that serve signs in with; it gets what it needs, and no more.")
    ] = None,
) -> int:
    """Make or change the tables. Make a backup before; run it while no server uses the database."""
    from holofleet.storage.database import Database

    if (database is None) == (data is None):
        raise InputError("which database?", mend="Say either --database URL or --data DIR.")
    if application_role is not None and database is None:
        raise InputError("only PostgreSQL has roles", mend="Leave --application-role out.")
    if data is not None:
        from holofleet.cli.local import require_folder
        from holofleet.cli.services import wire

        require_folder(data)
        with wire(data):
            print(f"The database in {data} has the version of this program.")
        return CLEAN
    opened = Database.open(database or "")
    try:
        opened.upgrade()
        if application_role is not None:
            from holofleet.storage.roles import allow

            allow(opened, application_role)
    finally:
        opened.close()
    print("The database has the version of this program.")
    if application_role is not None:
        print(f"The role {application_role} may work in its tables, and cannot change them.")
    return CLEAN
