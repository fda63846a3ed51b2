"""From whom information barriers keep a person."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from holofleet.storage.tables.call_policy import CALL_BARRIER
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_GROUP

_CLIENT: Final = select(PERSON.c.client_id).where(PERSON.c.id == bindparam("person"))
_GROUPS: Final = (
    select(PERSON_GROUP.c.name)
    .join(MEMBERSHIP, MEMBERSHIP.c.group_id == PERSON_GROUP.c.id)
    .where(MEMBERSHIP.c.person_id == bindparam("person"))
)
_KEPT_FROM: Final = select(CALL_BARRIER.c.other).where(
    or_(CALL_BARRIER.c.one.in_(_CLIENT), CALL_BARRIER.c.one.in_(_GROUPS))
)


def kept_from(connection: Connection, person: str) -> frozenset[str]:
    """Return the groups and clients that stand across a barrier from a person, by id, as all that is now."""
    return frozenset(connection.execute(_KEPT_FROM, {"person": person}).scalars())
