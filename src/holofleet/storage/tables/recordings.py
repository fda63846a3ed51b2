"""Tables of recordings: who agreed, what was recorded, and the list of its sealed chunks.

What was said and seen is in none of them. ``call_recording.key`` is NULL once a recording is deleted, and with
it nothing opens its files any more.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from holofleet.storage.tables.metadata import METADATA, integer_key, micros

_CALL = ["call.client_id", "call.id"]

CALL_CONSENT = Table(
    "call_consent",
    METADATA,
    integer_key("sequence"),
    Column("call_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("words", Text, nullable=False),
    micros("at"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
    Index(None, "call_id", "sequence"),
)
"""Acts of parties about recordings; ``words``: version of what they were shown."""

CALL_RECORDING = Table(
    "call_recording",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("agreed", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("key", LargeBinary, nullable=True),
    Column("seal", LargeBinary, nullable=True),
    Column("chunks", Integer, nullable=False, server_default="0"),
    Column("bytes", BigInteger, nullable=False, server_default="0"),
    Column("why", Text, nullable=False, server_default=""),
    micros("started_at"),
    micros("ended_at", nullable=True),
    micros("until"),
    micros("held_at", nullable=True),
    Column("owner", Text, nullable=False, server_default=""),
    Column("held_why", Text, nullable=False, server_default=""),
    micros("deleted_at", nullable=True),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
    Index(None, "call_id", "started_at"),
    Index(None, "client_id", "started_at", "id"),
    Index(None, "until"),
)
"""``who``: the party whose browser recorded. ``owner``: who holds it, as ``person:NAME``, if anybody does."""

CALL_RECORDING_CHUNK = Table(
    "call_recording_chunk",
    METADATA,
    Column("recording_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    ForeignKeyConstraint(
        ["client_id", "recording_id"], ["call_recording.client_id", "call_recording.id"], ondelete="CASCADE"
    ),
)
