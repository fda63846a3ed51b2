"""Who the parties of calls are: headsets with whoever has them, and people."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select

from holofleet.server.assist.kept import Holder, PartyKind
from holofleet.server.assist.values import Party
from holofleet.server.custody import Proof
from holofleet.storage.database import Database
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.custody import CUSTODY_STATE, PAIRING
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.management import HEADSET


class StoredParties:
    """Implements :class:`holofleet.server.assist.store.Parties`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def headset(self, serial: str) -> Party | None:
        found = (
            select(
                HEADSET.c.client_id,
                HEADSET.c.name,
                HEADSET.c.variables,
                CUSTODY_STATE.c.status,
                CUSTODY_STATE.c.proof,
                CUSTODY_STATE.c.since,
                PERSON.c.id.label("person"),
                PERSON.c.upn,
                PERSON.c.display_name,
            )
            .outerjoin(
                CUSTODY_STATE,
                (CUSTODY_STATE.c.serial == HEADSET.c.serial) & (CUSTODY_STATE.c.client_id == HEADSET.c.client_id),
            )
            .outerjoin(PERSON, PERSON.c.id == CUSTODY_STATE.c.person_id)
            .where(HEADSET.c.serial == serial, HEADSET.c.removed_at.is_(None))
        )
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
        if row is None:
            return None
        holder = Holder()
        if row.status == "out" and row.person is not None:
            proof = Proof(row.proof) if row.proof else Proof.DESK
            name = row.display_name or row.upn
            holder = Holder(name, row.person, str(proof), proof.assurance, from_micros(row.since))
        account = str(json.loads(row.variables).get("account", ""))
        name = row.name or serial
        return Party(
            PartyKind.HEADSET,
            serial,
            row.client_id,
            name,
            label=_label(name, account, holder),
            serial=serial,
            account=account,
            holder=holder,
        )

    def expert(self, person: str) -> Party | None:
        with self._database.read() as connection:
            row = connection.execute(
                select(PERSON).where(PERSON.c.id == person, PERSON.c.left_at.is_(None))
            ).one_or_none()
        if row is None:
            return None
        return Party(PartyKind.EXPERT, row.id, row.client_id, row.display_name or row.upn, account=row.upn)

    def pairing(self, serial: str, *, now: datetime) -> str | None:
        stands = (PAIRING.c.serial == serial) & (PAIRING.c.used == 1) & (PAIRING.c.expires_at > to_micros(now))
        with self._database.read() as connection:
            return connection.execute(select(PAIRING.c.id).where(stands)).scalar()

    def person_of(self, upn: str) -> str | None:
        here = select(PERSON.c.id).where(PERSON.c.upn == upn.casefold(), PERSON.c.left_at.is_(None))
        with self._database.read() as connection:
            return connection.execute(here).scalar()


def _label(name: str, account: str, holder: Holder) -> str:
    """Say which headset it is, and who has it and how sure that is (SHR-33)."""
    device = f"{name} ({account})" if account else name
    if not holder.name:
        return f"{device}, nobody has it on record"
    return f"{device}, held by {holder.name}"
