"""Tables of the rules for calls: the rules whole, and the barriers among them to be asked in statements."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from holofleet.storage.tables.metadata import METADATA

CALL_POLICY = Table(
    "call_policy",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("data", Text, nullable=False),
)
"""One row, the installation's own: what the fleet file says about calls, of every client. ``number`` grows with
every change, so that a process knows when to read ``data`` again."""

CALL_BARRIER = Table(
    "call_barrier",
    METADATA,
    Column("one", Text, primary_key=True),
    Column("other", Text, primary_key=True),
)
"""The barriers of ``data``, each in both directions: who stands on side ``one`` is kept from side ``other``."""
