"""Who is behind a token: a person, or whoever can read the data folder, though tokens may lie between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from holofleet.server.authorization import PrincipalKind
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.identity import TOKEN

LOCAL: Final = "local-admin"
_OF_TOKEN: Final = f"{PrincipalKind.TOKEN}:"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a token comes from.

    Args:
        actor: ``person:UPN``, or another actor that is no token.
        revoked: A token between was revoked; what was made with it is worth nothing any more.
    """

    actor: str
    revoked: bool = False


def origin(connection: Connection, maker: str, created_at: datetime) -> Origin:
    """Follow tokens that were made with tokens back to who is no token."""
    revoked, at = False, to_micros(created_at)
    while maker.startswith(_OF_TOKEN):
        # A name is given again once its token is gone, so it is the newest one of that name that was there before.
        before = (
            select(TOKEN.c.maker, TOKEN.c.created_at, TOKEN.c.revoked_at)
            .where(TOKEN.c.name == maker.removeprefix(_OF_TOKEN), TOKEN.c.created_at < at)
            .order_by(TOKEN.c.created_at.desc())
            .limit(1)
        )
        row = connection.execute(before).one_or_none()
        if row is None:
            return Origin(LOCAL, revoked)
        maker, at, revoked = row.maker, row.created_at, revoked or row.revoked_at is not None
    return Origin(maker, revoked)
