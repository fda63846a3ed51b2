"""People: tables of the directory, of signing in, of custody, licenses and loans."""

from __future__ import annotations

import importlib
import pkgutil

from alembic import op

from holofleet.storage import tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables and indexes that are not there yet; a database that began with them has them all."""
    for module in pkgutil.iter_modules(tables.__path__):
        importlib.import_module(f"{tables.__name__}.{module.name}")
    tables.METADATA.create_all(op.get_bind(), checkfirst=True)
    for table in tables.METADATA.sorted_tables:
        for index in table.indexes:
            index.create(op.get_bind(), checkfirst=True)
