"""Wrong tries, counted in the database, so that processes count together."""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from holofleet.storage.tables.custody import ATTEMPT

# Both databases know this form; the row's lock makes tries at one time count one after the other.
_COUNT = text(
    "INSERT INTO attempt (subject, day, client_id, errors) VALUES (:subject, :day, :client, :step) "
    "ON CONFLICT (subject, day) DO UPDATE SET errors = attempt.errors + :step RETURNING errors"
)


def errors_of(connection: Connection, subject: str, day: str) -> int:
    """Return how many there were on a day."""
    found = select(ATTEMPT.c.errors).where(ATTEMPT.c.subject == subject, ATTEMPT.c.day == day)
    return connection.execute(found).scalar_one_or_none() or 0


def count_error(connection: Connection, subject: str, day: str, client: str, *, by: int) -> int:
    """Count, and return how many there are now."""
    values = {"subject": subject, "day": day, "client": client, "step": by}
    return int(connection.execute(_COUNT, values).scalar_one())
