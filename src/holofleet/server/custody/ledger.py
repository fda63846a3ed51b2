"""What may follow what, written down: the one way by which a record comes about."""

from __future__ import annotations

from datetime import datetime

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Scope
from holofleet.server.custody.store import CustodyStore, People
from holofleet.server.custody.values import (
    CustodyRecord,
    HeadsetFacts,
    HeadsetState,
    Holder,
    Kind,
    NewRecord,
    Proof,
    Status,
)
from holofleet.server.directory import Account, Person

OWN = "own"
NOTE = 500


class Ledger:
    """Writes records. It asks nothing about rights: its callers did."""

    def __init__(self, store: CustodyStore, people: People, clock: Clock) -> None:
        self._store = store
        self._people = people
        self._clock = clock

    def take(
        self,
        headset: HeadsetFacts,
        person: Person,
        *,
        actor: str,
        proof: Proof,
        hand_over: bool,
        expected_at: datetime | None = None,
        note: str = "",
    ) -> CustodyRecord:
        """Record that somebody has a headset from now on.

        Args:
            hand_over: Somebody else has it now, and gives it.

        Raises:
            RefusedError: it is marked lost, or they may not hold it.
            ConflictError: somebody has it (without ``hand_over``) or nobody (with it), or it was reported lost.
            InputError: it would be back before now.
        """
        require_may_hold(headset, person)
        state = self._store.state(headset)
        held = state.person if state.status is Status.OUT else None
        if held is not None and held.id == person.id:
            raise ConflictError(f"{held.name} has {headset.serial} already")
        if held is not None and not hand_over:
            raise ConflictError(
                f"{held.name} has {headset.serial}", mend="Check it in first, or hand it over from them."
            )
        if held is None and hand_over:
            raise ConflictError(f"nobody has {headset.serial}", mend="Check it out.")
        if state.status is Status.LOST:
            raise ConflictError(f"{headset.serial} was reported lost", mend="Record first that it was found.")
        now = self._clock.now()
        if expected_at is not None and expected_at <= now:
            raise InputError("it cannot be expected back before it leaves", mend="Give a later time.")
        kind = Kind.HAND_OVER if hand_over else Kind.OUT
        new = NewRecord(
            headset.serial, headset.client, kind, now, actor, person.id, proof, expected_at, note_of(note)
        )
        return self.write(new, state, holder=person.upn)

    def put(self, headset: HeadsetFacts, kind: Kind, *, actor: str, note: str = "") -> CustodyRecord:
        """Record that a headset is back, lost or found: from then on nobody has it.

        Raises:
            ConflictError: it stands so already.
        """
        state = self._store.state(headset)
        already = {Kind.IN: Status.IN, Kind.LOST: Status.LOST}
        if already.get(kind) is state.status or (kind is Kind.FOUND and state.status in (Status.IN, Status.FOUND)):
            raise ConflictError(f"{headset.serial} is {state.status} already")
        if kind is Kind.IN and state.status is Status.LOST:
            raise ConflictError(f"{headset.serial} was reported lost", mend="Record first that it was found.")
        new = NewRecord(headset.serial, headset.client, kind, self._clock.now(), actor, note=note_of(note))
        return self.write(new, state, holder=state.person.upn if state.person is not None else "")

    def write(self, new: NewRecord, state: HeadsetState, *, holder: str) -> CustodyRecord:
        """Write a record after ``state``.

        Raises:
            ConflictError: another was written in between.
        """
        action = Action.CORRECT_CUSTODY if new.corrects is not None else Action.KEEP_CUSTODY
        data = {"kind": str(new.kind), "proof": str(new.proof or "")}
        if new.corrects is not None:
            data["corrects"] = str(new.corrects)
        personal = {name: text for name, text in (("holder", holder), ("note", new.note)) if text}
        audit = AuditRecord(new.actor, str(action), f"headset:{new.serial}", new.client, data, personal)
        return self._store.append(new, expect=state.sequence, audit=audit, recorded_at=self._clock.now())

    def person_for(self, headset: HeadsetFacts, key: str) -> Person | None:
        """Return somebody who is here and could hold a headset, by id or UPN."""
        scope = Scope.of(OWN, headset.client)
        found = self._people.person(scope, key.strip().casefold())
        return found if found is not None and found.active else None


def require_may_hold(headset: HeadsetFacts, person: Person) -> None:
    """Go on if a person can hold a headset at all.

    Raises:
        RefusedError: the headset is marked lost, or they are no person, have left, or are of another client.
    """
    if headset.lost:
        raise RefusedError(
            f"{headset.serial} is marked lost; it gets its wipe and nothing else",
            mend="Mark it as found first: holofleet headsets found.",
        )
    if person.account is not Account.PERSON:
        raise RefusedError(f"{person.upn} is the account of a headset, and holds none")
    if not person.active or person.client not in (OWN, headset.client):
        raise RefusedError(f"{person.upn} cannot hold {headset.serial}")


def note_of(text: str) -> str:
    """Return a note without blanks around it.

    Raises:
        InputError: longer than 500 characters.
    """
    if len(text) > NOTE:
        raise InputError(f"note: more than {NOTE} characters")
    return text.strip()


def holder_of(person: Person) -> Holder:
    """Return somebody as a holder."""
    return Holder(person.id, person.client, person.upn, person.display_name)
