"""Tables of messages left for experts: each message, whom it is for, and its sealed parts."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from holofleet.storage.tables.metadata import METADATA, micros

_LEFT = ["call_left.client_id", "call_left.id"]

CALL_LEFT = Table(
    "call_left",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("holder_person_id", Text, nullable=True),
    Column("holder", Text, nullable=False, server_default=""),
    Column("label", Text, nullable=False, server_default=""),
    Column("to_person_id", Text, nullable=True),
    Column("rota", Text, nullable=False, server_default=""),
    Column("phrases", Text, nullable=False, server_default=""),
    Column("parts", Text, nullable=False, server_default=""),
    Column("voice_s", Integer, nullable=False, server_default="0"),
    Column("taker_person_id", Text, nullable=True),
    micros("left_at"),
    micros("taken_at", nullable=True),
    micros("kept_until"),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    Index(None, "serial", "taken_at"),
    Index(None, "client_id", "left_at", "id"),
    Index(None, "kept_until"),
    Index(None, "holder_person_id"),
)
"""``rota``: the title of whom it is for where that is no person. Names of experts are looked up; ``holder`` and
``label`` name who had the headset. The row goes when one of its people is erased."""

CALL_LEFT_FOR = Table(
    "call_left_for",
    METADATA,
    Column("message_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "message_id"], _LEFT, ondelete="CASCADE"),
    Index(None, "person_id"),
)

CALL_LEFT_SIDE = Table(
    "call_left_side",
    METADATA,
    Column("message_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "message_id"], _LEFT, ondelete="CASCADE"),
)
"""As ``call_side``, of the headset, who had it, and the expert whom the message names."""

CALL_LEFT_PART = Table(
    "call_left_part",
    METADATA,
    Column("message_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["client_id", "message_id"], _LEFT, ondelete="CASCADE"),
)
"""``sealed``: a box (:mod:`holofleet.server.sealing`) under a key that is not in the database."""
