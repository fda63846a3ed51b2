"""Tables of identity: enrollment credentials, access of people and programs, the audit chain.

No secret stands in any of them: credentials as keyed digests, tokens, sessions and links as SHA-256 of 256 random
bits (SECURITY LEAK-1).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from holofleet.storage.tables.metadata import METADATA, micros

CREDENTIAL = Table(
    "credential",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("deployment", Text, nullable=False),
    Column("username", Text, nullable=False, unique=True),
    Column("digest", Text, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("uses_left", Integer, nullable=False),
    micros("created_at"),
    micros("expires_at"),
    micros("revoked_at", nullable=True),
    Column("epoch", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    micros("failures_since", nullable=True),
    micros("paused_until", nullable=True),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id", "deployment"], ["deployment.client_id", "deployment.name"]),
    CheckConstraint("uses_left >= 0 AND uses_left <= uses", name="uses_left"),
    Index(None, "deployment", "created_at"),
)

CREDENTIAL_USE = Table(
    "credential_use",
    METADATA,
    Column("credential_id", Text, primary_key=True),
    Column("hardware_key", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("enrollment_id", Text, nullable=False),
    micros("first_at"),
    micros("last_at"),
    ForeignKeyConstraint(["client_id", "credential_id"], ["credential.client_id", "credential.id"]),
    ForeignKeyConstraint(["client_id", "enrollment_id"], ["enrollment.client_id", "enrollment.id"]),
)
"""A use is a headset: the same hardware coming again within the credential's life is the same use.
``enrollment_id`` is the newest that it got."""

TOKEN = Table(
    "token",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("roles", Text, nullable=False),
    Column("clients", Text, nullable=True),
    Column("maker", Text, nullable=False),
    micros("created_at"),
    micros("expires_at"),
    micros("revoked_at", nullable=True),
    Index(None, "name"),
)
"""``clients``: the scope, as in the table of people."""

WEB_SESSION = Table(
    "web_session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("clients", Text, nullable=True),
    micros("opened_at"),
    micros("used_at"),
    micros("ends_at"),
    micros("ended_at", nullable=True),
    Column("epoch", Integer, nullable=False),
)

ONE_TIME_LINK = Table(
    "one_time_link",
    METADATA,
    Column("digest", Text, primary_key=True),
    micros("created_at"),
    micros("expires_at"),
    micros("used_at", nullable=True),
    Column("epoch", Integer, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    micros("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Index(None, "client_id", "sequence"),
    Index(None, "subject", "sequence"),
)
"""Append only: rows are never changed, and only deleted up to a cut (``audit.py``); the database refuses the rest.
``client_id`` is empty where an act concerned the installation."""

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""The newest record; its row is the lock under which writers queue."""

AUDIT_PERSONAL = Table(
    "audit_personal",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("field", Text, primary_key=True),
    Column("salt", Text, nullable=False),
    Column("value", Text, nullable=False),
)
"""What names a person, with the salt of its commitment; deleting a row erases it and leaves the chain whole."""

FIRST_HEAD = text("INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, :hash) ON CONFLICT (id) DO NOTHING")
"""Makes the one row of ``audit_head`` where there is none; both databases know this form."""
