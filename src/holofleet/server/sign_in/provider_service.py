"""Signing in at an OpenID provider: the attempt on our side, and what is made of the provider's word (DIR-1)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from holofleet.clock import Clock
from holofleet.errors import PeerError
from holofleet.server.access.service import FRESH
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal
from holofleet.server.sign_in.attempts import Handle
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.provider import OpenIDProvider
from holofleet.server.sign_in.steps import Finished, Receiver, SignInSteps
from holofleet.server.sign_in.store import SignInStore
from holofleet.server.sign_in.tokens import IdentityClaims
from holofleet.server.sign_in.values import Attempt, LinkedIdentity, Method, Proof, Purpose

FRESH_SKEW = timedelta(seconds=60)
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt under way: ``handle`` goes into the browser's cookie."""

    handle: Handle = field(repr=False)
    address: str = ""


class ProviderService:
    """Begins and finishes sign-ins at one provider."""

    def __init__(self, steps: SignInSteps, store: SignInStore, provider: OpenIDProvider, clock: Clock) -> None:
        self._steps = steps
        self._store = store
        self._provider = provider
        self._clock = clock

    @property
    def label(self) -> str:
        """What people call the provider."""
        return self._provider.settings.label

    def begin(
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
            PeerError: it cannot be asked.
        """
        provider = self._provider
        handle = self._steps.begin(purpose, Method.OIDC, back=back, receiver=receiver, principal=principal)
        address = provider.authorization_url(
            redirect_uri=redirect_uri,
            state=handle.state,
            nonce=handle.nonce,
            challenge=handle.verifier_challenge,
            fresh=purpose is Purpose.FRESH,
        )
        return Begun(handle, address)

    def finish(
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
        """
        provider = self._provider
        handle, attempt = self._steps.take(cookie, Method.OIDC, session_id)
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
            return self._steps.add_factor(attempt, factor, proof, browser)
        holder = self._store.holder_of_identity(*identity)
        if attempt.purpose is Purpose.FRESH:
            return self._steps.prove_again(attempt, holder, proof)
        person_id = holder or self._new_account(claims)
        # Without the provider's word on when they signed in there, they have not just done it.
        proved_at = min(claims.signed_in_at or now - FRESH, now)
        proved = Proof(Method.OIDC, proved_at, identity=identity)
        return Finished(self._steps.open_session(person_id, proved, browser), attempt.back)

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
