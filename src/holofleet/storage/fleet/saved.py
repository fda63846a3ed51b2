"""Views that people saved, by their owner and by nobody else."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select

from holofleet.errors import ConflictError
from holofleet.server.fleet.saved import SavedView
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.saved_views import SAVED_VIEW

_V = SAVED_VIEW.c


def saved_views(connection: Connection, upn: str) -> tuple[SavedView, ...]:
    """Return what somebody saved, by name."""
    theirs = select(PERSON.c.id).where(PERSON.c.upn == upn).scalar_subquery()
    rows = connection.execute(select(_V.name, _V.query).where(_V.person_id == theirs).order_by(_V.name))
    return tuple(SavedView(row.name, row.query) for row in rows)


def save_view(connection: Connection, upn: str, view: SavedView, *, most: int) -> bool:
    """Keep a view in place of one with the same name."""
    person = _person(connection, upn)
    if person is None:
        return False
    key, client = person
    connection.execute(delete(SAVED_VIEW).where(_V.person_id == key, _V.name == view.name))
    kept = connection.execute(select(func.count()).where(_V.person_id == key)).scalar_one()
    if kept >= most:
        raise ConflictError(f"{kept} views are saved already", mend="Delete one first.")
    connection.execute(
        insert(SAVED_VIEW).values(person_id=key, client_id=client, name=view.name, query=view.query)
    )
    return True


def drop_view(connection: Connection, upn: str, name: str) -> None:
    """Keep a view no more."""
    person = _person(connection, upn)
    if person is not None:
        connection.execute(delete(SAVED_VIEW).where(_V.person_id == person[0], _V.name == name))


def _person(connection: Connection, upn: str) -> tuple[str, str] | None:
    """Return id and client."""
    row = connection.execute(select(PERSON.c.id, PERSON.c.client_id).where(PERSON.c.upn == upn)).one_or_none()
    return None if row is None else (row.id, row.client_id)
