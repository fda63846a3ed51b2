"""Tables of signing in: factors of people, attempts under way, invitations, whose a session is.

Nothing here opens anything for who reads it: passkeys are public keys, recovery codes are digests keyed with a
pepper outside the database, and of attempts and invitations only the digest of what the browser holds is kept;
who failed from where is digests with the same pepper (SECURITY LEAK-1).
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Table, Text

from holofleet.storage.tables.metadata import METADATA, integer_key, micros


def _person() -> tuple[Column[str], Column[str], ForeignKeyConstraint]:
    return (
        Column("client_id", Text, nullable=False),
        Column("person_id", Text, nullable=False),
        ForeignKeyConstraint(["client_id", "person_id"], ["person.client_id", "person.id"]),
    )


PASSKEY = Table(
    "passkey",
    METADATA,
    Column("id", Text, primary_key=True),
    *_person(),
    Column("name", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("uses", Integer, nullable=False),
    micros("created_at"),
    micros("used_at", nullable=True),
    Index(None, "person_id"),
)
"""``uses``: the authenticator's own count, 0 where it keeps none."""

LINKED_IDENTITY = Table(
    "linked_identity",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    *_person(),
    micros("linked_at"),
    micros("used_at", nullable=True),
    Index(None, "person_id"),
)

RECOVERY_CODE = Table(
    "recovery_code",
    METADATA,
    Column("digest", Text, primary_key=True),
    *_person(),
    micros("created_at"),
    micros("used_at", nullable=True),
    Index(None, "person_id"),
)

INVITATION = Table(
    "invitation",
    METADATA,
    Column("digest", Text, primary_key=True),
    *_person(),
    Column("actor", Text, nullable=False),
    micros("created_at"),
    micros("expires_at"),
    micros("used_at", nullable=True),
    Column("epoch", Integer, nullable=False),
    Index(None, "person_id"),
)

SESSION_PERSON = Table(
    "session_person",
    METADATA,
    Column("session_id", Text, primary_key=True),
    *_person(),
    Column("method", Text, nullable=False),
    micros("proved_at"),
    Column("browser", Text, nullable=False),
    ForeignKeyConstraint(["session_id"], ["web_session.id"], ondelete="CASCADE"),
    Index(None, "person_id"),
)
"""Whose a session is. ``proved_at``: when they last proved that they are there, for acts that ask for it."""

SIGN_IN_ATTEMPT = Table(
    "sign_in_attempt",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("invitation", Text, nullable=False),
    Column("upn", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("back", Text, nullable=False),
    micros("created_at"),
    micros("expires_at"),
    micros("used_at", nullable=True),
    Column("epoch", Integer, nullable=False),
    Index(None, "expires_at"),
)
"""``person_id`` is empty while nobody is known; such rows live for minutes and carry no right."""

SIGN_IN_FAILURE = Table(
    "sign_in_failure",
    METADATA,
    integer_key("sequence"),
    Column("address", Text, nullable=False),
    Column("account", Text, nullable=True),
    micros("at"),
    Index(None, "address", "at"),
    Index(None, "account", "at"),
    Index(None, "at"),
)
"""Kept for an hour. ``address`` and ``account`` (from this address) are keyed digests; ``account`` is NULL where
nobody was said."""
