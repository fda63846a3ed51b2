"""Everything that can be asked of the server, as one closed set.

A route, socket operation or command declares one of these (SECURITY AUTHZ-2). A new action has no place in
``table.py`` and so nobody may do it, until somebody decides.
"""

from __future__ import annotations

from enum import StrEnum


class Reach(StrEnum):
    """How far an action goes, which decides what a principal's scope must cover."""

    PLACED = "placed"
    """One thing that stands somewhere (a headset and what belongs to it, a person): the target names its client,
    and the store has found it within the principal's scope, which sites and deployments may narrow."""
    CLIENT = "client"
    """A whole client's: the target names it, the scope must include it, and may not be narrowed within it."""
    FILTERED = "filtered"
    """A list or a count: the store filters by the principal's scope; a named client must be inside it."""
    INSTALLATION = "installation"
    """The whole installation: only a scope that leaves nothing out will do."""
    SELF = "self"
    """The principal's own thing (its session, its enrollment), or something that belongs to nobody."""


class Action(StrEnum):
    """An act, named as verb and object; the values appear in the audit record and in the API."""

    # Anybody, before any authentication.
    READ_PUBLIC = "read-public"
    SIGN_IN = "sign-in"
    ENROLL = "enroll"
    # A headset with its certificate.
    CHECK_IN = "check-in"
    # Whoever is signed in.
    READ_SELF = "read-self"
    SIGN_OUT = "sign-out"
    # Reading the fleet.
    READ_STATE = "read-state"
    READ_TEXTS = "read-texts"
    READ_OVERVIEW = "read-overview"
    READ_HEADSETS = "read-headsets"
    READ_ENROLLMENTS = "read-enrollments"
    READ_DRIFT = "read-drift"
    READ_EVENTS = "read-events"
    READ_ORDERS = "read-orders"
    # Changing what the fleet shall be.
    PUBLISH_STATE = "publish-state"
    # Orders, one headset each.
    ORDER_SYNC = "order-sync"
    ORDER_REBOOT = "order-reboot"
    ORDER_LOCK = "order-lock"
    ORDER_WIPE = "order-wipe"
    ORDER_UNENROLL = "order-unenroll"
    APPROVE_ORDERS = "approve-orders"
    CANCEL_ORDER = "cancel-order"
    FREEZE_ORDERS = "freeze-orders"
    UNFREEZE_ORDERS = "unfreeze-orders"
    # The standing of a headset.
    MARK_LOST = "mark-lost"
    MARK_FOUND = "mark-found"
    RETIRE_HEADSET = "retire-headset"
    REVOKE_ENROLLMENT = "revoke-enrollment"
    DECIDE_ENROLLMENT = "decide-enrollment"
    # Enrollment credentials.
    READ_CREDENTIALS = "read-credentials"
    ISSUE_CREDENTIAL = "issue-credential"
    REVOKE_CREDENTIAL = "revoke-credential"
    # People.
    READ_PEOPLE = "read-people"
    CHANGE_PEOPLE = "change-people"
    GRANT_ROLE = "grant-role"
    PROVISION_PEOPLE = "provision-people"
    # Licenses.
    READ_LICENSES = "read-licenses"
    ASSIGN_LICENSE = "assign-license"
    # Custody: who has which headset.
    READ_CUSTODY = "read-custody"
    KEEP_CUSTODY = "keep-custody"
    CORRECT_CUSTODY = "correct-custody"
    PAIR_HEADSET = "pair-headset"
    USE_KIOSK = "use-kiosk"
    TAKE_HEADSET = "take-headset"
    SET_OWN_PIN = "set-own-pin"
    VOID_PIN = "void-pin"
    KEEP_ACCOUNT_SECRETS = "keep-account-secrets"
    # Loans to clients.
    READ_LOANS = "read-loans"
    KEEP_LOANS = "keep-loans"
    # Calls.
    PLACE_CALL = "place-call"
    ANSWER_CALLS = "answer-calls"
    JOIN_AS_GUEST = "join-as-guest"
    READ_CALLS = "read-calls"
    READ_RECORDINGS = "read-recordings"
    HOLD_RECORDINGS = "hold-recordings"
    DELETE_RECORDINGS = "delete-recordings"
    WITHDRAW_GUEST = "withdraw-guest"
    # Access of people and programs.
    READ_TOKENS = "read-tokens"
    ISSUE_TOKEN = "issue-token"  # noqa: S105 - the name of an act, not a secret
    REVOKE_TOKEN = "revoke-token"  # noqa: S105 - the name of an act, not a secret
    READ_SESSIONS = "read-sessions"
    REVOKE_SESSION = "revoke-session"
    # The installation.
    READ_AUDIT = "read-audit"
    CUT_AUDIT = "cut-audit"
    EXPORT_PERSON = "export-person"
    ERASE_PERSON = "erase-person"
    READ_METRICS = "read-metrics"
    READ_SETTINGS = "read-settings"
    CHANGE_WEBHOOKS = "change-webhooks"
    MAINTAIN = "maintain"

    @property
    def reach(self) -> Reach:
        """How far the action goes."""
        if self in _SELF:
            return Reach.SELF
        if self in _FILTERED:
            return Reach.FILTERED
        if self in _CLIENT:
            return Reach.CLIENT
        return Reach.INSTALLATION if self in _INSTALLATION else Reach.PLACED


