"""Tables of loans: what the fleet file lends, and what was done about it."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from holofleet.storage.tables.metadata import METADATA, integer_key, micros

LOAN = Table(
    "loan",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("site", Text, nullable=False, server_default=""),
    Column("ships", Text, nullable=False),
    Column("returns", Text, nullable=True),
    Column("declared", Text, nullable=False, server_default="{}"),
    Column("version", Integer, nullable=False, server_default="1"),
    micros("removed_at", nullable=True),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)
"""Days are ISO 8601. ``declared``: days that the fleet file says something was done on. ``version``: raised by
every act, so that two people do not both ship at one time. A loan that left the file keeps row and acts."""

LOAN_HEADSET = Table(
    "loan_headset",
    METADATA,
    Column("loan_id", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "loan_id"], ["loan.client_id", "loan.id"]),
    Index(None, "serial"),
)

LOAN_ACT = Table(
    "loan_act",
    METADATA,
    integer_key("sequence"),
    Column("client_id", Text, nullable=False),
    Column("loan_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("kind", Text, nullable=False),
    micros("at"),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("corrects", BigInteger, nullable=True),
    ForeignKeyConstraint(["client_id", "loan_id"], ["loan.client_id", "loan.id"]),
    Index(None, "loan_id", "sequence"),
)
"""Append only: an act that was a mistake is taken back by another."""


def _append_only(statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its DDL class without annotations
    event.listen(LOAN_ACT, "after_create", ddl.execute_if(dialect=dialect))


for _verb in ("UPDATE", "DELETE"):
    _append_only(
        f"CREATE TRIGGER loan_act_no_{_verb.lower()} BEFORE {_verb} ON loan_act "
        "BEGIN SELECT RAISE(ABORT, 'acts of loans are append only'); END",
        "sqlite",
    )
_append_only(
    "CREATE OR REPLACE FUNCTION loan_act_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'acts of loans are append only'; END $$",
    "postgresql",
)
_append_only(
    "CREATE TRIGGER loan_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON loan_act "
    "FOR EACH STATEMENT EXECUTE FUNCTION loan_act_append_only()",
    "postgresql",
)
