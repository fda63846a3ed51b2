"""Tables of licenses: seats that were bought, who is to get what, and what became of it."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from holofleet.storage.tables.metadata import METADATA, integer_key, micros

LICENSE_POOL = Table(
    "license_pool",
    METADATA,
    Column("sku", Text, primary_key=True),
    Column("seats", Integer, nullable=False),
    Column("trial_until", Text, nullable=True),
    micros("changed_at"),
    CheckConstraint("seats >= 0", name="seats_not_negative"),
)
"""The installation's own, of no client: whoever is limited to clients is not shown how many seats there are.
Writers of grants queue by locking its rows."""

LICENSE_ASSIGNMENT = Table(
    "license_assignment",
    METADATA,
    integer_key("number"),
    Column("client_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("person_id", Text, nullable=True),
    Column("group_id", Text, nullable=True),
    Column("disabled_plans", Text, nullable=False, server_default="[]"),
    Column("source", Text, nullable=False),
    Column("actor", Text, nullable=False),
    micros("at"),
    UniqueConstraint("sku", "person_id", "source"),
    UniqueConstraint("sku", "group_id", "source"),
    ForeignKeyConstraint(["client_id", "person_id"], ["person.client_id", "person.id"]),
    ForeignKeyConstraint(["client_id", "group_id"], ["person_group.client_id", "person_group.id"]),
    CheckConstraint("(person_id IS NULL) <> (group_id IS NULL)", name="one_of_two"),
    Index(None, "person_id"),
    Index(None, "group_id"),
)
"""What somebody is to get. Numbers grow, so that whoever was first is served first."""

LICENSE_GRANT = Table(
    "license_grant",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("disabled_plans", Text, nullable=False, server_default="[]"),
    Column("error", Text, nullable=False, server_default=""),
    micros("at"),
    ForeignKeyConstraint(["client_id", "person_id"], ["person.client_id", "person.id"]),
    Index(None, "sku", "error"),
)
"""``source``: empty for a direct license, else the id of the group. ``error``: empty where the license is there.
Seats that are taken are the different people among rows without error."""
