"""Tables of the directory: people, groups, memberships, roles."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, Text, UniqueConstraint

from holofleet.storage.tables.metadata import METADATA, micros

PERSON = Table(
    "person",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("upn", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False, server_default=""),
    Column("sort_name", Text, nullable=False, server_default=""),
    Column("account", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("call_roles", Text, nullable=False, server_default="[]"),
    Column("clients", Text, nullable=True),
    Column("site", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("external_id", Text, nullable=True, unique=True),
    micros("created_at"),
    micros("changed_at"),
    micros("left_at", nullable=True),
    micros("ended_at", nullable=True),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    Index(None, "client_id", "upn"),
    Index(None, "sort_name"),
)
"""``clients``: the scope that roles hold for: NULL for everything, a JSON list of clients, or, where it is
narrowed to sites or deployments, an object with ``clients``, ``sites`` and ``deployments``. ``sort_name``: the
display name folded, for search. ``ended_at``: when they were ended last, also of those who are back. Whoever
left stays, so that what they did keeps its name."""

PERSON_ROLE = Table(
    "person_role",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    micros("at"),
    ForeignKeyConstraint(["client_id", "person_id"], ["person.client_id", "person.id"]),
    Index(None, "role"),
)
"""A role may come from the fleet file and from the console; it holds while one of them gives it."""

PERSON_GROUP = Table(
    "person_group",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False),
    Column("rule", Text, nullable=False, server_default=""),
    Column("external_id", Text, nullable=True, unique=True),
    micros("changed_at"),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)

MEMBERSHIP = Table(
    "membership",
    METADATA,
    Column("group_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("group_client_id", Text, nullable=False),
    Column("person_client_id", Text, nullable=False),
    ForeignKeyConstraint(["group_client_id", "group_id"], ["person_group.client_id", "person_group.id"]),
    ForeignKeyConstraint(["person_client_id", "person_id"], ["person.client_id", "person.id"]),
    CheckConstraint(
        "group_client_id = person_client_id OR group_client_id = 'own'", name="within_client_or_own_group"
    ),
    Index(None, "person_id"),
)
"""A group of a client holds people of that client; one of our own may hold anybody (a group of all headset
accounts)."""
