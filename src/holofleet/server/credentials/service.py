"""Issuing and verifying enrollment credentials (SECURITY ENR-3)."""

from __future__ import annotations

import hmac
import uuid
from datetime import timedelta

from holofleet.clock import Clock, render_utc
from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, permit
from holofleet.server.credentials.credential import (
    Credential,
    CredentialRefusedError,
    IssuedCredential,
    NewCredential,
    Refusal,
)
from holofleet.server.credentials.password import (
    digest,
    is_username,
    make_password,
    make_username,
    normal_username,
)
from holofleet.server.credentials.store import CredentialStore

DEFAULT_LIFE = timedelta(hours=24)
LONGEST_LIFE = timedelta(days=30)
MOST_USES = 10_000
FAILURES = 10
FAILURE_WINDOW = timedelta(minutes=10)
PAUSE = timedelta(minutes=15)


class CredentialService:
    """Makes credentials and says whether one that is shown is good."""

    def __init__(self, store: CredentialStore, clock: Clock, *, key: bytes, epoch: int) -> None:
        """Take the store, the clock, the key of the digests and the installation's epoch."""
        self._store = store
        self._clock = clock
        self._key = key
        self._epoch = epoch

    def issue(
        self, principal: Principal, deployment: str, *, uses: int = 1, expires: timedelta = DEFAULT_LIFE
    ) -> IssuedCredential:
        """Make a credential for ``uses`` headsets of a deployment. Its password is shown here and never again.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such deployment for this principal.
            InputError: uses or life outside their limits (1 to 10,000 uses, 1 minute to 30 days).
        """
        client = self._store.client_of_deployment(principal.scope, deployment)
        if client is None:
            permit(principal, Action.ISSUE_CREDENTIAL, Target.of_client("")).require()
            raise NotFoundError(
                f"no deployment {deployment!r}", mend="Publish the fleet file that names it first."
            )
        permit(principal, Action.ISSUE_CREDENTIAL, Target.of_client(client)).require()
        if client is not None and principal.scope.sites is not None:
            raise RefusedError(
                "a credential opens a whole deployment", detail=f"{principal.actor} is limited to sites"
            )
        if not 1 <= uses <= MOST_USES:
            raise InputError(f"a credential is for 1 to {MOST_USES} headsets, not {uses}")
        if not timedelta(minutes=1) <= expires <= LONGEST_LIFE:
            raise InputError("a credential lives 1 minute to 30 days", mend="Issue a new one when it is needed.")
        now, username, password = self._clock.now(), make_username(deployment), make_password()
        if not is_username(username):
            raise InputError(
                f"no user name can be made for a deployment called {deployment!r}",
                mend="Rename it: lower-case letters, digits and hyphens.",
            )
        new = NewCredential(
            id=uuid.uuid4().hex,
            client=client,
            deployment=deployment,
            username=username,
            digest=digest(self._key, username, password),
            uses=uses,
            created_at=now,
            expires_at=now + expires,
            epoch=self._epoch,
            actor=principal.actor,
        )
        data = {"deployment": deployment, "uses": uses, "expires_at": render_utc(new.expires_at)}
        self._store.add(new, self._record(principal, Action.ISSUE_CREDENTIAL, new.id, client, data))
        return IssuedCredential(new.id, username, password, deployment, client, uses, new.expires_at)

    def listed(self, principal: Principal) -> tuple[Credential, ...]:
        """Return the credentials that the principal may see, newest first.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_CREDENTIALS, Target.installation()).require()
        return self._store.listed(principal.scope)

    def revoke(self, principal: Principal, credential_id: str) -> None:
        """Revoke a credential; doing it twice is no error.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such credential for this principal.
        """
        found = self._store.get(principal.scope, credential_id)
        permit(principal, Action.REVOKE_CREDENTIAL, Target.of_client(found.client if found else "")).require()
        if found is None:
            raise NotFoundError("there is no such credential")
        audit = self._record(principal, Action.REVOKE_CREDENTIAL, found.id, found.client, {})
        self._store.revoke(principal.scope, found.id, at=self._clock.now(), audit=audit)

    def verify(self, username: str, password: str) -> Credential:
        """Return the credential that user name and password prove.

        Unknown user names cost no write. Ten wrong passwords in ten minutes pause a credential for fifteen.
        Whether a use is left is not judged here: a headset that lost its answer may come again.

        Raises:
            CredentialRefusedError: wrong, paused, revoked, void or expired.
        """
        shown = digest(self._key, username, password)
        name = normal_username(username)
        found = self._store.by_username(name) if is_username(name) else None
        matches = hmac.compare_digest(found.digest if found else "0" * len(shown), shown)
        if found is None:
            raise CredentialRefusedError(Refusal.WRONG)
        now = self._clock.now()
        if found.paused_until is not None and now < found.paused_until:
            raise CredentialRefusedError(Refusal.PAUSED)
        if not matches:
            self._store.count_failure(found.id, at=now, window=FAILURE_WINDOW, limit=FAILURES, pause=PAUSE)
            raise CredentialRefusedError(Refusal.WRONG)
        refusal = found.refusal(now, self._epoch)
        if refusal is not None:
            raise CredentialRefusedError(refusal)
        return found

    @staticmethod
    def _record(
        principal: Principal, action: Action, credential_id: str, client: str, data: dict[str, object]
    ) -> AuditRecord:
        return AuditRecord(principal.actor, str(action), f"credential:{credential_id}", client, data)
