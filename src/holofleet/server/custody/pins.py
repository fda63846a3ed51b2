"""PINs of people: chosen by their owner, voided by helpdesk, tried at a headset (SECURITY CUS-1, CUS-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from holofleet.clock import Clock, render_utc
from holofleet.errors import NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Scope, Target, permit
from holofleet.server.custody.pin import PinHasher, require_good
from holofleet.server.custody.store import CustodyStore, Limits, People, PinRow, PinStore
from holofleet.server.custody.values import HeadsetFacts
from holofleet.server.directory import Account, Person
from holofleet.server.directory.text import person_key

LIMITS: Final = Limits(errors=5, lock_s=15 * 60, in_a_row=100)
"""After five errors a PIN waits for a quarter of an hour; after a hundred in a row it is void.

The hundred is the limit of NIST SP 800-63B for a secret that a person remembers; the five are ours.
"""
PIN_LOCKED: Final = "pin-locked"
"""What the audit log calls it: nobody asked for it, so it is no action of anybody."""
ERRORS_AT_A_HEADSET: Final = 20
"""Wrong PINs at one headset in a day (UTC), of whomever."""


@dataclass(frozen=True, slots=True)
class PinState:
    """What is known of somebody's PIN; never the PIN."""

    person: str
    set: bool
    set_at: datetime | None
    locked_until: datetime | None
    voided_at: datetime | None
    voided_by: str


class PinService:
    """Sets, voids and tries PINs."""

    def __init__(
        self, pins: PinStore, attempts: CustodyStore, people: People, clock: Clock, *, pepper: bytes
    ) -> None:
        self._pins = pins
        self._attempts = attempts
        self._people = people
        self._clock = clock
        self._hasher = PinHasher(pepper)

    def choose(self, principal: Principal, pin: str) -> None:
        """Choose one's own PIN, in one's own signed-in session; nobody chooses another's.

        Raises:
            RefusedError: not a person's session.
            InputError: a PIN that cannot be.
        """
        permit(principal, Action.SET_OWN_PIN, Target.installation()).require()
        found = self._own(principal)
        require_good(pin)
        kept = self._hasher.hash(found.id, pin)
        audit = self._about(principal.actor, Action.SET_OWN_PIN, found)
        self._pins.set(found.id, found.client, kept, at=self._clock.now(), audit=audit)

    def void(self, principal: Principal, person: str) -> None:
        """Make somebody's PIN void; they choose a new one themselves.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody here, or no PIN.
        """
        found = self._of(principal, person, Action.VOID_PIN)
        audit = self._about(principal.actor, Action.VOID_PIN, found)
        if not self._pins.void(found.id, by=principal.actor, at=self._clock.now(), audit=audit):
            raise NotFoundError(f"{found.upn} has no PIN")

    def state(self, principal: Principal, person: str) -> PinState:
        """Tell whether somebody has a PIN, and whether it is locked.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody here.
        """
        return self._state(self._of(principal, person, Action.READ_CUSTODY))

    def own_state(self, principal: Principal) -> PinState:
        """Tell a person how their own PIN stands.

        Raises:
            RefusedError: not a person's session.
        """
        permit(principal, Action.SET_OWN_PIN, Target.installation()).require()
        return self._state(self._own(principal))

    def _state(self, found: Person) -> PinState:
        row = self._pins.pin(found.id)
        if row is None:
            return PinState(found.upn, False, None, None, None, "")
        locked = (
            row.locked_until if row.locked_until is not None and row.locked_until > self._clock.now() else None
        )
        return PinState(found.upn, row.hash is not None, row.set_at, locked, row.voided_at, row.voided_by)

    def require(self, headset: HeadsetFacts, person: Person | None, pin: str) -> Person:
        """Return the person if this is their PIN. Whoever calls knows that the browser is on that headset.

        Args:
            person: ``None`` for a name of nobody here, which is refused as a wrong PIN is, and counts as one.

        Raises:
            RefusedError: it is not, there is none, it is locked, or there were too many errors at this headset. A
                wrong PIN and no PIN read the same.
        """
        now = self._clock.now()
        subject, day = f"headset:{headset.serial}", now.date().isoformat()
        # Counted before it is looked at, so that tries at one time cannot pass the limit together.
        if self._attempts.count_error(subject, day, headset.client) > ERRORS_AT_A_HEADSET:
            raise RefusedError(
                "too many wrong PINs at this headset today", mend="Show the code to the desk instead."
            )
        # Also for nobody, so that they are looked for as long as somebody who chose no PIN (DIR-2).
        row = self._pins.begin_try(person.id if person is not None else "", now=now, limits=LIMITS)
        if row is not None and row.locked_until is not None and row.locked_until > now:
            raise RefusedError(
                "this PIN is locked after wrong tries",
                detail=f"Until {render_utc(row.locked_until)[:16].replace('T', ' ')} UTC.",
                mend="Wait, or show the code to the desk.",
            )
        kept = row.hash if row is not None and row.hash is not None else None
        if kept is None or person is None:
            self._hasher.hash("", pin[:12])  # as long as a wrong one takes
            raise _wrong()
        if not self._hasher.matches(kept, person.id, pin[:64]):
            if row is not None and _locks(row):
                audit = AuditRecord(
                    f"kiosk:{headset.serial}",
                    PIN_LOCKED,
                    f"person:{person.id}",
                    person.client,
                    {"errors": LIMITS.errors},
                )
                self._pins.note(audit, at=now)
            raise _wrong()
        self._pins.succeed(person.id)
        self._attempts.count_error(subject, day, headset.client, by=-1)
        return person

    def _own(self, principal: Principal) -> Person:
        found = self._people.person(Scope.every(), principal.name.casefold())
        if found is None or not found.active or found.account is not Account.PERSON:
            raise RefusedError("only people who are here have a PIN")
        return found

    def _of(self, principal: Principal, key: str, action: Action) -> Person:
        found = self._people.person(principal.scope, person_key(key))
        permit(principal, action, Target.of_client(found.client if found is not None else "")).require()
        if found is None or not found.active:
            raise NotFoundError("there is nobody of this name here")
        return found

    @staticmethod
    def _about(actor: str, action: Action, person: Person) -> AuditRecord:
        return AuditRecord(actor, str(action), f"person:{person.id}", person.client)


def _locks(before: PinRow) -> bool:
    """Tell whether one more error, after how a PIN stood, locks it; a lock that is over is forgotten."""
    return (0 if before.locked_until is not None else before.errors) + 1 >= LIMITS.errors


def _wrong() -> RefusedError:
    return RefusedError("this is not the PIN", mend="After five errors it waits for a quarter of an hour.")
