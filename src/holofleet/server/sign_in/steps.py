"""The steps that every way to sign in shares: begin, take up again, open a session, prove again, add a factor."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from holofleet.clock import Clock
from holofleet.errors import ConflictError, RefusedError
from holofleet.server.access import AccessService, Grant, OpenedSession
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal
from holofleet.server.directory import DirectoryService
from holofleet.server.sign_in.attempts import LIFE, Handle, new_handle, read_handle
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.store import SignInStore
from holofleet.server.sign_in.values import Attempt, LinkedIdentity, Method, Passkey, Proof, Purpose

LONGEST_BROWSER = 120
FACTOR_ADDED = "sign-in-factor-added"


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
class Finished:
    """An attempt that succeeded: the session that it opened, if any, and where to go on."""

    opened: OpenedSession | None
    back: str


class SignInSteps:
    """What is the same however somebody signs in."""

    def __init__(
        self, store: SignInStore, access: AccessService, directory: DirectoryService, clock: Clock, *, key: bytes
    ) -> None:
        """Take what is needed; from ``key`` the secrets of attempts derive."""
        self._store = store
        self._access = access
        self._directory = directory
        self._clock = clock
        self._attempt_key = key

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

    def begin_at_headset(self, pairing: str) -> Handle:
        """Keep a new attempt of the browser with this pairing to take its headset, and return its handle."""
        now, handle = self._clock.now(), new_handle(self._attempt_key)
        attempt = Attempt(handle.digest, Purpose.TAKE, Method.PASSKEY, now, now + LIFE, session_id=pairing)
        self._store.begin(attempt)
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


LONGEST_BACK = 4000
"""Characters of a path to come back to, with the input of a form."""


def own_path(back: str) -> str:
    """Return a path of ours: never another site's address, however it is written."""
    parts = urlsplit(back) if back.isascii() and back.isprintable() and "\\" not in back else None
    if parts is None or parts.scheme or parts.netloc or not back.startswith("/") or back.startswith("//"):
        return "/"
    return back if len(back) <= LONGEST_BACK else parts.path[:LONGEST_BACK]
