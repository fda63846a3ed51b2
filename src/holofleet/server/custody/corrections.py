"""Records put right: the old one stays, and another says how it should read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.authorization import Action, Principal, Scope, Target, nothing_here, permit
from holofleet.server.custody.ledger import Ledger, note_of, require_may_hold
from holofleet.server.custody.store import CustodyStore, People
from holofleet.server.custody.timeline import effective
from holofleet.server.custody.values import (
    CORRECTIONS,
    STATUS_OF,
    CustodyRecord,
    HeadsetFacts,
    Kind,
    NewRecord,
    Proof,
    Status,
)

UNDO: Final = timedelta(seconds=30)
"""So long may whoever wrote a record at the desk take it back without the right to correct."""


class CorrectionService:
    """Takes records back, and corrects them."""

    def __init__(self, store: CustodyStore, people: People, clock: Clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock
        self._ledger = Ledger(store, people, clock)

    def undo(self, principal: Principal, serial: str, sequence: int) -> CustodyRecord:
        """Take back one's own newest record of a headset, within half a minute.

        Raises:
            RefusedError: the principal may not, it is another's, or too late.
            NotFoundError: no such record here.
        """
        headset, record = self._record(principal, Action.KEEP_CUSTODY, serial, sequence)
        state = self._store.state(headset)
        late = self._clock.now() - record.recorded_at > UNDO
        if record.actor != principal.actor or late or state.sequence != record.sequence:
            raise RefusedError(
                "only one's own newest record is taken back, within half a minute",
                mend="Ask somebody who may correct custody: holofleet custody correct.",
            )
        return self._correct(principal, headset, record, Kind.VOID, note="taken back")

    def correct(
        self,
        principal: Principal,
        serial: str,
        sequence: int,
        *,
        note: str,
        person: str | None = None,
        at: datetime | None = None,
        void: bool = False,
    ) -> CustodyRecord:
        """Say how a record should read, or that it never happened; the old record stays.

        Args:
            note: Why; never empty.
            person: UPN or id of who really took it.
            at: When it really happened.
            void: It never happened.

        Raises:
            RefusedError: the principal may not, or that person may not hold it.
            NotFoundError: no such record here, or nobody of that name.
            InputError: nothing is corrected, a moment that is still to come, or no reason.
        """
        headset, record = self._record(principal, Action.CORRECT_CUSTODY, serial, sequence)
        if not note.strip():
            raise InputError("a correction needs a reason", mend="Say why.")
        if void == (person is not None or at is not None):
            raise InputError("a correction says who or when it really was, or that it never happened")
        now = self._clock.now()
        if at is not None and at > now:
            raise InputError("that moment is still to come")
        if void:
            return self._correct(principal, headset, record, Kind.VOID, note=note)
        counting = {one.sequence: one for one in effective(self._store.records(principal.scope, headset.serial))}
        now_reads = counting.get(record.sequence, record)
        who = now_reads.person.id if now_reads.person is not None else None
        proof = now_reads.proof
        if person is not None:
            if STATUS_OF[record.kind] is not Status.OUT:
                raise InputError("nobody takes a headset in that record")
            found = self._ledger.person_for(headset, person)
            if found is None or self._people.person(principal.scope, found.id) is None:
                raise NotFoundError("there is nobody of this name here")
            require_may_hold(headset, found)
            who, proof = found.id, Proof.DESK
        return self._correct(
            principal, headset, record, Kind.CORRECTION, note=note, person=who, proof=proof, at=at or now_reads.at
        )

    def _correct(
        self,
        principal: Principal,
        headset: HeadsetFacts,
        record: CustodyRecord,
        kind: Kind,
        *,
        note: str,
        person: str | None = None,
        proof: Proof | None = None,
        at: datetime | None = None,
    ) -> CustodyRecord:
        new = NewRecord(
            headset.serial,
            headset.client,
            kind,
            at or record.at,
            principal.actor,
            person,
            proof,
            record.expected_at if kind is Kind.CORRECTION else None,
            note_of(note),
            record.sequence,
        )
        holder = record.person.upn if record.person is not None else ""
        return self._ledger.write(new, self._store.state(headset), holder=holder)

    def _record(
        self, principal: Principal, action: Action, serial: str, sequence: int
    ) -> tuple[HeadsetFacts, CustodyRecord]:
        found = self._store.headset(principal.scope, serial)
        permit(principal, action, Target.of_client(found.client if found is not None else "")).require()
        if found is None:
            raise nothing_here()
        records = self._store.records(Scope.of(found.client), found.serial)
        record = next((one for one in records if one.sequence == sequence), None)
        if record is None or not principal.scope.includes(record.client):
            raise nothing_here()
        if record.kind in CORRECTIONS:
            raise ConflictError("that is a correction already", mend=f"Correct record {record.corrects} again.")
        if record.kind is Kind.LEFT:
            raise ConflictError("that record came about when somebody left, and stays")
        return found, record
