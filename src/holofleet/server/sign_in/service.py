"""Signing in with an OpenID provider or a recovery code, and what people see of their own sign-ins.

No step ever asks for a name: a provider, a passkey or a code says who it is, so that there is nothing by which
names could be tried out (SECURITY DIR-1, DIR-2). Passkeys stand in ``passkey_service.py``.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from holofleet.clock import Clock, render_utc
from holofleet.errors import ConflictError, InputError, NotFoundError, PeerError, RefusedError
from holofleet.server.access import AccessService, Grant, OpenedSession, SessionRecord, digest_of, is_well_formed
from holofleet.server.access.secret import SecretKind, make_secret
from holofleet.server.access.service import FRESH
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, PrincipalKind, Target, permit
from holofleet.server.directory import DirectoryService, Person
from holofleet.server.directory.text import is_user_principal_name
from holofleet.server.sign_in.attempts import LIFE, Handle, new_handle, read_handle
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.provider import OpenIDProvider
from holofleet.server.sign_in.recovery import COUNT, code_digest, make_code
from holofleet.server.sign_in.store import SignInStore
from holofleet.server.sign_in.tokens import IdentityClaims
from holofleet.server.sign_in.values import (
    Attempt,
    Factors,
    Invitation,
    LinkedIdentity,
    Method,
    Passkey,
    Proof,
    Purpose,
)

INVITATION_LIFE = timedelta(hours=24)
FRESH_SKEW = timedelta(seconds=60)
LONGEST_BROWSER = 120
LONGEST_NAME = 100
FACTOR_ADDED = "sign-in-factor-added"
FACTOR_REMOVED = "sign-in-factor-removed"


@dataclass(frozen=True, slots=True)
class Receiver:
    """For whom a new factor is: who is signed in, whom an invitation names, or the first administrator.

    Args:
        label: What people call them.
        invitation: Digest of the invitation or one-time link; empty for who is signed in.
        upn: Only for the first administrator, who is made with the factor.
    """

    label: str
    person_id: str = ""
    session_id: str = ""
    invitation: str = ""
    upn: str = ""
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt under way: ``handle`` goes into the browser's cookie."""

    handle: Handle = field(repr=False)
    address: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt that succeeded: the session that it opened, if any, and where to go on."""

    opened: OpenedSession | None
    back: str


class SignInService:
    """Begins and finishes sign-ins."""

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
        self._attempt_key = hmac.new(key, b"attempts", hashlib.sha256).digest()
        self._code_key = hmac.new(key, b"recovery codes", hashlib.sha256).digest()
        self.provider = provider

    @property
    def is_opened_up(self) -> bool:
        """Whether an administrator can sign in, so that no one-time link is needed (SECURITY DEF-1)."""
        return self._store.somebody_administers()

    # OpenID Connect.

    def begin_at_provider(
        self,
        purpose: Purpose,
        *,
        redirect_uri: str,
        back: str = "/",
        receiver: Receiver | None = None,
        principal: Principal | None = None,
    ) -> Begun:
        """Begin a sign-in at the provider.

        Args:
            purpose: What for.
            redirect_uri: Where the provider sends the browser afterwards.
            back: A path of ours to go on to.
            receiver: Who gets the sign-in, to link one.
            principal: Whose session it is, to prove again.

        Raises:
            NotFoundError: there is no provider.
            PeerError: it cannot be asked.
        """
        provider = self._the_provider()
        handle = self.begin(purpose, Method.OIDC, back=back, receiver=receiver, principal=principal)
        address = provider.authorization_url(
            redirect_uri=redirect_uri,
            state=handle.state,
            nonce=handle.nonce,
            challenge=handle.verifier_challenge,
            fresh=purpose is Purpose.FRESH,
        )
        return Begun(handle, address)

    def finish_at_provider(
        self,
        cookie: str,
        *,
        state: str,
        code: str,
        issuer: str | None,
        redirect_uri: str,
        session_id: str = "",
        browser: str = "",
    ) -> Finished:
        """Take the provider's answer.

        Raises:
            SignInFailedError: it is not the answer to what this browser asked, or no good one.
            NotFoundError: there is no provider.
        """
        provider = self._the_provider()
        handle, attempt = self.take(cookie, Method.OIDC, session_id)
        if not hmac.compare_digest(state.encode(errors="replace"), handle.state.encode()):
            raise SignInFailedError(Why.STATE)
        try:
            provider.check_issuer(issuer)
        except PeerError as error:
            raise SignInFailedError(Why.EXCHANGE, error.summary) from error
        if not code or len(code) > 4096:
            raise SignInFailedError(Why.DENIED)
        claims = provider.identify(
            code=code,
            verifier=handle.verifier,
            redirect_uri=redirect_uri,
            nonce=handle.nonce,
            fresh_since=attempt.created_at - FRESH_SKEW if attempt.purpose is Purpose.FRESH else None,
        )
        return self._go_on(attempt, claims, browser)

    def _go_on(self, attempt: Attempt, claims: IdentityClaims, browser: str) -> Finished:
        now = self._clock.now()
        identity = (claims.issuer, claims.subject)
        proof = Proof(Method.OIDC, now, identity=identity)
        if attempt.purpose is Purpose.LINK:
            factor = LinkedIdentity(*identity, person_id="", linked_at=now)
            return self.add_factor(attempt, factor, proof, browser)
        holder = self._store.holder_of_identity(*identity)
        if attempt.purpose is Purpose.FRESH:
            return self.prove_again(attempt, holder, proof)
        person_id = holder or self._new_account(claims)
        # Without the provider's word on when they signed in there, they have not just done it.
        proved_at = min(claims.signed_in_at or now - FRESH, now)
        proved = Proof(Method.OIDC, proved_at, identity=identity)
        return Finished(self.open_session(person_id, proved, browser), attempt.back)

    def _new_account(self, claims: IdentityClaims) -> str:
        """Make somebody new, without any role, under a name that nobody could take for somebody else's."""
        now = self._clock.now()
        digest = hashlib.sha256(f"{claims.issuer}\x00{claims.subject}".encode()).hexdigest()[:20]
        host = (urlsplit(claims.issuer).hostname or "unknown").casefold()
        upn, label = f"{digest}@{host}", "".join(c for c in claims.display_name if c.isprintable())[:LONGEST_NAME]
        identity = LinkedIdentity(claims.issuer, claims.subject, person_id="", linked_at=now)
        audit = AuditRecord(
            f"person:{upn}", str(Action.CHANGE_PEOPLE), "person:", "own", {"act": "first sign-in"}, {"upn": upn}
        )
        return self._store.add_account(upn, label, identity, at=now, audit=audit)

    def _the_provider(self) -> OpenIDProvider:
        if self.provider is None:
            raise NotFoundError("there is no OpenID provider")
        return self.provider

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
        return self.open_session(holder, Proof(Method.RECOVERY, self._clock.now(), code=digest), browser)

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
        if not self._access.is_fresh(principal):
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

    # Steps that OpenID Connect and passkeys share.

    def begin(
        self,
        purpose: Purpose,
        method: Method,
        *,
        back: str = "/",
        receiver: Receiver | None = None,
        principal: Principal | None = None,
    ) -> Handle:
        """Keep a new attempt and return its handle.

        Raises:
            RefusedError: it is to prove again, and nobody is signed in.
        """
        now, handle = self._clock.now(), new_handle(self._attempt_key)
        person_id, session_id = (receiver.person_id, receiver.session_id) if receiver else ("", "")
        if purpose is Purpose.FRESH:
            holder = self._store.person_of_session(principal.id) if principal is not None else None
            if principal is None or holder is None:
                raise RefusedError("there is nobody who could prove it again")
            person_id, session_id = holder, principal.id
        self._store.begin(
            Attempt(
                digest=handle.digest,
                purpose=purpose,
                method=method,
                created_at=now,
                expires_at=now + LIFE,
                session_id=session_id,
                person_id=person_id,
                invitation=receiver.invitation if receiver else "",
                upn=receiver.upn if receiver else "",
                display_name=receiver.display_name if receiver else "",
                back=own_path(back),
            )
        )
        return handle

    def take(self, cookie: str, method: Method, session_id: str) -> tuple[Handle, Attempt]:
        """Use up the attempt of a browser, in the session in which it was begun.

        Raises:
            SignInFailedError: there is none, or it was begun otherwise.
        """
        handle = read_handle(cookie, self._attempt_key)
        attempt = self._store.take(handle.digest, at=self._clock.now()) if handle is not None else None
        if handle is None or attempt is None or attempt.method is not method:
            raise SignInFailedError(Why.ATTEMPT)
        if attempt.session_id and attempt.session_id != session_id:
            raise SignInFailedError(Why.ATTEMPT, "another session")
        return handle, attempt

    def open_session(self, person_id: str, proof: Proof, browser: str) -> OpenedSession:
        """Open a new session for somebody.

        Raises:
            SignInFailedError: they left, or the proof is void.
        """
        rights = self._directory.rights(person_id)
        if rights is None:
            raise SignInFailedError(Why.LEFT)
        new, opened = self._access.new_session(Grant(rights.upn, rights.roles, rights.scope))
        audit = AuditRecord(
            opened.principal.actor, str(Action.SIGN_IN), f"session:{new.id}", "", {"method": str(proof.method)}
        )
        shown = "".join(c for c in browser if c.isprintable())[:LONGEST_BROWSER]
        if not self._store.open_session(new, person_id, proof, browser=shown, audit=audit):
            raise SignInFailedError(Why.LEFT)
        return opened

    def prove_again(self, attempt: Attempt, holder: str | None, proof: Proof) -> Finished:
        """Note that somebody proved again to be there.

        Raises:
            SignInFailedError: it was somebody else.
        """
        rights = self._directory.rights(attempt.person_id)
        if holder != attempt.person_id or rights is None:
            raise SignInFailedError(Why.SOMEBODY_ELSE)
        audit = AuditRecord(
            f"person:{rights.upn}",
            str(Action.SIGN_IN),
            f"session:{attempt.session_id}",
            "",
            {"act": "proved again", "method": str(proof.method)},
        )
        if not self._store.prove_again(attempt.session_id, attempt.person_id, proof, audit=audit):
            raise SignInFailedError(Why.SOMEBODY_ELSE)
        return Finished(None, attempt.back)

    def add_factor(
        self, attempt: Attempt, factor: Passkey | LinkedIdentity, proof: Proof, browser: str
    ) -> Finished:
        """Give somebody a factor; whoever was invited is signed in with it at once.

        Raises:
            SignInFailedError: the invitation is void, or the factor is somebody's already.
        """
        now = self._clock.now()
        rights = self._directory.rights(attempt.person_id) if attempt.person_id else None
        audit = AuditRecord(
            f"person:{rights.upn}" if rights is not None else f"person:{attempt.upn}",
            FACTOR_ADDED,
            "person:",
            "",
            {"method": str(attempt.method), "invited": bool(attempt.invitation)},
        )
        try:
            person_id = self._store.add_factor(attempt, factor, at=now, audit=audit)
        except ConflictError as error:
            raise SignInFailedError(Why.TAKEN, error.summary) from error
        if person_id is None:
            raise SignInFailedError(Why.INVITATION)
        if attempt.session_id:
            return Finished(None, attempt.back)
        return Finished(self.open_session(person_id, proof, browser), attempt.back)


def own_path(back: str) -> str:
    """Return a path of ours: never another site's address, however it is written."""
    parts = urlsplit(back) if back.isascii() and back.isprintable() and "\\" not in back else None
    if parts is None or parts.scheme or parts.netloc or not back.startswith("/") or back.startswith("//"):
        return "/"
    return back[:1000]
