"""One record of custody, written. It stands apart so that whoever ends what a leaver had can write one too."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from holofleet.server.custody.values import NewRecord
from holofleet.storage.custody.actors import by_id
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.custody import CUSTODY


def append_record(connection: Connection, new: NewRecord, *, person_client: str | None, recorded_at: int) -> int:
    """Write a record and return its number."""
    made: int = connection.execute(
        insert(CUSTODY)
        .values(
            client_id=new.client,
            serial=new.serial,
            kind=str(new.kind),
            person_client_id=person_client,
            person_id=new.person,
            proof=str(new.proof or ""),
            at=to_micros(new.at),
            expected_at=None if new.expected_at is None else to_micros(new.expected_at),
            actor=by_id(connection, new.actor),
            note=new.note,
            corrects=new.corrects,
            recorded_at=recorded_at,
        )
        .returning(CUSTODY.c.sequence)
    ).scalar_one()
    return made
