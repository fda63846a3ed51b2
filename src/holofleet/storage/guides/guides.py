"""The port of the guides' room."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, insert, null, or_, select

from holofleet.server.guides.store import Alike, Evidence, Turn
from holofleet.server.standing import Standing
from holofleet.storage.database import Database
from holofleet.storage.fleet.publishing import newest, texts_of
from holofleet.storage.fleet.words import HEADSETS, E, H
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.guides import STANDING_TURN
from holofleet.storage.tables.management import DEPLOYMENT, DOCUMENT, PUBLICATION

CHUNK = 500
MOST_KINDS = 200
"""Kinds of headsets that one statement looks for others of; ours."""

_T = STANDING_TURN.c
_HEARD = and_(
    E.standing == str(Standing.ACTIVE),
    E.released_at.is_(None),
    E.acknowledged_hash.is_not(None),
    E.last_seen_at.is_not(None),
)
"""A headset whose identity is in doubt, or that left, says nothing that counts."""
_TAKEN = case((_HEARD, E.acknowledged_hash), else_=null())
_OVERLAY = case((_HEARD, E.overlay), else_="{}")


class StoredGuides:
    """Implements :class:`holofleet.server.guides.store.GuideStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def published(self, *, most: int) -> tuple[str, datetime | None, int]:
        with self._database.read() as connection:
            last = connection.execute(
                select(PUBLICATION.c.id, PUBLICATION.c.at).order_by(PUBLICATION.c.sequence.desc()).limit(1)
            ).one_or_none()
            some = select(H.serial).where(H.removed_at.is_(None)).limit(most).subquery()
            number = connection.execute(select(func.count()).select_from(some)).scalar_one()
        return ("", None, number) if last is None else (last.id, from_micros(last.at), number)

    def evidence(self) -> Evidence:
        with self._database.read() as connection:
            last = newest(connection)
            if last is None:
                return Evidence("", None, {}, {}, (), {})
            alike = _alike(connection)
            hashes = {one.wanted for one in alike} | {one.taken for one in alike if one.taken is not None}
            undelivered = {
                row.name: tuple(json.loads(row.undelivered))
                for row in connection.execute(
                    select(DEPLOYMENT.c.name, DEPLOYMENT.c.undelivered).where(DEPLOYMENT.c.removed_at.is_(None))
                )
            }
            documents = _documents(connection, hashes)
        return Evidence(last.id, from_micros(last.at), texts_of(last), undelivered, alike, documents)

    def like(self, serials: Iterable[str], *, after: str, limit: int) -> Sequence[tuple[str, str]]:
        with self._database.read() as connection:
            kinds = connection.execute(
                select(H.deployment, H.document_hash, _TAKEN.label("taken"), _OVERLAY.label("overlay"))
                .select_from(HEADSETS)
                .where(H.serial.in_(list(serials)[:MOST_KINDS]))
            ).all()
            if not kinds:
                return ()
            alike = or_(
                *(
                    and_(
                        H.deployment == kind.deployment,
                        H.document_hash == kind.document_hash,
                        kind.taken == _TAKEN,
                        kind.overlay == _OVERLAY,
                    )
                    for kind in kinds
                )
            )
            rows = connection.execute(
                select(H.serial, H.name)
                .select_from(HEADSETS)
                .where(H.removed_at.is_(None), H.serial > after, alike)
                .order_by(H.serial)
                .limit(limit)
            )
            return tuple((row.serial, row.name) for row in rows)

    def turns(self, rule: str, *, limit: int) -> Sequence[Turn]:
        statement = select(STANDING_TURN).where(_T.rule == rule).order_by(_T.sequence.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(_turn(row) for row in connection.execute(statement))

    def standing(self) -> Mapping[tuple[str, str], Turn]:
        last = select(func.max(_T.sequence)).group_by(_T.rule, _T.deployment)
        with self._database.read() as connection:
            rows = connection.execute(select(STANDING_TURN).where(_T.sequence.in_(last)))
            return {(row.rule, row.deployment): _turn(row) for row in rows}

    def note(self, turns: Sequence[Turn]) -> None:
        rows = [
            {
                "client_id": turn.client,
                "rule": turn.rule,
                "deployment": turn.deployment,
                "word": turn.word,
                "why": turn.why,
                "at": to_micros(turn.at),
            }
            for turn in turns
        ]
        if not rows:
            return
        with self._database.transaction() as connection:
            for start in range(0, len(rows), CHUNK):
                connection.execute(insert(STANDING_TURN), rows[start : start + CHUNK])


def _alike(connection: Connection) -> tuple[Alike, ...]:
    """Group headsets that want and said the same."""
    made = (
        select(
            H.serial,
            H.deployment,
            H.client_id,
            H.document_hash,
            _TAKEN.label("taken"),
            _OVERLAY.label("overlay"),
            case((_HEARD, E.last_seen_at), else_=null()).label("seen"),
        )
        .select_from(HEADSETS)
        .where(H.removed_at.is_(None))
        .cte("made")
    )
    keys = (made.c.deployment, made.c.client_id, made.c.document_hash, made.c.taken, made.c.overlay)
    rows = connection.execute(
        select(
            *keys,
            func.min(made.c.serial).label("serial"),
            func.count().label("number"),
            func.min(made.c.seen).label("oldest"),
            func.max(made.c.seen).label("latest"),
        ).group_by(*keys)
    )
    return tuple(
        Alike(
            serial=row.serial,
            deployment=row.deployment,
            client=row.client_id,
            number=row.number,
            wanted=row.document_hash,
            taken=row.taken,
            overlay=row.overlay,
            oldest=None if row.oldest is None else from_micros(row.oldest),
            latest=None if row.latest is None else from_micros(row.latest),
        )
        for row in rows
    )


def _documents(connection: Connection, hashes: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    keys = sorted(hashes)
    for start in range(0, len(keys), CHUNK):
        wanted = DOCUMENT.c.hash.in_(keys[start : start + CHUNK])
        found.update((row.hash, row.content) for row in connection.execute(select(DOCUMENT).where(wanted)))
    return found


def _turn(row: Row[Any]) -> Turn:
    return Turn(
        rule=row.rule,
        deployment=row.deployment,
        client=row.client_id,
        word=row.word,
        why=row.why,
        at=from_micros(row.at),
    )
