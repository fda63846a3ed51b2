"""Rules of calls, and the headsets and people that they judge."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, insert, or_, select, update

from holofleet.resources import CallRules, Rota
from holofleet.server.assist.policy import PublishedCalls, Side, SideKind
from holofleet.storage.database import Database
from holofleet.storage.directory.rows import CHUNK
from holofleet.storage.tables.call_policy import CALL_BARRIER, CALL_POLICY
from holofleet.storage.tables.custody import CUSTODY_STATE
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON, PERSON_GROUP
from holofleet.storage.tables.licenses import LICENSE_GRANT
from holofleet.storage.tables.management import ENROLLMENT, HEADSET

_ONLY = 1
_OWN = "own"
_IN_DOUBT = ("lost", "quarantined", "conflict")


class StoredCallPolicy:
    """Implements :class:`holofleet.server.assist.policy.PolicyStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def number(self) -> int:
        with self._database.read() as connection:
            return connection.execute(select(CALL_POLICY.c.number)).scalar() or 0

    def published(self) -> PublishedCalls:
        with self._database.read() as connection:
            text = connection.execute(select(CALL_POLICY.c.data)).scalar()
        return PublishedCalls() if text is None else _read(json.loads(text))

    def headset(self, serial: str) -> Side | None:
        in_doubt = exists().where(ENROLLMENT.c.held_serial == serial, ENROLLMENT.c.standing.in_(_IN_DOUBT))
        found = (
            select(
                HEADSET,
                CUSTODY_STATE.c.status,
                in_doubt.label("in_doubt"),
            )
            .outerjoin(CUSTODY_STATE, CUSTODY_STATE.c.serial == HEADSET.c.serial)
            .where(HEADSET.c.serial == serial, HEADSET.c.removed_at.is_(None))
        )
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
            if row is None:
                return None
            account = _account(connection, row.variables)
            groups = _groups(connection, [account])[account] if account else frozenset()
            licenses = _licenses(connection, account) if account else frozenset()
        return Side(
            SideKind.HEADSET,
            serial,
            row.client_id,
            name=row.name or serial,
            groups=groups,
            here=not row.in_doubt and row.status != "lost",
            deployment=row.deployment,
            licenses=licenses,
            held=row.status == "out",
        )

    def person(self, key: str) -> Side | None:
        with self._database.read() as connection:
            found = _people(connection, select(PERSON).where(PERSON.c.id == key))
        return found[0] if found else None

    def experts(self, names: Iterable[str]) -> Sequence[Side]:
        listed = sorted(set(names))
        who: ColumnElement[bool] = PERSON.c.client_id == _OWN
        if listed:
            members = (
                select(MEMBERSHIP.c.person_id)
                .join(PERSON_GROUP, PERSON_GROUP.c.id == MEMBERSHIP.c.group_id)
                .where(PERSON_GROUP.c.name.in_(listed))
            )
            who = or_(PERSON.c.upn.in_([name.casefold() for name in listed]), PERSON.c.id.in_(members))
        statement = (
            select(PERSON)
            .where(PERSON.c.left_at.is_(None), PERSON.c.call_roles.contains('"expert"'), who)
            .order_by(PERSON.c.sort_name, PERSON.c.id)
        )
        with self._database.read() as connection:
            return _people(connection, statement)


def take_over_calls(connection: Connection, calls: PublishedCalls) -> None:
    """Make the rules of calls what the fleet file says."""
    data = _written(calls)
    row = connection.execute(select(CALL_POLICY)).one_or_none()
    if row is None:
        connection.execute(insert(CALL_POLICY).values(id=_ONLY, number=1, data=data))
    elif row.data != data:
        connection.execute(update(CALL_POLICY).values(number=row.number + 1, data=data))
    else:
        return
    connection.execute(delete(CALL_BARRIER))
    both = {pair for one, other in calls.barriers for pair in ((one, other), (other, one))}
    if both:
        rows = [{"one": one, "other": other} for one, other in sorted(both)]
        connection.execute(insert(CALL_BARRIER), rows)


def _written(calls: PublishedCalls) -> str:
    return json.dumps(
        {
            "rules": [rules.model_dump(mode="json") for rules in calls.rules.values()],
            "rotas": [rota.model_dump(mode="json") for rota in calls.rotas],
            "barriers": [list(sides) for sides in calls.barriers],
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def _read(data: Mapping[str, Any]) -> PublishedCalls:
    rules = [CallRules.model_validate(one) for one in data["rules"]]
    return PublishedCalls(
        rules={one.name: one for one in rules},
        rotas=tuple(Rota.model_validate(one) for one in data["rotas"]),
        barriers=tuple((first, second) for first, second in data["barriers"]),
    )


def _account(connection: Connection, variables: str) -> str | None:
    """Return the id of the account that signs in on a headset; ``None`` where none does, or it has left."""
    upn = json.loads(variables).get("account", "").casefold()
    there = select(PERSON.c.id).where(PERSON.c.upn == upn, PERSON.c.left_at.is_(None))
    return connection.execute(there).scalar() if upn else None


def _people(connection: Connection, statement: Select[Any]) -> list[Side]:
    rows = list(connection.execute(statement))
    groups = _groups(connection, [row.id for row in rows])
    return [_person(row, groups[row.id]) for row in rows]


def _person(row: Row[Any], groups: frozenset[str]) -> Side:
    return Side(
        SideKind.EXPERT,
        row.id,
        row.client_id,
        name=row.display_name or row.upn,
        upn=row.upn,
        groups=groups,
        here=row.left_at is None,
        expert="expert" in json.loads(row.call_roles),
    )


def _groups(connection: Connection, people: Sequence[str]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(people), CHUNK):
        part = people[start : start + CHUNK]
        joined = (
            select(MEMBERSHIP.c.person_id, PERSON_GROUP.c.name)
            .join(PERSON_GROUP, PERSON_GROUP.c.id == MEMBERSHIP.c.group_id)
            .where(MEMBERSHIP.c.person_id.in_(part))
        )
        for person, name in connection.execute(joined):
            found[person].add(name)
    return defaultdict(frozenset, {person: frozenset(names) for person, names in found.items()})


def _licenses(connection: Connection, account: str) -> frozenset[str]:
    there = select(LICENSE_GRANT.c.sku).where(LICENSE_GRANT.c.person_id == account, LICENSE_GRANT.c.error == "")
    return frozenset(connection.execute(there).scalars())
