"""How people and programs prove who they are: one-time link, web sessions, API tokens, the local administrator.

What lives here: making, checking, listing and revoking them. What does not: what they may do then
(:mod:`holofleet.server.authorization`), cookies and headers (:mod:`holofleet.web`), and headsets, which prove
themselves by certificate only. Start reading at ``service.py``.
"""

from holofleet.server.access.secret import digest_of, is_well_formed
from holofleet.server.access.service import COOKIE_NAME, AccessService, TokenRevocations
from holofleet.server.access.store import AccessStore
from holofleet.server.access.values import (
    Grant,
    IssuedToken,
    NewSession,
    NewToken,
    OneTimeLink,
    OpenedSession,
    SessionPerson,
    SessionRecord,
    TokenRecord,
)

__all__ = [
    "COOKIE_NAME",
    "AccessService",
    "AccessStore",
    "Grant",
    "IssuedToken",
    "NewSession",
    "NewToken",
    "OneTimeLink",
    "OpenedSession",
    "SessionPerson",
    "SessionRecord",
    "TokenRecord",
    "TokenRevocations",
    "digest_of",
    "is_well_formed",
]