_SELF = frozenset(
    {
        Action.READ_PUBLIC,
        Action.SIGN_IN,
        Action.ENROLL,
        Action.CHECK_IN,
        Action.READ_SELF,
        Action.SIGN_OUT,
        # A browser that is paired with a headset proves it by its own secret, and acts for that headset only.
        Action.USE_KIOSK,
        Action.TAKE_HEADSET,
        Action.SET_OWN_PIN,
        # Who may call whom is the fleet file's, and is judged by server/assist/policy for each call.
        Action.PLACE_CALL,
        Action.ANSWER_CALLS,
        Action.JOIN_AS_GUEST,
    }
)
_FILTERED = frozenset(
    {
        Action.READ_OVERVIEW,
        Action.READ_HEADSETS,
        Action.READ_ENROLLMENTS,
        Action.READ_DRIFT,
        Action.READ_EVENTS,
        Action.READ_ORDERS,
        Action.READ_CREDENTIALS,
        Action.READ_PEOPLE,
        Action.READ_LICENSES,
        Action.READ_CUSTODY,
        Action.READ_LOANS,
        Action.READ_CALLS,
    }
)
_CLIENT = frozenset(
    {
        # Who belongs to a client, and what they may, is not the matter of one site; a loan is of all its headsets.
        Action.CHANGE_PEOPLE,
        Action.GRANT_ROLE,
        Action.KEEP_LOANS,
    }
)
_INSTALLATION = frozenset(
    {
        # A State and the text of a fleet file name every client at once.
        Action.READ_STATE,
        Action.READ_TEXTS,
        Action.PUBLISH_STATE,
        Action.FREEZE_ORDERS,
        Action.UNFREEZE_ORDERS,
        Action.PROVISION_PEOPLE,
        # Seats are the installation's, whoever's people sit in them.
        Action.ASSIGN_LICENSE,
        Action.READ_TOKENS,
        Action.ISSUE_TOKEN,
        Action.REVOKE_TOKEN,
        Action.READ_SESSIONS,
        Action.REVOKE_SESSION,
        Action.READ_AUDIT,
        Action.CUT_AUDIT,
        Action.EXPORT_PERSON,
        Action.ERASE_PERSON,
        Action.READ_METRICS,
        Action.READ_SETTINGS,
        Action.CHANGE_WEBHOOKS,
        Action.MAINTAIN,
    }
)
