"""Making passkeys, and signing in with them.

Passkeys are discoverable: the authenticator says whose it is, and nobody types a name (SECURITY DIR-2).
"""

from __future__ import annotations

import hashlib
from typing import Any

from holofleet.clock import Clock
from holofleet.server.authorization import Principal
from holofleet.server.sign_in.attempts import LIFE, Handle
from holofleet.server.sign_in.encoding import to_base64url
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.passkeys import (
    ALGORITHMS,
    Asked,
    Assertion,
    Registration,
    judge_assertion,
    judge_registration,
)
from holofleet.server.sign_in.steps import Finished, Receiver, SignInSteps
from holofleet.server.sign_in.store import SignInStore
from holofleet.server.sign_in.values import Method, Passkey, Proof, Purpose

LONGEST_NAME = 60
Options = dict[str, Any]


class PasskeyService:
    """Begins and finishes what a browser does with passkeys."""

    def __init__(self, steps: SignInSteps, store: SignInStore, clock: Clock) -> None:
        self._steps = steps
        self._store = store
        self._clock = clock

    def begin_making(self, receiver: Receiver, *, rp_id: str, back: str = "/") -> tuple[Handle, Options]:
        """Begin a new passkey; return the handle for the cookie, and what the browser is asked (JSON)."""
        handle = self._steps.begin(Purpose.LINK, Method.PASSKEY, back=back, receiver=receiver)
        known = self._store.factors(receiver.person_id).passkeys if receiver.person_id else ()
        user = hashlib.sha256(f"{receiver.person_id or receiver.invitation}".encode()).digest()
        options: Options = {
            "challenge": handle.challenge,
            "rp": {"id": rp_id, "name": "holofleet"},
            "user": {"id": to_base64url(user), "name": receiver.label, "displayName": receiver.label},
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
            "timeout": int(LIFE.total_seconds() * 1000),
            "attestation": "none",
            "excludeCredentials": [{"type": "public-key", "id": passkey.id} for passkey in known],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        }
        return handle, options

    def finish_making(
        self,
        cookie: str,
        said: Registration,
        *,
        name: str,
        origin: str,
        rp_id: str,
        session_id: str = "",
        browser: str = "",
    ) -> Finished:
        """Keep a passkey that a browser made; whoever was invited is signed in with it.

        Raises:
            SignInFailedError: it is not what this browser was asked for.
        """
        handle, attempt = self._steps.take(cookie, Method.PASSKEY, session_id)
        if attempt.purpose is not Purpose.LINK:
            raise SignInFailedError(Why.ATTEMPT, "begun for something else")
        made = judge_registration(said, Asked(handle.challenge, origin, rp_id))
        now = self._clock.now()
        shown = "".join(c for c in name.strip() if c.isprintable())[:LONGEST_NAME] or "Passkey"
        passkey = Passkey(made.id, attempt.person_id, shown, made.public_key, made.algorithm, made.uses, now)
        proof = Proof(Method.PASSKEY, now, passkey=made.id, uses=made.uses)
        return self._steps.add_factor(attempt, passkey, proof, browser)

    def begin_showing(
        self, purpose: Purpose, *, rp_id: str, back: str = "/", principal: Principal | None = None
    ) -> tuple[Handle, Options]:
        """Begin a sign-in, or a proof of being there; return the handle, and what the browser is asked (JSON)."""
        handle = self._steps.begin(purpose, Method.PASSKEY, back=back, principal=principal)
        holder = self._store.person_of_session(principal.id) if principal and purpose is Purpose.FRESH else None
        own = self._store.factors(holder).passkeys if holder else ()
        options: Options = {
            "challenge": handle.challenge,
            "rpId": rp_id,
            "timeout": int(LIFE.total_seconds() * 1000),
            "userVerification": "required",
            "allowCredentials": [{"type": "public-key", "id": passkey.id} for passkey in own],
        }
        return handle, options

    def finish_showing(
        self,
        cookie: str,
        said: Assertion,
        *,
        origin: str,
        rp_id: str,
        session_id: str = "",
        browser: str = "",
    ) -> Finished:
        """Sign somebody in by a passkey, or note that they proved again to be there.

        Raises:
            SignInFailedError: it is nobody's passkey, or not shown by this browser for this.
        """
        handle, attempt = self._steps.take(cookie, Method.PASSKEY, session_id)
        passkey = self._store.passkey(said.id)
        if passkey is None or attempt.purpose is Purpose.LINK:
            raise SignInFailedError(Why.PASSKEY, "nobody's")
        asked = Asked(handle.challenge, origin, rp_id)
        uses = judge_assertion(said, asked, public_key=passkey.public_key, algorithm=passkey.algorithm)
        proof = Proof(Method.PASSKEY, self._clock.now(), passkey=passkey.id, uses=uses)
        if attempt.purpose is Purpose.FRESH:
            return self._steps.prove_again(attempt, passkey.person_id, proof)
        return Finished(self._steps.open_session(passkey.person_id, proof, browser), attempt.back)
