"""What a leaver holds is recorded as not brought back; nobody has it from then on."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from holofleet.server.custody.values import Kind, NewRecord, Status
from holofleet.storage.custody.writing import append_record
from holofleet.storage.moments import from_micros
from holofleet.storage.tables.custody import CUSTODY_STATE

_NOTE = "whoever had it has left"


def end_custody(connection: Connection, person: str, at: int) -> None:
    """Write a record for each headset that somebody holds, and take it off them."""
    held = CUSTODY_STATE.c.person_id == person
    for serial, client in connection.execute(
        select(CUSTODY_STATE.c.serial, CUSTODY_STATE.c.client_id).where(held)
    ).all():
        left = NewRecord(serial, client, Kind.LEFT, from_micros(at), "server", note=_NOTE)
        sequence = append_record(connection, left, person_client=None, recorded_at=at)
        connection.execute(
            update(CUSTODY_STATE)
            .where(CUSTODY_STATE.c.serial == serial)
            .values(
                status=str(Status.UNRETURNED),
                person_client_id=None,
                person_id=None,
                proof="",
                since=at,
                expected_at=None,
                note=_NOTE,
                sequence=sequence,
            )
        )
