"""The desk: headsets out and in, badges, notes, corrections, and who had which headset when."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Scope, Target, nothing_here, permit
from holofleet.server.custody.ledger import Ledger, holder_of, note_of, require_may_hold
from holofleet.server.custody.store import CustodyStore, People
from holofleet.server.custody.timeline import effective, held_at
from holofleet.server.custody.values import (
    CORRECTIONS,
    STATUS_OF,
    CustodyRecord,
    DeskPage,
    HeadsetFacts,
    HeadsetState,
    Held,
    Kind,
    NewRecord,
    Proof,
    Scanned,
    Status,
)
from holofleet.server.directory import Account, Person

UNDO: Final = timedelta(seconds=30)
"""So long may whoever wrote a record at the desk take it back without the right to correct."""
LISTED: Final = 500
"""Headsets that the desk lists of each sort."""
MOST_AT_ONCE: Final = 500
"""Headsets whose holders are asked for at once: a page of any list."""
CODE_ERRORS: Final = 20
"""Wrong codes that one principal may type in a day."""
CODE = re.compile(r"\d{6}\Z")
_BADGE = re.compile(r"[!-~]{4,128}\Z")


class CustodyService:
    """What staff do at the desk, and what may be asked of the past."""

    def __init__(self, store: CustodyStore, people: People, clock: Clock, *, key: bytes) -> None:
        """Take the stores, the clock, and the key (outside the database) of digests of badges and codes."""
        self._store = store
        self._people = people
        self._clock = clock
        self._key = key
        self._ledger = Ledger(store, people, clock)

    # Reading.

    def desk(self, principal: Principal) -> DeskPage:
        """Return what is out, overdue first, and what is astray.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        out = self._store.states(principal.scope, [Status.OUT], limit=LISTED + 1)
        away = [Status.LOST, Status.FOUND, Status.UNRETURNED]
        astray = self._store.states(principal.scope, away, limit=LISTED + 1)
        more = max(len(out), len(astray)) > LISTED
        return DeskPage(tuple(out[:LISTED]), tuple(astray[:LISTED]), more)

    def state(self, principal: Principal, key: str) -> HeadsetState:
        """Return where a headset stands now, by serial or name.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: none, or one of a foreign client.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        found = self._store.headset(principal.scope, key)
        if found is None:
            raise nothing_here()
        return self._store.state(found)

    def out(self, principal: Principal, serials: Iterable[str]) -> tuple[HeadsetState, ...]:
        """Return those of these headsets, 500 at most, that somebody has now; others than the principal's are not.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        some = tuple(islice(serials, MOST_AT_ONCE))
        return tuple(self._store.out(principal.scope, some)) if some else ()

    def held_by(self, principal: Principal, person: str) -> tuple[HeadsetState, ...]:
        """Return what somebody holds now; what they held before is asked by headset, never by person.

        Raises:
            RefusedError, NotFoundError: as :meth:`state`.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        found = self._people.person(principal.scope, _key(person))
        if found is None:
            raise nothing_here()
        return tuple(self._store.held_by(principal.scope, found.id))

    def history(self, principal: Principal, serial: str) -> tuple[CustodyRecord, ...]:
        """Return all records of a headset, corrected ones and corrections too, in the order of writing.

        Raises:
            RefusedError, NotFoundError: as :meth:`state`.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        found = self._store.headset(principal.scope, serial)
        records = self._store.records(principal.scope, found.serial if found is not None else serial)
        if found is None and not records:
            raise nothing_here()
        return tuple(records)

    def holder(self, principal: Principal, serial: str, at: datetime) -> Held:
        """Say who held a headset at a moment.

        Raises:
            RefusedError, NotFoundError: as :meth:`state`.
        """
        records = self.history(principal, serial)
        return held_at(records, records[0].serial if records else serial, at)

    # The desk.

    def scan(self, principal: Principal, texts: tuple[str, ...]) -> Scanned:
        """Recognize what a reader read, in either order: badge or UPN, and serial, name or code of a headset.

        Raises:
            RefusedError: the principal may not, or typed too many wrong codes today.
            NotFoundError: a text is nothing that is known here.
            InputError: two people, or two headsets.
        """
        permit(principal, Action.READ_CUSTODY, Target.installation()).require()
        person: Person | None = None
        headset: HeadsetFacts | None = None
        by_badge = False
        for text in (text.strip() for text in texts if text.strip()):
            found = self._person(principal, text)
            if found is not None:
                if person is not None:
                    raise InputError("that is a second person", mend="Scan the headset.")
                person, by_badge = found, "@" not in text
                continue
            if headset is not None:
                raise InputError("that is no badge of anybody here, or a second headset")
            headset = self._headset(principal, text, Action.READ_CUSTODY)
        return Scanned(
            holder_of(person) if person is not None else None,
            self._store.state(headset) if headset is not None else None,
            by_badge,
        )

    def check_out(
        self,
        principal: Principal,
        *,
        headset: str,
        person: str,
        hand_over: bool = False,
        expected_at: datetime | None = None,
        note: str = "",
    ) -> CustodyRecord:
        """Give somebody a headset.

        Args:
            headset: Serial, name, or the code that it shows (which is used up).
            person: Badge, UPN or id.
            hand_over: From whoever has it now.

        Raises:
            RefusedError: the principal may not, or that person may not hold it.
            NotFoundError: no such headset or person here.
            ConflictError: where the headset stands does not fit.
        """
        found = self._headset(principal, headset, Action.KEEP_CUSTODY, use=True)
        who = self._person(principal, person)
        if who is None:
            raise _nobody()
        proof = Proof.DESK if "@" in person or person.strip() == who.id else Proof.BADGE
        return self._ledger.take(
            found,
            who,
            actor=principal.actor,
            proof=proof,
            hand_over=hand_over,
            expected_at=expected_at,
            note=note,
        )

    def take_by_code(self, principal: Principal, code: str, *, hand_over: bool = False) -> CustodyRecord:
        """Take a headset in one's own signed-in session, by the code that it shows.

        Raises:
            RefusedError: not a person's session, or too many wrong codes today.
            NotFoundError: no headset shows this code, or none that they may hold: the same answer.
            ConflictError: where the headset stands does not fit.
        """
        permit(principal, Action.TAKE_HEADSET, Target.installation()).require()
        who = self._people.person(Scope.every(), _key(principal.name))
        serial = self._by_code(principal, code, use=True)
        found = self._store.headset(Scope.every(), serial) if serial is not None else None
        if found is None or who is None or who.client not in ("own", found.client):
            raise nothing_here()
        return self._ledger.take(found, who, actor=principal.actor, proof=Proof.SESSION, hand_over=hand_over)

    def check_in(self, principal: Principal, headset: str, *, note: str = "") -> CustodyRecord:
        """Take a headset back.

        Raises:
            RefusedError, NotFoundError, ConflictError: as :meth:`check_out`.
        """
        found = self._headset(principal, headset, Action.KEEP_CUSTODY, use=True)
        return self._ledger.put(found, Kind.IN, actor=principal.actor, note=note)

    def note_lost(self, principal: Principal, headset: str, *, note: str) -> CustodyRecord:
        """Record that a headset cannot be found. Marking it lost, so that it is wiped, is another act.

        Raises:
            RefusedError, NotFoundError, ConflictError: as :meth:`check_out`.
        """
        found = self._headset(principal, headset, Action.KEEP_CUSTODY)
        return self._ledger.put(found, Kind.LOST, actor=principal.actor, note=note)

    def note_found(self, principal: Principal, headset: str, *, note: str) -> CustodyRecord:
        """Record where a headset was found; it is still to be checked in.

        Raises:
            RefusedError, NotFoundError, ConflictError: as :meth:`check_out`.
        """
        found = self._headset(principal, headset, Action.KEEP_CUSTODY)
        return self._ledger.put(found, Kind.FOUND, actor=principal.actor, note=note)

    # Corrections.

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
                raise _nobody()
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

    # Badges.

    def give_badge(self, principal: Principal, person: str, code: str) -> None:
        """Give somebody a badge, by the code that a reader reads from it.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody here.
            InputError: a code that cannot be one.
            ConflictError: it is somebody else's badge, or reads like a serial number or code of a headset.
        """
        found = self._of_people(principal, person)
        text = code.strip()
        if not _BADGE.match(text) or "@" in text or CODE.match(text):
            raise InputError("this cannot be the code of a badge", mend="At least four letters, digits and signs.")
        if self._store.headset(Scope.every(), text) is not None:
            raise ConflictError("this reads like a headset, and a reader could not tell them apart")
        audit = self._about(principal, found, "badge-given")
        self._store.give_badge(
            found.id,
            found.client,
            digest(self._key, "badge", text),
            actor=principal.actor,
            at=self._clock.now(),
            audit=audit,
        )

    def take_badge(self, principal: Principal, person: str) -> None:
        """Take somebody's badge: it was lost, or they have another.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody here, or no badge.
        """
        found = self._of_people(principal, person)
        audit = self._about(principal, found, "badge-taken")
        if not self._store.take_badge(found.id, at=self._clock.now(), audit=audit):
            raise NotFoundError(f"{found.upn} has no badge")

    # Within.

    def _of_people(self, principal: Principal, key: str) -> Person:
        found = self._people.person(principal.scope, _key(key))
        permit(
            principal, Action.KEEP_CUSTODY, Target.of_client(found.client if found is not None else "")
        ).require()
        if found is None or not found.active:
            raise _nobody()
        if found.account is not Account.PERSON:
            raise RefusedError(f"{found.upn} is the account of a headset")
        return found

    @staticmethod
    def _about(principal: Principal, person: Person, act: str) -> AuditRecord:
        return AuditRecord(
            principal.actor, str(Action.KEEP_CUSTODY), f"person:{person.id}", person.client, {"act": act}
        )

    def _person(self, principal: Principal, text: str) -> Person | None:
        """Return whose badge, UPN or id it is, of those whom the principal sees."""
        found = self._people.person(principal.scope, _key(text))
        if found is None and "@" not in text:
            badge = self._store.by_badge(digest(self._key, "badge", text.strip()))
            found = self._people.person(principal.scope, badge) if badge is not None else None
        return found if found is not None and found.active else None

    def _headset(self, principal: Principal, text: str, action: Action, *, use: bool = False) -> HeadsetFacts:
        """Return a headset by serial, name or the code that it shows; with ``use`` the code is used up."""
        key = text.strip()
        found = self._store.headset(principal.scope, key)
        by_code = found is None and CODE.match(key) is not None
        if by_code:
            serial = self._by_code(principal, key, use=False)
            found = self._store.headset(principal.scope, serial) if serial is not None else None
        permit(principal, action, Target.of_client(found.client if found is not None else "")).require()
        if found is None or (use and by_code and self._by_code(principal, key, use=True) != found.serial):
            raise nothing_here()
        return found

    def _by_code(self, principal: Principal, text: str, *, use: bool) -> str | None:
        code, now = text.strip().replace(" ", ""), self._clock.now()
        subject, day = f"codes:{principal.actor}", now.date().isoformat()
        if self._store.errors(subject, day) >= CODE_ERRORS:
            raise RefusedError("too many wrong codes today", mend="Name the headset by its serial number.")
        hidden = digest(self._key, "code", code)
        ask = self._store.use_code if use else self._store.code
        serial = ask(hidden, now=now) if CODE.match(code) else None
        if serial is None:
            self._store.count_error(subject, day, "own")
        return serial


def digest(key: bytes, purpose: str, text: str) -> str:
    """Return what is kept in place of a badge's or a headset's code."""
    return hmac.new(key, f"{purpose}\x00{text}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def _key(text: str) -> str:
    text = text.strip()
    return text.casefold() if "@" in text else text


def _nobody() -> NotFoundError:
    return NotFoundError("there is nobody of this name or badge here")
