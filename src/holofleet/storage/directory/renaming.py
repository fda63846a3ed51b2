"""What goes with somebody who gets another name to sign in with, in the transaction of the change.

Sessions, tokens and requests for a second person name people as they sign in. A name that stayed behind in one of
them would be nobody's: a token without a maker who limits it, or one person who is two. Whoever got the old name
later would inherit it.
"""

from __future__ import annotations

from sqlalchemy import Connection, update

from holofleet.storage.tables.approvals import APPROVAL, DESTRUCTION
from holofleet.storage.tables.identity import TOKEN, WEB_SESSION

_AS_ACTOR = (
    TOKEN.c.maker,
    APPROVAL.c.author,
    APPROVAL.c.author_person,
    APPROVAL.c.decider,
    APPROVAL.c.decider_person,
    DESTRUCTION.c.person,
)
"""What decides by a name, as ``person:UPN``. Records of what was done keep the name that it had then."""


def rename(connection: Connection, before: str, after: str) -> None:
    """Give what decides by somebody's name their new one."""
    for column in _AS_ACTOR:
        of_them = update(column.table).where(column == f"person:{before}")
        connection.execute(of_them.values({column: f"person:{after}"}))
    connection.execute(update(WEB_SESSION).where(WEB_SESSION.c.name == before).values(name=after))
