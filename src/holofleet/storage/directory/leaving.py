"""What ends when somebody leaves, in the transaction in which they leave.

Every room that keeps something for a person has one line here: a statement that finds what stands, and one that
ends it. A room that is forgotten here would leave a door open, so the test walks every column that names a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, update

from holofleet.server.directory import Ending
from holofleet.storage.custody.leaving import end_custody
from holofleet.storage.tables.approvals import APPROVAL
from holofleet.storage.tables.custody import BADGE, CUSTODY_STATE, PERSON_PIN
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON_ROLE
from holofleet.storage.tables.identity import TOKEN, WEB_SESSION
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT, LICENSE_GRANT
from holofleet.storage.tables.sign_in import INVITATION, PASSKEY, RECOVERY_CODE


@dataclass(frozen=True, slots=True)
class _Kept:
    """Something kept for a person. ``ends`` makes the values that end it; ``None`` deletes its rows."""

    what: str
    table: Table
    where: Callable[[str, str], tuple[ColumnElement[bool], ...]]
    ends: Callable[[int], dict[str, Any]] | None = None


# A provider's sign-in stays: it is how whoever left is known and turned away, and not made somebody new.
_KEPT: tuple[_Kept, ...] = (
    _Kept(
        "sessions",
        WEB_SESSION,
        lambda person, upn: (WEB_SESSION.c.name == upn, WEB_SESSION.c.ended_at.is_(None)),
        lambda at: {"ended_at": at},
    ),
    _Kept(
        "tokens",
        TOKEN,
        lambda person, upn: (TOKEN.c.maker == f"person:{upn}", TOKEN.c.revoked_at.is_(None)),
        lambda at: {"revoked_at": at},
    ),
    _Kept("passkeys", PASSKEY, lambda person, upn: (PASSKEY.c.person_id == person,)),
    _Kept("recovery codes", RECOVERY_CODE, lambda person, upn: (RECOVERY_CODE.c.person_id == person,)),
    _Kept("invitations", INVITATION, lambda person, upn: (INVITATION.c.person_id == person,)),
    _Kept("badges", BADGE, lambda person, upn: (BADGE.c.person_id == person,)),
    _Kept("pins", PERSON_PIN, lambda person, upn: (PERSON_PIN.c.person_id == person,)),
    _Kept("roles", PERSON_ROLE, lambda person, upn: (PERSON_ROLE.c.person_id == person,)),
    _Kept("licenses", LICENSE_GRANT, lambda person, upn: (LICENSE_GRANT.c.person_id == person,)),
    _Kept(
        "license assignments", LICENSE_ASSIGNMENT, lambda person, upn: (LICENSE_ASSIGNMENT.c.person_id == person,)
    ),
    _Kept(
        "requests for a second person",
        APPROVAL,
        # Also what somebody approved who is not here any more when it would be carried out.
        lambda person, upn: (
            (APPROVAL.c.author_person == f"person:{upn}") | (APPROVAL.c.decider_person == f"person:{upn}"),
            APPROVAL.c.status.in_(["waiting", "approved"]),
        ),
        lambda at: {"status": "refused", "decision_reason": "somebody left", "decided_at": at, "proposal": ""},
    ),
    _Kept("groups", MEMBERSHIP, lambda person, upn: (MEMBERSHIP.c.person_id == person,)),
)


def standing(connection: Connection, person: str, upn: str) -> tuple[Ending, ...]:
    """Return what would end, counted; what there is none of is left out."""
    held = ("custody", CUSTODY_STATE, (CUSTODY_STATE.c.person_id == person,))
    counted = (
        Ending(what, connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())
        for what, table, where in (held, *((kept.what, kept.table, kept.where(person, upn)) for kept in _KEPT))
    )
    return tuple(ending for ending in counted if ending.count)


def end_all(connection: Connection, person: str, upn: str, at: int) -> tuple[Ending, ...]:
    """End it, and return what was ended."""
    ended = standing(connection, person, upn)
    end_custody(connection, person, at)  # a record for each, which no single statement writes
    for kept in _KEPT:
        conditions = kept.where(person, upn)
        if kept.ends is None:
            connection.execute(delete(kept.table).where(*conditions))
        else:
            connection.execute(update(kept.table).where(*conditions).values(kept.ends(at)))
    return ended


def token_digests(connection: Connection, upn: str) -> tuple[str, ...]:
    """Return the digests of the living tokens that somebody made."""
    statement = select(TOKEN.c.digest).where(TOKEN.c.maker == f"person:{upn}", TOKEN.c.revoked_at.is_(None))
    return tuple(connection.execute(statement).scalars())
