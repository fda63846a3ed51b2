"""Tables of the guides and of the fleet's history: how statements turned, and how many headsets had which word."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from holofleet.storage.tables.metadata import METADATA, integer_key, micros

STANDING_TURN = Table(
    "standing_turn",
    METADATA,
    integer_key("sequence"),
    Column("client_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("deployment", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    micros("at"),
    Index(None, "rule", "deployment", "sequence"),
)
"""A row when a statement came to stand otherwise for a deployment (empty: for the whole file). ``client_id`` is
that of the deployment, ``own`` where there is none."""

COMPLIANCE_DAY = Table(
    "compliance_day",
    METADATA,
    Column("day", Text, primary_key=True),
    Column("client_id", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("headsets", Integer, nullable=False),
)
"""Headsets by word, as they were counted last on a day (ISO 8601, UTC)."""
