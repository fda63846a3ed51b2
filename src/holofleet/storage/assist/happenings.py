"""Calls of one headset, for the one search over everything that happened with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from holofleet.server.assist.kept import PartyKind, call_from_json
from holofleet.server.authorization import Scope
from holofleet.server.custody import Happening, Source
from holofleet.storage.database import Database
from holofleet.storage.moments import to_micros
from holofleet.storage.scoping import within
from holofleet.storage.tables.assist import CALL


class StoredCallHappenings:
    """Implements :class:`holofleet.server.custody.HappeningsStore` for calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def happenings(
        self, scope: Scope, serial: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Happening]:
        statement = (
            select(CALL)
            .where(CALL.c.serial == serial)
            .where(CALL.c.created_at >= to_micros(since), CALL.c.created_at < to_micros(until))
            .where(*within(CALL.c.client_id, scope))
            .order_by(CALL.c.created_at, CALL.c.id)
            .limit(limit)
        )
        found = []
        with self._database.read() as connection:
            for row in connection.execute(statement):
                call = call_from_json(row.data)
                caller = call.seat(call.caller)
                others = [seat.name for seat in call.seats if seat.kind is not PartyKind.HEADSET]
                seconds = (
                    (call.ending.at - call.started_at).total_seconds() if call.ending and call.started_at else 0
                )
                data = {
                    "with": others,
                    "state": str(call.state),
                    "reason": call.ending.reason if call.ending is not None else "",
                    "seconds": round(seconds),
                    "asset": call.asset,
                    "work_order": call.work_order,
                    "files": row.files,
                    "marks": row.marks,
                }
                actor = f"kiosk:{serial}" if caller.kind is PartyKind.HEADSET else f"person:{caller.account}"
                found.append(Happening(call.created_at, Source.CALL, "call", actor, call.id, data))
        return tuple(found)
