"""Sign-in and API access (SECURITY WEB-1, CON-1, DEF-1).

Until passkeys and OpenID Connect are built no administrator is kept: each start of the server prints a one-time
link, which opens one session with every right, and the next start prints another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from holofleet.clock import Clock, render_utc
from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.access.secret import SecretKind, digest_of, is_well_formed, make_secret
from holofleet.server.access.store import AccessStore
from holofleet.server.access.values import (
    Grant,
    IssuedToken,
    NewSession,
    NewToken,
    OneTimeLink,
    OpenedSession,
    SessionRecord,
    TokenRecord,
)
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import (
    LOCAL_ADMIN,
    Action,
    Principal,
    PrincipalKind,
    Role,
    Scope,
    Target,
    permit,
)

COOKIE_NAME = "__Host-holofleet"
LINK_LIFE = timedelta(minutes=15)
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
FRESH = timedelta(minutes=5)
TOUCH_EVERY = timedelta(minutes=1)
TOKEN_LIFE = timedelta(days=90)
LONGEST_TOKEN_LIFE = timedelta(days=366)
_FIRST = Grant("one-time-link", frozenset({Role.ADMINISTRATOR}), Scope.every())
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")


class TokenRevocations(Protocol):
    """Revoked tokens outside the database, which a restored backup cannot forget (SECURITY D6)."""

    def token_revoked(self, digest: str) -> bool:
        """Whether the token with this digest was ever revoked."""
        ...

    def revoke_token(self, digest: str, clock: Clock) -> None:
        """Revoke it for ever, before the database is told."""
        ...


class AccessService:
    """Opens, checks and ends the access of people and programs."""

    def __init__(
        self,
        store: AccessStore,
        clock: Clock,
        *,
        cookie_key: bytes,
        epoch: int,
        revocations: TokenRevocations,
        local_token: str,
    ) -> None:
        """Take what is needed.

        Args:
            store: Keeps the digests.
            clock: The time.
            cookie_key: Makes the sessions' tokens against forged requests.
            epoch: Of the installation; sessions and links of another epoch are void.
            revocations: The list outside the database.
            local_token: The local administrator's token, new at each start; kept nowhere but in a private file.
        """
        self._store = store
        self._clock = clock
        self._cookie_key = cookie_key
        self._epoch = epoch
        self._revocations = revocations
        self._local = digest_of(local_token)

    # One-time link.

    def one_time_link(self) -> OneTimeLink:
        """Make the link that the start of the server prints; it voids every earlier one."""
        now, token = self._clock.now(), make_secret(SecretKind.LINK)
        self._store.replace_link(digest_of(token), at=now, expires_at=now + LINK_LIFE, epoch=self._epoch)
        return OneTimeLink(token, now + LINK_LIFE)

    def redeem(self, token: str) -> OpenedSession | None:
        """Use up a one-time link and open its one session; ``None`` if it opens nothing (any more).

        Only ever called for a POST: whatever previews a link must not use it up.
        """
        if not is_well_formed(token, SecretKind.LINK):
            return None
        new, opened = self.new_session(_FIRST)
        audit = AuditRecord(opened.principal.actor, str(Action.SIGN_IN), f"session:{new.id}")
        if not self._store.redeem_link(digest_of(token), new, at=new.opened_at, epoch=self._epoch, audit=audit):
            return None
        return opened

    # Web sessions.

    def session(self, cookie: str, *, touch: bool = True) -> Principal | None:
        """Return who a session cookie is, or ``None``: unknown, ended, idle for 30 minutes, or 12 hours old.

        Reads the database each time, so that a session that was ended counts at once. Without ``touch`` it does
        not count as use: a page that only listens must not keep its session from going idle.
        """
        if not is_well_formed(cookie, SecretKind.SESSION):
            return None
        found, now = self._store.session_by_digest(digest_of(cookie)), self._clock.now()
        if found is None or not self._stands(found):
            return None
        if touch and now - found.used_at >= TOUCH_EVERY:
            self._store.touch_session(found.id, at=now)
        return _person(found.id, found.grant, stale=not self._is_fresh(found))

    def new_session(self, grant: Grant) -> tuple[NewSession, OpenedSession]:
        """Return a session that is not stored yet, and what its browser gets once it is."""
        now, cookie, session_id = self._clock.now(), make_secret(SecretKind.SESSION), uuid.uuid4().hex
        new = NewSession(session_id, digest_of(cookie), grant, now, now + ABSOLUTE, self._epoch)
        return new, OpenedSession(cookie, _person(session_id, grant), new.ends_at)

    def csrf_token(self, cookie: str) -> str:
        """Return the token that forms and scripts of this session send with every change."""
        return hmac.new(self._cookie_key, f"csrf\x00{cookie}".encode(), hashlib.sha256).hexdigest()

    def csrf_matches(self, cookie: str, shown: str) -> bool:
        """Whether a token is the one of this session."""
        return hmac.compare_digest(self.csrf_token(cookie).encode(), shown.encode(errors="surrogatepass"))

    def sign_out(self, cookie: str) -> None:
        """End the session of a cookie; an unknown one is no error."""
        principal = self.session(cookie)
        if principal is not None:
            self._end(principal, Action.SIGN_OUT, principal.id)

    def sessions(self, principal: Principal) -> tuple[SessionRecord, ...]:
        """Return the sessions that stand now, newest first.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_SESSIONS, Target.installation()).require()
        return self.standing_sessions()

    def standing_sessions(self) -> tuple[SessionRecord, ...]:
        """Return the sessions that stand now, for other rooms of the server, which show each only their part."""
        return tuple(found for found in self._store.sessions() if self._stands(found))

    def end_own_session(self, principal: Principal, session_id: str) -> None:
        """End a session of the principal's own, which the caller has made sure of; an ended one is no error."""
        self._end(principal, Action.SIGN_OUT, session_id)

    def revoke_session(self, principal: Principal, session_id: str) -> None:
        """End a session; it stops at its next request.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such session runs.
        """
        permit(principal, Action.REVOKE_SESSION, Target.installation()).require()
        if not self._end(principal, Action.REVOKE_SESSION, session_id):
            raise NotFoundError("there is no such session")

    # API tokens.

    def issue_token(
        self,
        principal: Principal,
        name: str,
        roles: Iterable[Role],
        *,
        clients: Iterable[str] | None = None,
        sites: Iterable[str] | None = None,
        deployments: Iterable[str] | None = None,
        expires: timedelta = TOKEN_LIFE,
    ) -> IssuedToken:
        """Make an API token. Its text is shown here and never again.

        Args:
            principal: The maker; the token gets no more than he has.
            name: For the record, unique among living tokens: lower-case letters, digits, ``.``, ``_``, ``-``.
            roles: At least one.
            clients: The clients it may see; ``None`` for every client.
            sites: The sites it is limited to; ``None`` for none in particular.
            deployments: The deployments it is limited to; ``None`` for none in particular.
            expires: Its life, at most 366 days.

        Raises:
            RefusedError: the principal may not, or has less than he would give.
            InputError: a name, roles or a life outside the limits.
            ConflictError: a living token has this name.
        """
        permit(principal, Action.ISSUE_TOKEN, Target.installation()).require()
        part = [None if names is None else frozenset(names) for names in (clients, sites, deployments)]
        grant = Grant(name, frozenset(roles), Scope(*part))
        _require_sound(grant, expires)
        if not principal.scope.covers(grant.scope) or not _may_give(principal, grant.roles):
            raise RefusedError("a token cannot have more rights than its maker")
        now, token = self._clock.now(), make_secret(SecretKind.TOKEN)
        new = NewToken(uuid.uuid4().hex, digest_of(token), grant, principal.actor, now, now + expires)
        data = {
            "name": name,
            "roles": sorted(grant.roles),
            **grant.scope.names(),
            "expires_at": render_utc(new.expires_at),
        }
        audit = AuditRecord(principal.actor, str(Action.ISSUE_TOKEN), f"token:{new.id}", data=data)
        self._store.add_token(new, audit)
        return IssuedToken(new.id, token, grant, new.expires_at)

    def tokens(self, principal: Principal) -> tuple[TokenRecord, ...]:
        """Return all tokens, newest first.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_TOKENS, Target.installation()).require()
        return self._store.tokens()

    def revoke_token(self, principal: Principal, token_id: str) -> None:
        """Revoke a token for ever; doing it twice is no error.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such token.
        """
        permit(principal, Action.REVOKE_TOKEN, Target.installation()).require()
        found = next((token for token in self._store.tokens() if token.id == token_id), None)
        if found is None:
            raise NotFoundError("there is no such token")
        self._revocations.revoke_token(found.digest, self._clock)
        audit = AuditRecord(principal.actor, str(Action.REVOKE_TOKEN), f"token:{token_id}")
        self._store.revoke_token(token_id, at=self._clock.now(), audit=audit)

    def principal_of_token(self, text: str) -> Principal | None:
        """Return who a bearer token is, or ``None``. The local administrator's token is one too."""
        digest = digest_of(text)
        if hmac.compare_digest(digest, self._local):
            return LOCAL_ADMIN
        if not is_well_formed(text):
            return None
        found = self._store.token_by_digest(digest)
        if found is None or found.revoked_at is not None or self._clock.now() >= found.expires_at:
            return None
        if self._revocations.token_revoked(digest):
            return None
        return Principal(PrincipalKind.TOKEN, found.grant.name, found.grant.roles, found.grant.scope, found.id)

    def _is_fresh(self, session: SessionRecord) -> bool:
        return session.person is None or self._clock.now() - session.person.proved_at < FRESH

    def _stands(self, session: SessionRecord) -> bool:
        now = self._clock.now()
        return (
            session.ended_at is None
            and not (session.person is not None and session.person.left)
            and session.epoch == self._epoch
            and now < session.ends_at
            and now - session.used_at < IDLE
        )

    def _end(self, principal: Principal, action: Action, session_id: str) -> bool:
        audit = AuditRecord(principal.actor, str(action), f"session:{session_id}")
        return self._store.end_session(session_id, at=self._clock.now(), audit=audit)


def _person(session_id: str, grant: Grant, *, stale: bool = False) -> Principal:
    return Principal(PrincipalKind.PERSON, grant.name, grant.roles, grant.scope, session_id, stale)


def _may_give(principal: Principal, roles: frozenset[Role]) -> bool:
    return Role.ADMINISTRATOR in principal.roles or roles <= principal.roles


def _require_sound(grant: Grant, expires: timedelta) -> None:
    if not _NAME.match(grant.name):
        raise InputError(
            f"not a name for a token: {grant.name!r}",
            mend="Use lower-case letters, digits, dot, underscore and hyphen, at most 63.",
        )
    if not grant.roles:
        raise InputError("a token without a role could do nothing", mend=f"Give one of: {', '.join(Role)}.")
    if not timedelta(minutes=1) <= expires <= LONGEST_TOKEN_LIFE:
        raise InputError("a token lives 1 minute to 366 days", mend="Issue a new one when it is needed.")
