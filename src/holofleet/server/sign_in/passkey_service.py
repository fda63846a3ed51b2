"""Making passkeys, and signing in with them.

Passkeys are discoverable: the authenticator says whose it is, and nobody types a name (SECURITY DIR-2).
"""

from __future__ import annotations

import hashlib

from holofleet.clock import Clock
from holofleet.server.authorization import Principal
from holofleet.server.sign_in.attempts import LIFE, Handle
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.passkeys import (
    Asked,
    Options,
    is_kept_by_device,
    judge_assertion,
    judge_registration,
    options_to_make,
    options_to_show,
    passkey_of,
)
from holofleet.server.sign_in.steps import Finished, Receiver, SignInSteps
from holofleet.server.sign_in.store import SignInStore
from holofleet.server.sign_in.values import Method, Passkey, Proof, Purpose

LONGEST_NAME = 60
_NOBODY_S_KEY = bytes.fromhex(
    "a5010203262001"
    "2158206b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "2258204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""The generator of P-256 as a COSE key: an answer of nobody's passkey costs what a known one costs (DIR-2)."""


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
        return handle, options_to_make(
            handle.challenge,
            rp_id=rp_id,
            user_id=hashlib.sha256((receiver.person_id or receiver.invitation).encode()).digest(),
            label=receiver.label,
            known=(passkey.id for passkey in known),
            life=LIFE,
        )

    def finish_making(
        self,
        cookie: str,
        said: str,
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
        passkey = Passkey(made.id, attempt.person_id, shown, made.public_key, made.uses, now)
        proof = Proof(Method.PASSKEY, now, passkey=made.id, uses=made.uses)
        return self._steps.add_factor(attempt, passkey, proof, browser)

    def begin_showing(
        self, purpose: Purpose, *, rp_id: str, back: str = "/", principal: Principal | None = None
    ) -> tuple[Handle, Options]:
        """Begin a sign-in, or a proof of being there; return the handle, and what the browser is asked (JSON)."""
        handle = self._steps.begin(purpose, Method.PASSKEY, back=back, principal=principal)
        holder = self._store.person_of_session(principal.id) if principal and purpose is Purpose.FRESH else None
        own = self._store.factors(holder).passkeys if holder else ()
        return handle, options_to_show(
            handle.challenge, rp_id=rp_id, own=(passkey.id for passkey in own), life=LIFE
        )

    def finish_showing(
        self,
        cookie: str,
        said: str,
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
        if attempt.purpose not in (Purpose.SIGN_IN, Purpose.FRESH):
            raise SignInFailedError(Why.ATTEMPT, "begun for something else")
        passkey, proof = self._judge(said, Asked(handle.challenge, origin, rp_id))
        if attempt.purpose is Purpose.FRESH:
            return self._steps.prove_again(attempt, passkey.person_id, proof)
        return Finished(self._steps.open_session(passkey.person_id, proof, browser), attempt.back)

    # On a headset: who takes it. Nobody is signed in by it.

    def begin_at_headset(self, pairing: str, *, rp_id: str) -> tuple[Handle, Options]:
        """Begin taking a headset in its paired browser; return the handle, and what the browser is asked (JSON).

        Args:
            pairing: Which pairing it is; what the browser answers counts in that one only.
            rp_id: For which name the passkeys of people were made.
        """
        handle = self._steps.begin_at_headset(pairing)
        return handle, options_to_show(handle.challenge, rp_id=rp_id, own=(), life=LIFE, carried=True)

    def finish_at_headset(
        self, cookie: str, said: str, *, pairing: str, origin: str, rp_id: str, any_kind: bool = False
    ) -> str:
        """Return who showed their passkey at a headset: the id of somebody who is here.

        Args:
            cookie: The handle.
            said: What the browser brought.
            pairing, origin, rp_id: Where it was asked.
            any_kind: Take passkeys too that the device itself keeps.

        Raises:
            SignInFailedError: it is nobody's passkey, not shown by this browser for this, or one that the headset
                keeps: whoever knows the PIN of a shared account could use it.
        """
        handle, attempt = self._steps.take(cookie, Method.PASSKEY, pairing)
        if attempt.purpose is not Purpose.TAKE:
            raise SignInFailedError(Why.ATTEMPT, "begun for something else")
        passkey, proof = self._judge(said, Asked(handle.challenge, origin, rp_id))
        if not any_kind and is_kept_by_device(said):
            raise SignInFailedError(Why.PASSKEY, "kept by the headset itself")
        if not self._store.note_used(passkey.person_id, proof):
            raise SignInFailedError(Why.LEFT)
        return passkey.person_id

    def _judge(self, said: str, asked: Asked) -> tuple[Passkey, Proof]:
        """Judge what an authenticator signed; nobody's passkey costs what a known one does (DIR-2)."""
        passkey = self._store.passkey(passkey_of(said))
        uses = judge_assertion(said, asked, public_key=passkey.public_key if passkey else _NOBODY_S_KEY)
        if passkey is None:
            raise SignInFailedError(Why.PASSKEY, "nobody's")
        return passkey, Proof(Method.PASSKEY, self._clock.now(), passkey=passkey.id, uses=uses)
