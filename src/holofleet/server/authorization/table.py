"""The one table from roles, and from kinds of principals, to actions.

What is not listed is refused. The same table is written out, cell by cell, in the reviewed file of the security
tests (``tests/security/permit-matrix.txt``): a change here that is not reviewed there fails.

Helpdesk wipes one headset at a time, within the limits of ``server/orders/limits.py``; it does not unenroll, and
it is nobody's second person.
"""

from __future__ import annotations

from holofleet.server.authorization.action import Action
from holofleet.server.authorization.principal import PrincipalKind, Role

_EVERYBODY = frozenset(
    {
        Action.READ_PUBLIC,
        Action.SIGN_IN,
        Action.ENROLL,
        Action.USE_KIOSK,
        Action.PLACE_CALL,
        Action.JOIN_AS_GUEST,
    }
)
_SIGNED_IN = frozenset({Action.READ_SELF, Action.SIGN_OUT})
_OF_A_PERSON = frozenset({Action.SET_OWN_PIN, Action.TAKE_HEADSET, Action.ANSWER_CALLS})
"""Somebody's own: no token and no administrator does it for them."""
_READ = frozenset(
    {
        Action.READ_STATE,
        Action.READ_TEXTS,
        Action.READ_OVERVIEW,
        Action.READ_HEADSETS,
        Action.READ_ENROLLMENTS,
        Action.READ_DRIFT,
        Action.READ_EVENTS,
        Action.READ_ORDERS,
        Action.READ_METRICS,
        Action.READ_PEOPLE,
        Action.READ_LICENSES,
        Action.READ_LOANS,
    }
)
_HELP = frozenset(
    {
        Action.READ_CUSTODY,
        Action.READ_CALLS,
        Action.KEEP_CUSTODY,
        Action.PAIR_HEADSET,
        Action.VOID_PIN,
        Action.WITHDRAW_GUEST,
        Action.ORDER_SYNC,
        Action.ORDER_REBOOT,
        Action.ORDER_LOCK,
        Action.ORDER_WIPE,
        Action.MARK_LOST,
        Action.FREEZE_ORDERS,
        Action.CANCEL_ORDER,
    }
)
_DEPLOY = frozenset(
    {
        Action.CORRECT_CUSTODY,
        Action.KEEP_ACCOUNT_SECRETS,
        Action.KEEP_LOANS,
        Action.PUBLISH_STATE,
        Action.APPROVE_ORDERS,
        Action.ORDER_UNENROLL,
        Action.MARK_FOUND,
        Action.RETIRE_HEADSET,
        Action.REVOKE_ENROLLMENT,
        Action.DECIDE_ENROLLMENT,
        Action.READ_CREDENTIALS,
        Action.ISSUE_CREDENTIAL,
        Action.REVOKE_CREDENTIAL,
    }
)
_AUDIT = frozenset(
    {
        Action.READ_RECORDINGS,
        Action.HOLD_RECORDINGS,
        Action.READ_CUSTODY,
        Action.READ_CALLS,
        Action.READ_AUDIT,
        Action.EXPORT_PERSON,
        Action.READ_TOKENS,
        Action.READ_SESSIONS,
        Action.READ_SETTINGS,
        Action.READ_CREDENTIALS,
    }
)
_ADMINISTER = frozenset(
    {
        Action.DELETE_RECORDINGS,
        Action.UNFREEZE_ORDERS,
        Action.CHANGE_PEOPLE,
        Action.GRANT_ROLE,
        Action.ASSIGN_LICENSE,
        Action.CUT_AUDIT,
        Action.ERASE_PERSON,
        Action.ISSUE_TOKEN,
        Action.REVOKE_TOKEN,
        Action.REVOKE_SESSION,
        Action.CHANGE_WEBHOOKS,
    }
)

OF_ROLE: dict[Role, frozenset[Action]] = {
    Role.VIEWER: _READ,
    Role.HELPDESK: _READ | _HELP,
    Role.DEPLOYER: _READ | _HELP | _DEPLOY,
    Role.AUDITOR: _READ | _AUDIT,
    Role.ADMINISTRATOR: _READ | _HELP | _DEPLOY | _AUDIT | _ADMINISTER,
    Role.PROVISIONER: frozenset({Action.PROVISION_PEOPLE}),
}
"""What each role adds. A principal with several roles may do what any of them may."""

OF_KIND: dict[PrincipalKind, frozenset[Action]] = {
    PrincipalKind.STRANGER: _EVERYBODY,
    PrincipalKind.HEADSET: _EVERYBODY | {Action.CHECK_IN},
    PrincipalKind.PERSON: _EVERYBODY | _SIGNED_IN | _OF_A_PERSON,
    PrincipalKind.TOKEN: _EVERYBODY | {Action.READ_SELF},
    PrincipalKind.LOCAL_ADMIN: _EVERYBODY | _SIGNED_IN | {Action.MAINTAIN},
    PrincipalKind.JOB: frozenset({Action.MAINTAIN}),
}
"""What each kind may do without any role."""

WITH_ROLES = frozenset({PrincipalKind.PERSON, PrincipalKind.TOKEN, PrincipalKind.LOCAL_ADMIN})
"""The kinds whose roles count; a headset that somehow carried a role would gain nothing by it."""

FRESH = frozenset(
    {
        Action.READ_RECORDINGS,
        Action.HOLD_RECORDINGS,
        Action.DELETE_RECORDINGS,
        Action.ORDER_WIPE,
        Action.ORDER_UNENROLL,
        Action.RETIRE_HEADSET,
        Action.REVOKE_ENROLLMENT,
        Action.MARK_LOST,
        Action.CHANGE_PEOPLE,
        Action.GRANT_ROLE,
        Action.VOID_PIN,
        Action.KEEP_ACCOUNT_SECRETS,
        Action.ISSUE_CREDENTIAL,
        Action.ISSUE_TOKEN,
        Action.REVOKE_TOKEN,
        Action.REVOKE_SESSION,
        Action.CUT_AUDIT,
        Action.ERASE_PERSON,
        Action.CHANGE_WEBHOOKS,
    }
)
"""What destroys, shows a recording, or changes who may get in: a person has to have proved within five minutes
that they are there (SECURITY WIPE-2, ASVS 7.5.3)."""
