"""Views of lists that people saved."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Table, Text

from holofleet.storage.tables.metadata import METADATA

SAVED_VIEW = Table(
    "saved_view",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("query", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "person_id"], ["person.client_id", "person.id"]),
)
"""``query``: what stands behind the question mark of the address."""
