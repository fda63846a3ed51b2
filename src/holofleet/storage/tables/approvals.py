"""Tables of the second person: what waits for one, for which headsets, and what was destroyed by whom."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Table, Text, UniqueConstraint

from holofleet.storage.tables.metadata import METADATA, micros

APPROVAL = Table(
    "approval",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_person", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    micros("created_at"),
    micros("expires_at"),
    Column("decider", Text, nullable=False, server_default=""),
    Column("decider_person", Text, nullable=False, server_default=""),
    Column("decision_reason", Text, nullable=False, server_default=""),
    micros("decided_at", nullable=True),
    Column("carrier", Text, nullable=False, server_default=""),
    micros("carried_at", nullable=True),
    Column("told_hash", Text, nullable=False, server_default=""),
    Column("state_hash", Text, nullable=False, server_default=""),
    Column("plan_hash", Text, nullable=False, server_default=""),
    Column("plan", Text, nullable=False, server_default=""),
    Column("proposal", Text, nullable=False, server_default=""),
    UniqueConstraint("client_id", "id"),
    Index(None, "status", "created_at"),
    Index(None, "author_person"),
    Index(None, "decider_person"),
)
"""A proposal of a plan belongs to the organization itself (``own``), which may not have been published yet: no key
to its row. ``proposal``: State and texts, kept while it can still be carried out."""

APPROVAL_HEADSET = Table(
    "approval_headset",
    METADATA,
    Column("approval_id", Text, primary_key=True),
    Column("enrollment_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "approval_id"], ["approval.client_id", "approval.id"]),
    ForeignKeyConstraint(["client_id", "enrollment_id"], ["enrollment.client_id", "enrollment.id"]),
)
"""The exact list: enrollments, so that a headset that enrolled again is not the one that was meant."""

DESTRUCTION = Table(
    "destruction",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("enrollment_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    micros("at"),
    Column("approval_id", Text, nullable=True),
    ForeignKeyConstraint(["client_id", "order_id"], ["order_.client_id", "order_.id"]),
    ForeignKeyConstraint(["client_id", "enrollment_id"], ["enrollment.client_id", "enrollment.id"]),
    Index(None, "at"),
    Index(None, "person", "at"),
)
"""Who answers for an order that destroys, and whether a second person did; the day's limits count these."""
