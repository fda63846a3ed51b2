"""The desk: headsets out and in, notes, and who had which headset when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.authorization import Action, Principal, Scope, Target, nothing_here, permit
from holofleet.server.custody.digest import digest
from holofleet.server.custody.ledger import Ledger, holder_of
from holofleet.server.custody.store import CustodyStore, People
from holofleet.server.custody.timeline import held_at
from holofleet.server.custody.values import (
    CODE,
    CustodyRecord,
    DeskPage,
    HeadsetFacts,
    HeadsetState,
    Held,
    Kind,
    Proof,
    Scanned,
    Status,
)
from holofleet.server.directory import Person
from holofleet.server.directory.text import person_key

LISTED: Final = 500
"""Headsets that the desk lists of each sort."""
MOST_AT_ONCE: Final = 500
"""Headsets whose holders are asked for at once: a page of any list."""
CODE_ERRORS: Final = 20
"""Wrong codes that one principal may type in a day."""


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
        found = self._people.person(principal.scope, person_key(person))
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
        who = self._people.person(Scope.every(), person_key(principal.name))
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

    # Within.

    def _person(self, principal: Principal, text: str) -> Person | None:
        """Return whose badge, UPN or id it is, of those whom the principal sees."""
        found = self._people.person(principal.scope, person_key(text))
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


def _nobody() -> NotFoundError:
    return NotFoundError("there is nobody of this name or badge here")
