"""What people do on the headset itself, in the browser of a kiosk: show a code, type a PIN, hand over, give back.

A browser proves on which headset it runs by a secret that it got when somebody with the right paired it. Nothing
that a headset says of itself is believed here (SECURITY MGT-6).
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Scope, Target, nothing_here, permit
from holofleet.server.custody.digest import digest
from holofleet.server.custody.ledger import Ledger, holder_of
from holofleet.server.custody.pins import PinService
from holofleet.server.custody.store import CustodyStore, PairingRow, PairingStore, People
from holofleet.server.custody.values import CustodyRecord, HeadsetFacts, HeadsetState, Holder, Kind, Proof
from holofleet.server.directory import Account, PeopleQuery, Person

CODE_LIFE: Final = timedelta(minutes=2)
INVITATION_LIFE: Final = timedelta(minutes=30)
PAIRED_LIFE: Final = timedelta(days=90)
"""Since the secret last changed: a headset in use stays paired."""
SECRET_LIFE: Final = timedelta(hours=12)
"""A page that is opened later gives the browser another secret (SECURITY D4)."""
PAIRING_CODE_LIFE: Final = timedelta(minutes=10)
PAIRING_DIGITS: Final = 8
LISTED: Final = 24
"""Names that fit on a headset's page at one time."""


