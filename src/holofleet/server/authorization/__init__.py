"""Who may do what: principals, roles, scopes, actions and the one function that decides.

What lives here: :func:`permit` (deny by default) and the reviewed table from roles to actions. What does not:
how a principal proves who it is (:mod:`holofleet.server.access`), and the filtering of lists, which stores do
from the :class:`Scope` that they are given. Start reading at ``permit.py``; the table stands in ``table.py``.
"""

from holofleet.server.authorization.action import Action, Reach
from holofleet.server.authorization.permit import Decision, FreshSignInError, Target, nothing_here, permit
from holofleet.server.authorization.principal import (
    JOB,
    LOCAL_ADMIN,
    STRANGER,
    Principal,
    PrincipalKind,
    Role,
    Scope,
)

__all__ = [
    "JOB",
    "LOCAL_ADMIN",
    "STRANGER",
    "Action",
    "Decision",
    "FreshSignInError",
    "Principal",
    "PrincipalKind",
    "Reach",
    "Role",
    "Scope",
    "Target",
    "nothing_here",
    "permit",
]
