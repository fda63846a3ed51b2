"""Tables of custody: who held which headset, and what somebody proves themselves with at a headset."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
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

_PERSON = ["person.client_id", "person.id"]
_OWN_OR_THEIRS = "person_client_id IS NULL OR person_client_id = client_id OR person_client_id = 'own'"

CUSTODY = Table(
    "custody",
    METADATA,
    integer_key("sequence"),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("person_client_id", Text, nullable=True),
    Column("person_id", Text, nullable=True),
    Column("proof", Text, nullable=False, server_default=""),
    micros("at"),
    micros("expected_at", nullable=True),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("corrects", BigInteger, nullable=True),
    micros("recorded_at"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    ForeignKeyConstraint(["person_client_id", "person_id"], _PERSON),
    CheckConstraint(_OWN_OR_THEIRS, name="own_or_theirs"),
    Index(None, "serial", "sequence"),
    Index(None, "person_id"),
)
"""Append only: rows are never changed or deleted, and the database refuses to. ``client_id`` is whose headset it
was then; a headset that goes to another client leaves what was recorded of it behind. ``corrects``: the record
that a correction is about."""

CUSTODY_STATE = Table(
    "custody_state",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("person_client_id", Text, nullable=True),
    Column("person_id", Text, nullable=True),
    Column("proof", Text, nullable=False, server_default=""),
    micros("since"),
    micros("expected_at", nullable=True),
    Column("note", Text, nullable=False, server_default=""),
    Column("sequence", BigInteger, nullable=False),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    ForeignKeyConstraint(["person_client_id", "person_id"], _PERSON),
    CheckConstraint(_OWN_OR_THEIRS, name="own_or_theirs"),
    Index(None, "client_id", "serial"),
    Index(None, "status", "expected_at", "serial"),
    Index(None, "person_id", "status"),
)
"""Where each headset stands after its newest record, number ``sequence``: the row that writers compare."""

BADGE = Table(
    "badge",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("actor", Text, nullable=False),
    micros("given_at"),
    ForeignKeyConstraint(["client_id", "person_id"], _PERSON),
    Index(None, "person_id"),
)

PERSON_PIN = Table(
    "person_pin",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("hash", Text, nullable=True),
    micros("set_at", nullable=True),
    micros("voided_at", nullable=True),
    Column("voided_by", Text, nullable=False, server_default=""),
    Column("errors", Integer, nullable=False, server_default="0"),
    Column("errors_in_a_row", Integer, nullable=False, server_default="0"),
    micros("locked_until", nullable=True),
    ForeignKeyConstraint(["client_id", "person_id"], _PERSON),
)
"""``hash`` is NULL once the PIN is void. ``errors`` lead to a lock and start anew after it; ``errors_in_a_row`` go
on until a right PIN."""

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("errors", Integer, nullable=False),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)
"""Wrong tries of a day (UTC), counted across processes: at one headset, or by one person at a desk."""

HEADSET_CODE = Table(
    "headset_code",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("client_id", Text, nullable=False),
    micros("expires_at"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)

PAIRING = Table(
    "pairing",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("actor", Text, nullable=False),
    micros("made_at"),
    micros("expires_at"),
    Column("previous", Text, nullable=True),
    micros("rotated_at", nullable=True),
    micros("confirmed_at", nullable=True),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    Index(None, "serial"),
)
"""``used`` 0: an invitation, whose secret pairs one browser. 1: a paired browser, known by a secret of its own.

The secret of a browser changes with time (``rotated_at``). Until the browser has shown the new one
(``confirmed_at``), the one before counts too: the answer that brought it may be lost."""

PAIRING_SPENT = Table(
    "pairing_spent",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("pairing_id", Text, nullable=False),
    micros("spent_at"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    Index(None, "pairing_id"),
)
"""Secrets that a paired browser had before: whoever shows one is a copy of that browser (SECURITY D4)."""

ACCOUNT_SECRET = Table(
    "account_secret",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("every_days", Integer, nullable=False),
    micros("reset_at", nullable=True),
    Column("actor", Text, nullable=False),
    micros("changed_at"),
    ForeignKeyConstraint(["client_id", "person_id"], _PERSON),
)
"""Who owns the PIN, the second factor or the password of a shared account, and when it was last reset."""


def _append_only(statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its DDL class without annotations
    event.listen(CUSTODY, "after_create", ddl.execute_if(dialect=dialect))


for _verb in ("UPDATE", "DELETE"):
    _append_only(
        f"CREATE TRIGGER custody_no_{_verb.lower()} BEFORE {_verb} ON custody "
        "BEGIN SELECT RAISE(ABORT, 'custody is append only'); END",
        "sqlite",
    )
_append_only(
    "CREATE OR REPLACE FUNCTION custody_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'custody is append only'; END $$",
    "postgresql",
)
_append_only(
    "CREATE TRIGGER custody_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON custody "
    "FOR EACH STATEMENT EXECUTE FUNCTION custody_append_only()",
    "postgresql",
)
