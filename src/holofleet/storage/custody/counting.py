"""Wrong tries, counted in the database, so that processes count together; and forgetting what counts no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, text

from holofleet.storage.moments import to_micros
from holofleet.storage.tables.custody import ATTEMPT, HEADSET_CODE, PAIRING

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


def forget_proofs(connection: Connection, *, before: datetime) -> None:
    """Delete counts of days, codes and pairings that ended before a moment."""
    connection.execute(delete(ATTEMPT).where(ATTEMPT.c.day < before.date().isoformat()))
    for table in (HEADSET_CODE, PAIRING):
        connection.execute(delete(table).where(table.c.expires_at < to_micros(before)))
