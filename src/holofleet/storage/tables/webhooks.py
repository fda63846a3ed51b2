"""Tables of webhooks: which there are, and the outbox of what is told to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, Table, Text

from holofleet.storage.tables.metadata import METADATA, micros

WEBHOOK = Table(
    "webhook",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("clients", Text, nullable=True),
    Column("why_off", Text, nullable=False, server_default=""),
    Column("maker", Text, nullable=False),
    micros("created_at"),
    Column("sealed", Text, nullable=False),
    Column("former", Text, nullable=True),
    micros("former_until", nullable=True),
)
"""Webhooks are the installation's. ``clients``: whose happenings it takes, as JSON; NULL for everybody's.
``sealed``, ``former``: its secret and the one before, sealed with a key that is not in the database."""

WEBHOOK_DELIVERY = Table(
    "webhook_delivery",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("webhook_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    micros("at"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    micros("due_at"),
    micros("tried_at", nullable=True),
    Column("status", Integer, nullable=True),
    Column("trouble", Text, nullable=False, server_default=""),
    ForeignKeyConstraint(["webhook_id"], ["webhook.id"], ondelete="CASCADE"),
    Index(None, "webhook_id", "state", "due_at"),
    Index(None, "webhook_id", "at"),
    Index(None, "state", "at"),
)
"""Written in the transaction of what it tells of. Who takes a delivery moves ``due_at`` on, so that nobody else
does until then. ``client_id`` may be ``own`` before anything was published: no key to its row."""

WEBHOOK_TIME = Table(
    "webhook_time",
    METADATA,
    Column("what", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)
"""Up to when it was told what comes by time alone."""
