"""Tokens, sessions and links as values. ``digest``: SHA-256 of a secret; the secrets are shown once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from holofleet.server.authorization import Principal, Role, Scope


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token or a session gives: a name for the record, roles, and the clients that are seen."""

    name: str
    roles: frozenset[Role]
    scope: Scope


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token about to be stored."""

    id: str
    digest: str
    grant: Grant
    maker: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A stored token."""

    id: str
    digest: str = field(repr=False)
    grant: Grant
    maker: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token as its maker sees it, once."""

    id: str
    token: str = field(repr=False)
    grant: Grant
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """A web session about to be stored. ``ends_at``: its end however busy it is."""

    id: str
    digest: str
    grant: Grant
    opened_at: datetime
    ends_at: datetime
    epoch: int


@dataclass(frozen=True, slots=True)
class SessionPerson:
    """Whose a session is, and how they proved it; ``proved_at``: when they last did.

    ``left``: they are not here any more, so their session opens nothing.
    """

    id: str
    method: str
    proved_at: datetime
    browser: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A stored web session. ``used_at`` is exact to a minute.

    The grant of a person's session is what the person may do now, not what they might when it was opened
    (SECURITY AUTHZ-3); ``person`` is ``None`` for the session of a one-time link.
    """

    id: str
    grant: Grant
    opened_at: datetime
    used_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    epoch: int
    person: SessionPerson | None = None


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """The secret of the one-time sign-in link, to be printed, and until when it opens a session."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that was just opened: what goes into the cookie, and who it is."""

    cookie: str = field(repr=False)
    principal: Principal
    ends_at: datetime
