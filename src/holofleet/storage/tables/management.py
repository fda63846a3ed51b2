"""Tables of the fleet: what was published, who enrolled, what was ordered, what happened.

``enrollment`` is the row that a check-in reads. Everything that a session needs to go on in another process
stands in it: the document that ``overlay`` is relative to, the cursor of the session, and a ``version`` that
every change of the row raises by one (``last_seen_at`` excepted, which is gathered and written apart).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from holofleet.storage.tables.metadata import METADATA, integer_key, micros

CLIENT = Table(
    "client",
    METADATA,
    Column("client_id", Text, primary_key=True),
    Column("display_name", Text, nullable=False, server_default=""),
    micros("removed_at", nullable=True),
)

DOCUMENT = Table(
    "document",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("content", Text, nullable=False),
)
"""Settings documents by content: no owner, no secret, no per-headset value stands in one."""

PUBLICATION = Table(
    "publication",
    METADATA,
    integer_key("sequence"),
    Column("id", Text, nullable=False, unique=True),
    micros("at"),
    Column("actor", Text, nullable=False),
    Column("state_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("texts", Text, nullable=False),
    Column("plan_hash", Text, nullable=False, server_default=""),
)
"""What was applied, newest last; only the newest keep their state and texts."""

DEPLOYMENT = Table(
    "deployment",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("client_id", Text, ForeignKey("client.client_id"), nullable=False),
    Column("data", Text, nullable=False),
    Column("common_hash", Text, ForeignKey("document.hash"), nullable=False),
    Column("undelivered", Text, nullable=False, server_default="[]"),
    micros("removed_at", nullable=True),
    UniqueConstraint("client_id", "name"),
)
"""``common_hash``: the settings all its headsets share, for headsets whose serial is not known yet."""

ORIGIN = Table(
    "origin",
    METADATA,
    Column("client_id", Text, nullable=False),
    Column("deployment", Text, primary_key=True),
    Column("oma_uri", Text, primary_key=True),
    Column("chain", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "deployment"], ["deployment.client_id", "deployment.name"]),
)

HEADSET = Table(
    "headset",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("deployment", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("site", Text, nullable=True),
    Column("document_hash", Text, ForeignKey("document.hash"), nullable=False),
    Column("variables", Text, nullable=False, server_default="{}"),
    Column("autopilot", Integer, nullable=False, server_default="0"),
    Column("undelivered", Text, nullable=False, server_default="[]"),
    Column("verify_every_h", Integer, nullable=False, server_default="24"),
    micros("published_at"),
    micros("removed_at", nullable=True),
    UniqueConstraint("client_id", "serial"),
    ForeignKeyConstraint(["client_id", "deployment"], ["deployment.client_id", "deployment.name"]),
    Index(None, "deployment", "serial"),
    Index(None, "site", "deployment"),
    Index(None, "name", "serial"),
)
"""``verify_every_h`` 0: read back at every visit."""

ENROLLMENT = Table(
    "enrollment",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("deployment", Text, nullable=False),
    # Identity: written by enrollment.
    Column("device_id", Text, nullable=False),
    Column("hardware_id", Text, nullable=False, server_default=""),
    Column("certificate_sha256", Text, nullable=False, unique=True),
    Column("public_key_sha256", Text, nullable=False, unique=True),
    micros("certificate_not_after"),
    Column("credential_id", Text, nullable=True),
    Column("upn", Text, nullable=False, server_default=""),
    Column("device_name", Text, nullable=False, server_default=""),
    Column("claims", Text, nullable=False, server_default="{}"),
    micros("enrolled_at"),
    Column("epoch", Integer, nullable=False),
    # Standing: who may talk, and as what.
    Column("standing", Text, nullable=False, server_default="active"),
    Column("standing_reason", Text, nullable=False, server_default=""),
    Column("serial", Text, nullable=True),
    Column("held_serial", Text, nullable=True, unique=True),
    micros("released_at", nullable=True),
    micros("ended_at", nullable=True),
    # Reconcile: written by sessions.
    Column("version", Integer, nullable=False, server_default="1"),
    Column("acknowledged_hash", Text, nullable=True),
    Column("overlay", Text, nullable=False, server_default="{}"),
    Column("secrets", Text, nullable=False, server_default="{}"),
    Column("inventory", Text, nullable=False, server_default="{}"),
    Column("os_build", Text, nullable=False, server_default=""),
    Column("cursor", Text, nullable=False, server_default=""),
    micros("verified_at", nullable=True),
    Column("open_orders", Integer, nullable=False, server_default="0"),
    Column("tenant_lock", Text, nullable=False, server_default="never"),
    Column("compliance", Text, nullable=False, server_default="pending"),
    Column("last_seen_at", BigInteger, nullable=True),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id", "deployment"], ["deployment.client_id", "deployment.name"]),
    CheckConstraint("standing IN ('active','quarantined','conflict','lost','retired','revoked')", name="standing"),
    CheckConstraint("tenant_lock IN ('never','locked','released')", name="tenant_lock"),
    Index(None, "hardware_id"),
    Index(None, "serial"),
    Index(None, "deployment", "id"),
    Index(None, "standing", "enrolled_at"),
    Index(None, "os_build"),
)
"""``serial``: what the headset said over DM. ``held_serial``: the same while this enrollment is the living one
of that headset; unique, so that two can never hold one. ``released_at``: it accepted a wipe or left, so its
hardware id and serial are free for a newcomer without a decision."""

ANSWER = Table(
    "answer",
    METADATA,
    Column("enrollment_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    ForeignKeyConstraint(["client_id", "enrollment_id"], ["enrollment.client_id", "enrollment.id"]),
)
"""The last answer of the open session, for the headset that did not hear it; secrets stand in it by reference."""

ORDER = Table(
    "order_",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("enrollment_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("epoch", Integer, nullable=False),
    micros("created_at"),
    micros("expires_at"),
    micros("sent_at", nullable=True),
    micros("closed_at", nullable=True),
    Column("outcome", Text, nullable=False, server_default=""),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id", "enrollment_id"], ["enrollment.client_id", "enrollment.id"]),
    Index(None, "enrollment_id", "created_at"),
    Index(None, "created_at", "kind"),
    Index(None, "status", "expires_at"),
)

EVENT = Table(
    "event",
    METADATA,
    integer_key("sequence"),
    micros("at"),
    Column("kind", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("deployment", Text, nullable=False, server_default=""),
    Column("serial", Text, nullable=False, server_default=""),
    Column("enrollment_id", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False),
    Column("data", Text, nullable=False, server_default="{}"),
    Index(None, "client_id", "sequence"),
    Index(None, "serial", "sequence"),
    Index(None, "enrollment_id", "sequence"),
)

CONTROL = Table(
    "control",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Switches of the whole installation, such as the freeze of all orders."""
