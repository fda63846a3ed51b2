"""Licenses of a published fleet file, taken over.

The file owns its pools and what it assigns. Whatever was assigned here stays, and keeps its seats where the file
leaves enough of them.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from holofleet.server.licenses import PublishedLicenses
from holofleet.storage.licenses.settling import chunks, differing, lock_pools, settle_people, too_many
from holofleet.storage.tables.directory import PERSON, PERSON_GROUP
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT, LICENSE_POOL

FILE = "file"
_A = LICENSE_ASSIGNMENT.c


def take_over_licenses(connection: Connection, said: PublishedLicenses, *, at: int, actor: str) -> None:
    """Make the file's part of the licenses what the file says; people and groups are there already."""
    _write_pools(connection, said, at)
    _write_assignments(connection, said, at=at, actor=actor)
    # Who is in which group, and who is here at all, may have changed with the same file.
    settle_people(connection, differing(connection) | too_many(connection), at=at)


def _write_pools(connection: Connection, said: PublishedLicenses, at: int) -> None:
    before = {pool.sku: pool for pool in lock_pools(connection)}
    wanted = {pool.sku: pool for pool in said.pools}
    for sku in before.keys() - wanted.keys():
        connection.execute(delete(LICENSE_POOL).where(LICENSE_POOL.c.sku == sku))
    for sku, pool in wanted.items():
        values = {
            "seats": pool.seats,
            "trial_until": None if pool.trial_until is None else pool.trial_until.isoformat(),
            "changed_at": at,
        }
        if sku not in before:
            connection.execute(insert(LICENSE_POOL).values(sku=sku, **values))
        elif before[sku] != pool:
            connection.execute(update(LICENSE_POOL).where(LICENSE_POOL.c.sku == sku).values(values))


def _write_assignments(connection: Connection, said: PublishedLicenses, *, at: int, actor: str) -> None:
    wanted = _rows(connection, said)
    there = {
        (row.sku, row.person_id, row.group_id): row
        for row in connection.execute(select(LICENSE_ASSIGNMENT).where(_A.source == FILE))
    }
    surplus = [
        row.number
        for key, row in there.items()
        if key not in wanted or wanted[key]["disabled_plans"] != row.disabled_plans
    ]
    for part in chunks(surplus):
        connection.execute(delete(LICENSE_ASSIGNMENT).where(_A.number.in_(part)))
    stamp = {"source": FILE, "actor": actor, "at": at}
    new = [
        {**row, **stamp}
        for key, row in wanted.items()
        if key not in there or row["disabled_plans"] != there[key].disabled_plans
    ]
    for part in chunks(new):
        connection.execute(insert(LICENSE_ASSIGNMENT), part)


def _rows(
    connection: Connection, said: PublishedLicenses
) -> dict[tuple[str, str | None, str | None], dict[str, Any]]:
    """Return rows by product and whom they are for; whoever has left gets none."""
    upns = sorted({given.upn for given in said.licenses if given.upn})
    people: dict[str, tuple[str, str]] = {}
    for part in chunks(upns):
        here = select(PERSON.c.upn, PERSON.c.id, PERSON.c.client_id)
        for row in connection.execute(here.where(PERSON.c.upn.in_(part), PERSON.c.left_at.is_(None))):
            people[row.upn] = (row.id, row.client_id)
    groups = {
        row.name: (row.id, row.client_id)
        for row in connection.execute(select(PERSON_GROUP.c.name, PERSON_GROUP.c.id, PERSON_GROUP.c.client_id))
    }
    found: dict[tuple[str, str | None, str | None], dict[str, Any]] = {}
    for given in said.licenses:
        whose = people.get(given.upn) if given.upn else groups.get(given.group)
        if whose is None:
            continue
        person, group = (whose[0], None) if given.upn else (None, whose[0])
        found[given.sku, person, group] = {
            "client_id": whose[1],
            "sku": given.sku,
            "person_id": person,
            "group_id": group,
            "disabled_plans": json.dumps(sorted(given.disabled)),
        }
    return found