@dataclass(frozen=True, slots=True)
class ShownCode:
    """Six digits to show to the desk, and until when they count."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """A secret that pairs one browser with a headset, once."""

    serial: str
    secret: str
    expires_at: datetime


class KioskService:
    """Everything that a paired browser may do. Each call gives the browser's secret."""

    def __init__(
        self,
        pairings: PairingStore,
        store: CustodyStore,
        people: People,
        pins: PinService,
        clock: Clock,
        *,
        key: bytes,
    ) -> None:
        self._pairings = pairings
        self._store = store
        self._people = people
        self._pins = pins
        self._clock = clock
        self._key = key
        self._ledger = Ledger(store, people, clock)

    # Pairing.

    def invite(self, principal: Principal, headset: str) -> Invitation:
        """Make an invitation that pairs the browser of a headset: somebody opens it on that headset.

        Raises:
            RefusedError: the principal may not, or the headset is marked lost.
            NotFoundError: no such headset here.
        """
        found = self._headset(principal, headset)
        if found.lost:
            raise RefusedError(f"{found.serial} is marked lost; it gets its wipe and nothing else")
        now, secret = self._clock.now(), secrets.token_urlsafe(24)
        row = PairingRow(
            uuid.uuid4().hex, found.serial, found.client, principal.actor, now, now + INVITATION_LIFE, used=False
        )
        self._pairings.invite(row, _sha256(secret), audit=self._about(principal, found, "invite"))
        return Invitation(found.serial, secret, row.expires_at)

    def pair(self, invitation: str) -> str:
        """Turn an invitation into the secret of a paired browser, which replaces the one before.

        Raises:
            RefusedError: used, too old, or never made.
        """
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        accepted = self._pairings.accept(
            _sha256(invitation), _sha256(secret), new_id=uuid.uuid4().hex, now=now, expires_at=now + PAIRED_LIFE
        )
        if not accepted:
            raise RefusedError("this invitation does not count any more", mend="Ask for another.")
        return secret

    def pairing_code(self, waiting: str) -> str:
        """Return the eight digits that a browser shows that wants to be paired; nothing is kept.

        Args:
            waiting: A secret that only this browser has.
        """
        number = int(digest(self._key, "pairing-code", waiting)[:16], 16) % 10**PAIRING_DIGITS
        return f"{number:0{PAIRING_DIGITS}}"

    def confirm(self, principal: Principal, headset: str, code: str) -> None:
        """Pair the browser that shows a code with a headset; it finds out when it asks next.

        Whoever confirms sees the code on that headset with their own eyes.

        Raises:
            InputError: not eight digits.
            RefusedError, NotFoundError: as :meth:`invite`.
        """
        digits = "".join(code.split())
        if len(digits) != PAIRING_DIGITS or not digits.isascii() or not digits.isdigit():
            raise InputError("the code on the headset has eight digits", mend="Type it as it stands there.")
        found = self._headset(principal, headset)
        if found.lost:
            raise RefusedError(f"{found.serial} is marked lost; it gets its wipe and nothing else")
        now = self._clock.now()
        row = PairingRow(
            uuid.uuid4().hex, found.serial, found.client, principal.actor, now, now + PAIRING_CODE_LIFE, used=False
        )
        self._pairings.invite(
            row, digest(self._key, "pairing", digits), audit=self._about(principal, found, "confirm")
        )

    def pair_shown(self, waiting: str) -> str | None:
        """Return the secret of a browser whose code was confirmed, once; ``None`` while nobody did."""
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        accepted = self._pairings.accept(
            digest(self._key, "pairing", self.pairing_code(waiting)),
            _sha256(secret),
            new_id=uuid.uuid4().hex,
            now=now,
            expires_at=now + PAIRED_LIFE,
        )
        return secret if accepted else None

    def renew(self, secret: str) -> str | None:
        """Return another secret for a paired browser whose own is old enough; ``None`` where it keeps it.

        Raises:
            RefusedError: as :meth:`state`.
        """
        self._here(secret)
        now, hidden = self._clock.now(), _sha256(secret)
        row = self._pairings.paired(hidden, now=now)
        if row is None or now < (row.rotated_at or row.made_at) + SECRET_LIFE:
            return None
        fresh = secrets.token_urlsafe(32)
        return (
            fresh if self._pairings.rotate(hidden, _sha256(fresh), now=now, expires_at=now + PAIRED_LIFE) else None
        )

    def form_token(self, secret: str) -> str:
        """Return what a form of this browser carries, so that no other page can send it."""
        return digest(self._key, "form", secret)[:32]

    def pairings(self, principal: Principal, headset: str) -> tuple[PairingRow, ...]:
        """Return the browser that is paired with a headset, and the code or invitation that waits for one.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such headset here.
        """
        found = self._headset(principal, headset, Action.READ_CUSTODY)
        return tuple(self._pairings.of(found, now=self._clock.now()))

    def unpair(self, principal: Principal, headset: str) -> int:
        """End every pairing and invitation of a headset; return how many.

        Raises:
            RefusedError, NotFoundError: as :meth:`invite`.
        """
        found = self._headset(principal, headset)
        return self._pairings.end(found, at=self._clock.now(), audit=self._about(principal, found, "unpair"))

    # On the headset.

    def state(self, secret: str) -> HeadsetState:
        """Return where the headset stands.

        Raises:
            RefusedError: the browser is not paired, or the headset is lost, gone or at another client.
        """
        headset = self._here(secret)
        return replace(self._store.state(headset), name=headset.name)

    def pairing(self, secret: str) -> str:
        """Return which pairing a browser's secret is of; it stays the same when the secret changes.

        Raises:
            RefusedError: as :meth:`state`.
        """
        self._here(secret)
        row = self._pairings.paired(_sha256(secret), now=self._clock.now())
        if row is None:
            raise RefusedError("this browser is not paired with a headset", mend="Have it paired again.")
        return row.id

    def show_code(self, secret: str) -> ShownCode:
        """Show a new code to the desk; the one before counts no more.

        Raises:
            RefusedError: as :meth:`state`.
        """
        headset = self._here(secret)
        expires_at = self._clock.now() + CODE_LIFE
        for _ in range(8):
            code = f"{secrets.randbelow(1_000_000):06}"
            hidden = digest(self._key, "code", code)
            # A serial number of six digits would be read as the code, or the other way round.
            if self._store.headset(Scope.every(), code) is None and self._store.show_code(
                headset, hidden, expires_at=expires_at
            ):
                return ShownCode(code, expires_at)
        raise ConflictError("too many headsets show a code at this moment", mend="Try again.")

    def people(self, secret: str, beginning: str) -> tuple[Holder, ...]:
        """Return who could take the headset, by the beginning of their name: at least one letter.

        Raises:
            RefusedError: as :meth:`state`.
        """
        headset = self._here(secret)
        if not beginning.strip():
            return ()
        query = PeopleQuery(text=beginning.strip()[:40], account=str(Account.PERSON))
        scope = Scope.of("own", headset.client)
        page = self._people.page(scope, query, after=None, limit=LISTED)
        return tuple(holder_of(person) for person in page.people)

    def take_by_pin(
        self, secret: str, person: str, pin: str, *, hand_over: bool = False, expected_at: datetime | None = None
    ) -> CustodyRecord:
        """Take the headset with one's PIN; with ``hand_over`` from whoever has it.

        Raises:
            RefusedError: as :meth:`state`, or the PIN is wrong, locked, or there is none.
            ConflictError: where the headset stands does not fit.
        """
        headset = self._here(secret)
        who = self._pins.require(headset, self._ledger.person_for(headset, person), pin)
        return self._take(headset, who, Proof.PIN, hand_over=hand_over, expected_at=expected_at)

    def take_by_passkey(
        self, secret: str, person: str, *, hand_over: bool = False, expected_at: datetime | None = None
    ) -> CustodyRecord:
        """Take the headset with a passkey, which the caller has verified for this person and this browser.

        Raises:
            RefusedError: as :meth:`state`, or they may not hold it.
            ConflictError: where the headset stands does not fit.
        """
        headset = self._here(secret)
        who = self._ledger.person_for(headset, person)
        if who is None:
            raise nothing_here()
        return self._take(headset, who, Proof.PASSKEY, hand_over=hand_over, expected_at=expected_at)

    def give_back(self, secret: str) -> CustodyRecord:
        """Give the headset back; nobody has it from then on.

        Raises:
            RefusedError: as :meth:`state`.
            ConflictError: nobody has it.
        """
        headset = self._here(secret)
        return self._ledger.put(headset, Kind.IN, actor=_actor(headset))

    def found(self, secret: str, *, note: str = "") -> CustodyRecord:
        """Record that somebody found the headset.

        Raises:
            RefusedError, ConflictError: as :meth:`give_back`.
        """
        headset = self._here(secret)
        return self._ledger.put(headset, Kind.FOUND, actor=_actor(headset), note=note)

    # Within.

    def _take(
        self, headset: HeadsetFacts, who: Person, proof: Proof, *, hand_over: bool, expected_at: datetime | None
    ) -> CustodyRecord:
        return self._ledger.take(
            headset, who, actor=f"person:{who.upn}", proof=proof, hand_over=hand_over, expected_at=expected_at
        )

    def _here(self, secret: str) -> HeadsetFacts:
        row = self._pairings.paired(_sha256(secret), now=self._clock.now())
        found = self._store.headset(Scope.of(row.client), row.serial) if row is not None else None
        if row is None or found is None or found.serial != row.serial:
            raise RefusedError("this browser is not paired with a headset", mend="Have it paired again.")
        if found.lost:
            raise RefusedError(f"{found.serial} is marked lost")
        return found

    def _headset(self, principal: Principal, key: str, action: Action = Action.PAIR_HEADSET) -> HeadsetFacts:
        found = self._store.headset(principal.scope, key)
        client = found.client if found is not None else ""
        permit(principal, action, Target.of_client(client)).require()
        if found is None:
            raise NotFoundError("there is no such headset here")
        return found

    @staticmethod
    def _about(principal: Principal, headset: HeadsetFacts, act: str) -> AuditRecord:
        return AuditRecord(
            principal.actor, str(Action.PAIR_HEADSET), f"headset:{headset.serial}", headset.client, {"act": act}
        )


def _actor(headset: HeadsetFacts) -> str:
    return f"kiosk:{headset.serial}"


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
