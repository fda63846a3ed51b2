"""Working out who has which license, under the lock of the pools, and writing what differs.

Writers queue at the rows of the pools (PostgreSQL) or at the database (SQLite): seats are counted by one of them
at a time, so that two never give the same one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, delete, except_, func, insert, literal, select, union

from holofleet.server.licenses import (
    DIRECT,
    Demand,
    Grant,
    Holder,
    LicenseError,
    PlanRules,
    Pool,
    rules_of_the_catalog,
    settle,
)
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT, LICENSE_GRANT, LICENSE_POOL

CHUNK = 500
_A, _G = LICENSE_ASSIGNMENT.c, LICENSE_GRANT.c
_T = TypeVar("_T")
_WAITING = (str(LicenseError.COUNT), str(LicenseError.OTHER))


@lru_cache(maxsize=1)
def rules() -> PlanRules:
    """Return the rules over the catalog, which does not change while we run."""
    return rules_of_the_catalog()


def lock_pools(connection: Connection) -> tuple[Pool, ...]:
    """Return the pools; nobody else gives a seat before this transaction ends."""
    rows = connection.execute(select(LICENSE_POOL).order_by(LICENSE_POOL.c.sku).with_for_update())
    return tuple(pool_of(row) for row in rows)


def pool_of(row: Any) -> Pool:
    """Return a pool of its row."""
    return Pool(row.sku, row.seats, None if row.trial_until is None else date.fromisoformat(row.trial_until))


def settle_people(connection: Connection, people: Iterable[str], *, at: int) -> dict[str, list[Grant]]:
    """Work out the licenses of some people, and of those who wait for a seat.

    Returns:
        The grants of everybody who was considered, by id.
    """
    pools = lock_pools(connection)
    considered = sorted({*people, *waiting(connection)})
    if not considered:
        return {}
    before = _grants(connection, considered)
    demands = _demands(connection, considered)
    holders = _holders(connection, {demand.holder for demand in demands})
    seated = {(grant.holder, grant.sku) for grant in before if grant.active}
    after = settle(
        pools,
        holders,
        demands,
        rules=rules(),
        seated=seated,
        elsewhere=_elsewhere(connection, seated),
    )
    _write(connection, before, after, holders, at)
    found: dict[str, list[Grant]] = {}
    for grant in after:
        found.setdefault(grant.holder, []).append(grant)
    return found


def differing(connection: Connection) -> set[str]:
    """Return the ids of those for whom what they are to get and what was worked out are not the same."""
    here = PERSON.c.left_at.is_(None)
    direct = (
        select(_A.person_id, _A.sku, literal(DIRECT), _A.disabled_plans)
        .join(PERSON, PERSON.c.id == _A.person_id)
        .where(here)
    )
    by_group = (
        select(MEMBERSHIP.c.person_id, _A.sku, _A.group_id, _A.disabled_plans)
        .join(MEMBERSHIP, MEMBERSHIP.c.group_id == _A.group_id)
        .join(PERSON, PERSON.c.id == MEMBERSHIP.c.person_id)
        .where(here)
    )
    there = select(_G.person_id, _G.sku, _G.source, _G.disabled_plans)
    wanted = union(direct, by_group).subquery()
    missing = connection.execute(except_(select(wanted), there))
    found = {row[0] for row in missing}
    return found | {row[0] for row in connection.execute(except_(there, select(wanted)))}


def too_many(connection: Connection) -> set[str]:
    """Return the ids of those who have a product of which there are fewer seats now than are taken."""
    seats = {pool.sku: pool.seats for pool in lock_pools(connection)}
    over = [sku for sku, taken in _taken(connection).items() if taken > seats.get(sku, 0)]
    held = select(_G.person_id).where(_G.sku.in_(over), _G.error == "")
    return set(connection.execute(held).scalars()) if over else set()


def waiting(connection: Connection) -> set[str]:
    """Return the ids of those who wait for a seat."""
    return set(connection.execute(select(_G.person_id).where(_G.error.in_(_WAITING)).distinct()).scalars())


def members_of(connection: Connection, group: str) -> set[str]:
    """Return the ids of a group's members."""
    return set(connection.execute(select(MEMBERSHIP.c.person_id).where(MEMBERSHIP.c.group_id == group)).scalars())


