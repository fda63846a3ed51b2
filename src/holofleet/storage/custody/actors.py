"""Who recorded something, kept by id in ledgers that are append only: erasing a person needs no change there.

People are shown by name while the directory has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from holofleet.storage.tables.directory import PERSON

_KIND = "person:"
_PART = 500


def by_id(connection: Connection, actor: str) -> str:
    """Return an actor as it is kept: a person by id, everybody else as they are called."""
    upn = actor.removeprefix(_KIND).casefold()
    if upn == actor or "@" not in upn:
        return actor
    found = connection.execute(select(PERSON.c.id).where(PERSON.c.upn == upn)).scalar_one_or_none()
    return actor if found is None else f"{_KIND}{found}"


def by_name(connection: Connection, actors: Iterable[str]) -> Mapping[str, str]:
    """Return how kept actors are shown, by how they are kept."""
    kept = sorted(set(actors))
    ids = [actor.removeprefix(_KIND) for actor in kept if actor.startswith(_KIND)]
    names: dict[str, str] = {}
    for start in range(0, len(ids), _PART):
        found = select(PERSON.c.id, PERSON.c.upn).where(PERSON.c.id.in_(ids[start : start + _PART]))
        names |= {f"{_KIND}{row.id}": f"{_KIND}{row.upn}" for row in connection.execute(found)}
    return {actor: names.get(actor, actor) for actor in kept}
