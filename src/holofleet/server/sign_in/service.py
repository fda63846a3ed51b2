"""Recovery codes, people's own factors and sessions, invitations and the first administrator.

No step ever asks for a name: a provider, a passkey or a code says who it is, so that there is nothing by which
names could be tried out (SECURITY DIR-1, DIR-2). The ways to sign in stand in
``provider_service.py`` and ``passkey_service.py``, what they share in ``steps.py``.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from holofleet.clock import Clock, render_utc
from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.access import AccessService, OpenedSession, SessionRecord, digest_of, is_well_formed
from holofleet.server.access.secret import SecretKind, make_secret
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, PrincipalKind, Target, permit
from holofleet.server.directory import DirectoryService, Person
from holofleet.server.directory.text import is_user_principal_name
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.failures import SignInFailures
from holofleet.server.sign_in.passkey_service import PasskeyService
from holofleet.server.sign_in.provider import OpenIDProvider
from holofleet.server.sign_in.provider_service import ProviderService
from holofleet.server.sign_in.recovery import COUNT, code_digest, make_code
from holofleet.server.sign_in.steps import Receiver, SignInSteps
from holofleet.server.sign_in.store import SignInStore
from holofleet.server.sign_in.values import (
    Factors,
    Invitation,
    Method,
    Proof,
)

INVITATION_LIFE = timedelta(hours=24)
FRESH_SKEW = timedelta(seconds=60)
LONGEST_BROWSER = 120
LONGEST_NAME = 100
FACTOR_ADDED = "sign-in-factor-added"
FACTOR_REMOVED = "sign-in-factor-removed"


class SignInService:
    """Signing in, as the web side sees it: ``passkeys``, ``at_provider`` (if any), ``failures``, the rest here."""

    def __init__(
        self,
        store: SignInStore,
        access: AccessService,
        directory: DirectoryService,
        clock: Clock,
        *,
        key: bytes,
        provider: OpenIDProvider | None = None,
    ) -> None:
        """Take what is needed.

        Args:
            store: Keeps factors and attempts.
            access: Makes sessions.
            directory: Knows the people.
            clock: The time.
            key: From which attempts and digests of codes derive: the pepper, kept outside the database.
            provider: The OpenID provider, if the operator named one.
        """
        self._store = store
        self._access = access
        self._directory = directory
        self._clock = clock
        steps = SignInSteps(
            store, access, directory, clock, key=hmac.new(key, b"attempts", hashlib.sha256).digest()
        )
        self._steps = steps
        self._code_key = hmac.new(key, b"recovery codes", hashlib.sha256).digest()
        failures_key = hmac.new(key, b"sign-in failures", hashlib.sha256).digest()
        self.failures = SignInFailures(store, clock, key=failures_key)
        self.passkeys = PasskeyService(steps, store, clock)
        self.at_provider = None if provider is None else ProviderService(steps, store, provider, clock)

    @property
    def is_opened_up(self) -> bool:
        """Whether an administrator can sign in, so that no one-time link is needed (SECURITY DEF-1)."""
        return self._store.somebody_administers()

    # Recovery codes.

    def use_code(self, typed: str, *, browser: str = "") -> OpenedSession:
        """Open a session with a recovery code, which is used up.

        Raises:
            SignInFailedError: it is nobody's, or used.
        """
        digest = code_digest(typed, self._code_key) or "0" * 64
        holder = self._store.holder_of_code(digest)
        if holder is None:
            raise SignInFailedError(Why.CODE)
        return self._steps.open_session(holder, Proof(Method.RECOVERY, self._clock.now(), code=digest), browser)

    def new_codes(self, principal: Principal) -> tuple[str, ...]:
        """Give somebody ten new recovery codes, shown now and never again; the old ones are void.

        Raises:
            RefusedError: this is no person, or they did not prove within five minutes that they are there.
        """
        person_id = self._self_now(principal)
        codes = tuple(make_code() for _ in range(COUNT))
        digests = tuple(digest for code in codes if (digest := code_digest(code, self._code_key)) is not None)
        audit = AuditRecord(principal.actor, "recovery-codes-made", f"person:{person_id}")
        self._store.replace_codes(person_id, digests, at=self._clock.now(), audit=audit)
        return codes

    # Factors of who is signed in.

    def factors(self, principal: Principal) -> Factors:
        """Return how somebody can sign in; nothing for the session of a one-time link."""
        person_id = self._store.person_of_session(principal.id)
        return Factors() if person_id is None else self._store.factors(person_id)

    def receiver_of(self, principal: Principal) -> Receiver:
        """Return who is signed in, as the one who gets another factor.

        Raises:
            RefusedError: this is no person, or they did not prove within five minutes that they are there.
        """
        return Receiver(principal.name, person_id=self._self_now(principal), session_id=principal.id)

    def remove_factor(self, principal: Principal, key: str) -> None:
        """Remove a passkey or a provider's sign-in; all other sessions end.

        Raises:
            RefusedError: as :meth:`receiver_of`.
            NotFoundError: there is none of this id.
            ConflictError: it is the last one.
        """
        person_id = self._self_now(principal)
        audit = AuditRecord(principal.actor, FACTOR_REMOVED, f"person:{person_id}")
        if not self._store.remove_factor(person_id, key, keep=principal.id, at=self._clock.now(), audit=audit):
            raise NotFoundError("there is no such passkey or sign-in")

    def _self_now(self, principal: Principal) -> str:
        person_id = self._store.person_of_session(principal.id) if principal.id else None
        if principal.kind is not PrincipalKind.PERSON or person_id is None:
            raise RefusedError("this session is nobody's", mend="Sign in as somebody first.")
        if principal.stale:
            raise RefusedError("show first that it is you", mend="Prove it again, then repeat this.")
        return person_id

    # Sessions of people.

    def own_sessions(self, principal: Principal) -> tuple[SessionRecord, ...]:
        """Return the sessions of whoever asks, newest first."""
        return tuple(
            known
            for known in self._access.standing_sessions()
            if known.id == principal.id or (known.person is not None and known.grant.name == principal.name)
        )

    def end_session(self, principal: Principal, session_id: str) -> None:
        """End a session: one's own, or anybody's for who may.

        Raises:
            NotFoundError: there is none, or it is not theirs to end.
        """
        if any(known.id == session_id for known in self.own_sessions(principal)):
            self._access.end_own_session(principal, session_id)
            return
        if not permit(principal, Action.REVOKE_SESSION, Target.installation()).allowed:
            raise NotFoundError("there is no such session")
        self._access.revoke_session(principal, session_id)

    # Invitations and the first administrator.

    def invite(self, principal: Principal, key: str) -> tuple[Person, str]:
        """Make the link with which somebody of the directory gets a first way, or a new way, to sign in.

        It is for one person, once, 24 hours; a newer one and every change of their sign-ins void it.

        Raises:
            RefusedError: the principal may not, or has less than that person.
            NotFoundError: nobody here.
        """
        person = self._directory.person(principal, key)
        permit(principal, Action.GRANT_ROLE, Target.of_client(person.client)).require()
        if not person.active:
            raise NotFoundError("there is nobody of this name here")
        if not principal.scope.covers(person.scope):
            raise RefusedError("nobody invites somebody who sees more than they do")
        now, token = self._clock.now(), make_secret(SecretKind.INVITATION)
        made = Invitation(digest_of(token), person.id, principal.actor, now, now + INVITATION_LIFE)
        audit = AuditRecord(
            principal.actor,
            str(Action.GRANT_ROLE),
            f"person:{person.id}",
            person.client,
            {"act": "invite", "expires_at": render_utc(made.expires_at)},
        )
        self._store.invite(made, audit=audit)
        return person, token

    def receiver_of_token(self, token: str, *, upn: str = "", display_name: str = "") -> Receiver:
        """Return whom an invitation or the one-time link of the start is for; uses nothing up.

        Args:
            token: Of the link.
            upn, display_name: Of the first administrator, for the link of the start.

        Raises:
            SignInFailedError: it opens nothing (any more).
            InputError: a name that cannot be, for the first administrator.
        """
        now = self._clock.now()
        if is_well_formed(token, SecretKind.LINK):
            if self._store.somebody_administers() or not self._store.link_stands(digest_of(token), at=now):
                raise SignInFailedError(Why.INVITATION)
            name = upn.strip().casefold()
            if not is_user_principal_name(name):
                raise InputError("a name to sign in with is needed", mend="Write it as ana@contoso.com.")
            label = "".join(c for c in display_name.strip() if c.isprintable())[:LONGEST_NAME]
            return Receiver(label or name, invitation=digest_of(token), upn=name, display_name=label or name)
        found = (
            self._store.invited(digest_of(token), at=now) if is_well_formed(token, SecretKind.INVITATION) else None
        )
        rights = None if found is None else self._directory.rights(found.person_id)
        if found is None or rights is None:
            raise SignInFailedError(Why.INVITATION)
        return Receiver(rights.upn, person_id=found.person_id, invitation=found.digest)

    def is_first_link(self, token: str) -> bool:
        """Whether a token is the one-time link of the start and would make the first administrator now."""
        return (
            is_well_formed(token, SecretKind.LINK)
            and not self._store.somebody_administers()
            and self._store.link_stands(digest_of(token), at=self._clock.now())
        )