@lru_cache(maxsize=256)
def plans_of_text(text: str) -> frozenset[str]:
    """Return the service plans of a column; mostly there is none."""
    return frozenset() if text == "[]" else frozenset(json.loads(text))


def grant_of(row: Any) -> Grant:
    """Return a grant of its row."""
    disabled = plans_of_text(row.disabled_plans)
    return Grant(row.person_id, row.sku, row.source, disabled, LicenseError(row.error) if row.error else None)


def _taken(connection: Connection) -> dict[str, int]:
    counted = select(_G.sku, func.count(_G.person_id.distinct())).where(_G.error == "").group_by(_G.sku)
    return {sku: int(count) for sku, count in connection.execute(counted)}


def _elsewhere(connection: Connection, seated: set[tuple[str, str]]) -> dict[str, int]:
    taken = _taken(connection)
    for _, sku in seated:
        taken[sku] -= 1
    return taken


def _grants(connection: Connection, people: Sequence[str]) -> list[Grant]:
    return [grant_of(row) for row in _of_people(connection, select(LICENSE_GRANT), _G.person_id, people)]


def _demands(connection: Connection, people: Sequence[str]) -> list[Demand]:
    direct = select(_A.number, _A.sku, _A.disabled_plans, _A.person_id).where(_A.person_id.is_not(None))
    by_group = select(_A.number, _A.sku, _A.disabled_plans, _A.group_id, MEMBERSHIP.c.person_id).join(
        MEMBERSHIP, MEMBERSHIP.c.group_id == _A.group_id
    )
    found = [
        Demand(row.person_id, row.sku, DIRECT, plans_of_text(row.disabled_plans), row.number)
        for row in _of_people(connection, direct, _A.person_id, people)
    ]
    found += [
        Demand(row.person_id, row.sku, row.group_id, plans_of_text(row.disabled_plans), row.number)
        for row in _of_people(connection, by_group, MEMBERSHIP.c.person_id, people)
    ]
    return sorted(found, key=lambda demand: demand.order)


def _holders(connection: Connection, people: Iterable[str]) -> dict[str, Holder]:
    columns = select(PERSON.c.id, PERSON.c.upn, PERSON.c.client_id, PERSON.c.account, PERSON.c.left_at)
    return {
        row.id: Holder(row.id, row.upn, row.client_id, row.account, here=row.left_at is None)
        for row in _of_people(connection, columns, PERSON.c.id, sorted(people))
    }


def _of_people(
    connection: Connection, statement: Select[Any], column: Any, people: Sequence[str]
) -> Iterator[Any]:
    for part in chunks(people):
        yield from connection.execute(statement.where(column.in_(part)))


def _write(
    connection: Connection,
    before: Sequence[Grant],
    after: Sequence[Grant],
    holders: dict[str, Holder],
    at: int,
) -> None:
    old, new = set(before), set(after)
    gone: dict[tuple[str, str], list[str]] = {}
    for grant in old - new:
        gone.setdefault((grant.sku, grant.source), []).append(grant.holder)
    for (sku, source), people in sorted(gone.items()):
        for part in chunks(sorted(people)):
            connection.execute(
                delete(LICENSE_GRANT).where(_G.sku == sku, _G.source == source, _G.person_id.in_(part))
            )
    rows = [
        {
            "person_id": grant.holder,
            "sku": grant.sku,
            "source": grant.source,
            "client_id": holders[grant.holder].client,
            "disabled_plans": json.dumps(sorted(grant.disabled)),
            "error": "" if grant.error is None else str(grant.error),
            "at": at,
        }
        for grant in after
        if grant not in old
    ]
    for written in chunks(rows):
        connection.execute(insert(LICENSE_GRANT), written)


def chunks(rows: Sequence[_T]) -> Iterator[list[_T]]:
    """Yield rows in parts that one statement takes."""
    for start in range(0, len(rows), CHUNK):
        yield list(rows[start : start + CHUNK])
