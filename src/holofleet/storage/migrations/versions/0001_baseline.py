"""Baseline: all tables as they stand at the first release."""

from __future__ import annotations

import importlib
import pkgutil

from alembic import op

from holofleet.storage import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table; the modules of ``tables`` register theirs when they are imported."""
    for module in pkgutil.iter_modules(tables.__path__):
        importlib.import_module(f"{tables.__name__}.{module.name}")
    tables.METADATA.create_all(op.get_bind())
