"""A filter of headsets as conditions.

Lists are read in the order of an index until a page is full, which is quick where many headsets fulfil a filter,
and slow where hardly one does. What few enrollments fulfil is therefore looked for in one walk through enrollments
first, which reads each row once and nothing beside it. Whether they are few, a sample says: it decides about time
only, never about what is found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Connection, and_, cast, false, func, or_, select

from holofleet.catalog import nodes
from holofleet.resources import Document
from holofleet.server.custody import Status
from holofleet.server.fleet.views import NOBODY, Between, BuildBound, HeadsetQuery, SettingSaid
from holofleet.storage.fleet.searching import has_text
from holofleet.storage.fleet.words import E, H
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.custody import CUSTODY_STATE
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.management import DOCUMENT, ENROLLMENT, HEADSET

SAMPLE = 2_000
"""Enrollments that are looked at before it is decided how to look for all. Ours."""
FEW = 20
"""Of so many enrollments one is few: a page of fifty is otherwise found within the first thousand. Ours."""
MANY_PEOPLE = 200
"""With so many holders, headsets are asked for theirs, and not holders for their headsets. Ours."""
_C = CUSTODY_STATE.c


def conditions(connection: Connection, query: HeadsetQuery) -> Iterator[ColumnElement[bool]]:
    """Yield what a headset must fulfil, its word excepted."""
    for column, wanted in ((H.deployment, query.deployment), (H.client_id, query.client), (H.site, query.site)):
        if wanted is not None:
            yield column == wanted
    if query.text:
        yield or_(*(has_text(connection, column, query.text) for column in (H.serial, H.name)))
    if query.held_by:
        yield _held_by(connection, query.held_by)
    if query.never_seen:
        yield E.last_seen_at.is_(None)
    of_enrollment = list(_of_enrollment(connection, query))
    yield from of_enrollment
    if of_enrollment and _are_few(connection, of_enrollment):
        few = select(E.held_serial).where(E.held_serial.is_not(None), *of_enrollment)
        yield H.serial.in_(select(few.cte("few").prefix_with("MATERIALIZED").c.held_serial))


def _of_enrollment(connection: Connection, query: HeadsetQuery) -> Iterator[ColumnElement[bool]]:
    if query.build is not None:
        yield _of_build(connection, query.build)
    if query.seen is not None:
        yield from _between(E.last_seen_at, query.seen)
    if query.certificate is not None:
        yield from _between(E.certificate_not_after, query.certificate)
    if query.setting is not None:
        yield _reports(connection, query.setting)


def _are_few(connection: Connection, of_enrollment: list[ColumnElement[bool]]) -> bool:
    sample = select(and_(*of_enrollment).label("fits")).select_from(ENROLLMENT).limit(SAMPLE).subquery()
    fits, looked_at = connection.execute(
        select(func.count().filter(sample.c.fits), func.count()).select_from(sample)
    ).one()
    return bool(fits * FEW <= looked_at)


def _between(column: ColumnElement[int], span: Between) -> Iterator[ColumnElement[bool]]:
    if span.before is not None:
        yield column < to_micros(span.before)
    if span.after is not None:
        yield column > to_micros(span.after)


def distinct(connection: Connection, column: Column[Any], *where: ColumnElement[bool]) -> tuple[str, ...]:
    """Return the values of a column that an index begins with, in order: one step through it for each of them."""
    first = select(func.min(column).label("value")).where(*where).cte("step", recursive=True)
    following = select(func.min(column)).where(column > first.c.value, *where).scalar_subquery()
    steps = first.union_all(select(following).where(first.c.value.is_not(None)))
    found = connection.execute(select(steps.c.value).where(steps.c.value.is_not(None)))
    return tuple(found.scalars())


def _of_build(connection: Connection, bound: BuildBound) -> ColumnElement[bool]:
    """Builds are few and a text does not sort as its numbers do: those that are meant are chosen here."""
    known = distinct(connection, E.os_build)
    return E.os_build.in_([build for build in known if bound.includes(build)])


def _held_by(connection: Connection, whom: str) -> ColumnElement[bool]:
    """A headset that went to another client is held by nobody there, whatever its former state says."""
    out = select(_C.serial).where(_C.status == str(Status.OUT), _C.client_id == H.client_id)
    if whom == NOBODY:
        return ~out.where(_C.serial == H.serial).correlate(HEADSET).exists()
    person = select(PERSON.c.id)
    if "@" in whom:
        person = person.where(PERSON.c.upn == whom.casefold())
    else:
        person = person.where(PERSON.c.sort_name.startswith(whom.casefold(), autoescape=True))
    held = out.where(_C.serial == H.serial, _C.person_id.in_(person)).correlate(HEADSET).exists()
    some = connection.execute(select(func.count()).select_from(person.limit(MANY_PEOPLE).subquery())).scalar_one()
    if some == MANY_PEOPLE:
        return held
    theirs = select(_C.serial).where(_C.status == str(Status.OUT), _C.person_id.in_(person))
    return and_(H.serial.in_(theirs), held)


def _reports(connection: Connection, said: SettingSaid) -> ColumnElement[bool]:
    """A headset reports the value of its document, unless its overlay says that it reported another."""
    documents: dict[str, set[str]] = {}
    uris: set[str] = set()
    found = select(DOCUMENT).where(has_text(connection, DOCUMENT.c.content, said.name))
    for row in connection.execute(found):
        for setting in Document.from_json(json.loads(row.content)).settings:
            if _is_named(setting.oma_uri, said.name):
                uris.add(setting.oma_uri)
                if setting.data == said.value:
                    documents.setdefault(setting.oma_uri, set()).add(row.hash)
    if not uris:
        return false()
    return or_(*(_one_reports(connection, uri, documents.get(uri, set()), said.value) for uri in sorted(uris)))


def _one_reports(connection: Connection, uri: str, documents: set[str], value: str) -> ColumnElement[bool]:
    if connection.dialect.name == "postgresql":
        overlay = cast(ENROLLMENT.c.overlay, JSON)
        stands = func.json_extract_path_text(overlay, uri)
        reported = func.json_extract_path_text(overlay, uri, "reported")
    else:
        stands = func.json_extract(ENROLLMENT.c.overlay, f'$."{uri}"')
        reported = func.json_extract(ENROLLMENT.c.overlay, f'$."{uri}".reported')
    as_told = and_(E.acknowledged_hash.in_(sorted(documents)), or_(E.overlay == "{}", stands.is_(None)))
    # Looking for the value anywhere is cheaper than reading the JSON of every overlay.
    somewhere = has_text(connection, E.overlay, json.dumps(value, ensure_ascii=False)[1:-1])
    return or_(as_told, and_(E.overlay != "{}", somewhere, reported == value))


def _is_named(uri: str, name: str) -> bool:
    if uri.casefold() != name.casefold() and not uri.casefold().endswith(f"/{name.casefold().lstrip('/')}"):
        return False
    node = nodes().find(uri)
    return node is None or not node.secret
