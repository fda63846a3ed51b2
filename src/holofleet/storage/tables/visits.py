"""The table of sites: what the calendar of visits shows of a place."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Table, Text

from holofleet.storage.tables.metadata import METADATA

SITE = Table(
    "site",
    METADATA,
    Column("client_id", Text, nullable=False),
    Column("name", Text, primary_key=True),
    Column("data", Text, nullable=False),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)
"""Sites of the fleet file that was published last; ``data`` is the noun as JSON."""
