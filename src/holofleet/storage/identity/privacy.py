"""Everything that is kept about a person, found and erased by walking every table.

The walk goes by the names of columns (``person_id``, ``actor``, ``maker`` ...), so that a room built later is part
of it without a line here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, update

from holofleet.errors import ConflictError
from holofleet.server.audit import AuditRecord, Erased, PersonalData
from holofleet.storage import tables
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.directory import PERSON
from holofleet.storage.tables.identity import AUDIT, AUDIT_PERSONAL, WEB_SESSION
from holofleet.storage.tables.management import PUBLICATION
from holofleet.storage.tables.metadata import METADATA

ACTORS = frozenset(
    {
        "actor",
        "author",
        "author_person",
        "carrier",
        "decider",
        "decider_person",
        "maker",
        "owner",
        "person",
        "voided_by",
    }
)
"""Columns that say who did something, as ``person:NAME``."""
SECRETS = frozenset(
    {"digest", "session", "hash", "salt", "public_key", "secrets", "key", "body", "seal", "invitation"}
)
LARGE = frozenset({"state", "texts", "plan", "proposal"})
"""Whole fleet files: given out by ``GET /texts``, not with each person."""
APPEND_ONLY = frozenset({"audit", "audit_cut", "custody", "loan_act"})
KEPT = frozenset({"person", "custody", "custody_state", "loan_act", "call_party"})
"""Tables whose rows stay when a person is erased, under an id that leads to nobody."""
NOTES = "Reasons and notes that people wrote themselves are not searched; they may name somebody."


class StoredPrivacy:
    """Implements :class:`holofleet.server.audit.PrivacyStore`."""

    def __init__(self, database: Database, *, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def find(self, key: str) -> str | None:
        column = PERSON.c.upn if "@" in key else PERSON.c.id
        with self._database.read() as connection:
            return connection.execute(select(PERSON.c.id).where(column == key)).scalar_one_or_none()

    def export(self, person: str, *, at: datetime, audit: AuditRecord) -> PersonalData:
        # Here, because calls write into the audit log, which is this room's.
        from holofleet.storage.assist.forgetting import calls_of_person, recordings_of_person

        with self._database.transaction() as connection:
            upn = _upn(connection, person)
            rooms: dict[str, tuple[dict[str, Any], ...]] = {}
            for table in all_tables():
                conditions = list(_about(table, person, upn))
                if conditions:
                    rows = connection.execute(select(*_shown(table)).where(or_(*conditions)))
                    rooms[table.name] = tuple(dict(row._mapping) for row in rows)
            rooms["call"] = calls_of_person(connection, person)
            rooms["call_recording"] = recordings_of_person(connection, person)
            rooms["audit"] = tuple(_audit_rows(connection, person, upn))
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return PersonalData(person, upn, {name: rows for name, rows in rooms.items() if rows})

    def erase(self, person: str, *, at: datetime, audit: AuditRecord) -> Erased:
        from holofleet.storage.assist.forgetting import forget_in_calls, forget_recordings_of

        with self._database.transaction() as connection:
            row = connection.execute(select(PERSON).where(PERSON.c.id == person)).one()
            if row.left_at is None:
                raise ConflictError(f"{row.upn} is here", mend="Let them leave first: holofleet users leave.")
            recordings, held = forget_recordings_of(connection, person, at=at)
            rows = _forget_publications(connection, row.upn) + forget_in_calls(connection, person) + recordings
            fields = _erase_personal(connection, person, {row.upn, row.email.casefold()} - {""})
            rows += sum(_erase_in(connection, table, person, row.upn) for table in reversed(all_tables()))
            _anonymize(connection, person, to_micros(at))
            kept = (*_kept(connection, row.upn), *_held(held), NOTES)
            append_audit(connection, audit, at=at, epoch=self._epoch)
        return Erased(fields, rows + 1, kept)


@cache
def all_tables() -> tuple[Table, ...]:
    """Return every table, referred ones before those that refer to them."""
    for module in pkgutil.iter_modules(tables.__path__):
        importlib.import_module(f"{tables.__name__}.{module.name}")
    return tuple(METADATA.sorted_tables)


def _about(table: Table, person: str, upn: str) -> Iterator[ColumnElement[bool]]:
    """Yield what makes a row one about somebody; the audit chain is read apart."""
    if table in (AUDIT, AUDIT_PERSONAL):
        return
    if table is PERSON:
        yield PERSON.c.id == person
    if table is WEB_SESSION:
        yield WEB_SESSION.c.name == upn
    for column in table.columns:
        if column.name.endswith("person_id"):
            yield column == person
        elif column.name in ACTORS:
            yield column.in_([f"person:{upn}", f"person:{person}", upn])
        elif column.name == "upn" and table is not PERSON:
            yield column == upn


def _shown(table: Table) -> list[ColumnElement[Any]]:
    return [column for column in table.columns if column.name not in SECRETS | LARGE]


def _audit_rows(connection: Connection, person: str, upn: str) -> Iterator[dict[str, Any]]:
    named = select(AUDIT_PERSONAL.c.sequence).where(AUDIT_PERSONAL.c.value == upn)
    whose = [f"person:{person}", f"person:{upn}"]
    chosen = or_(AUDIT.c.actor.in_(whose), AUDIT.c.subject.in_(whose), AUDIT.c.sequence.in_(named))
    columns = [column for column in AUDIT.columns if column.name != "hash"]
    for row in connection.execute(select(*columns).where(chosen).order_by(AUDIT.c.sequence)).all():
        personal = select(AUDIT_PERSONAL.c.field, AUDIT_PERSONAL.c.value).where(
            AUDIT_PERSONAL.c.sequence == row.sequence
        )
        own = {field: value for field, value in connection.execute(personal) if value == upn or _is(row, person)}
        yield {**row._mapping, "personal": own}


def _is(row: Any, person: str) -> bool:
    return bool(row.subject == f"person:{person}")


def _forget_publications(connection: Connection, upn: str) -> int:
    """Forget older fleet files that name somebody.

    Raises:
        ConflictError: the one that was published last does.
    """
    newest = select(func.max(PUBLICATION.c.sequence)).scalar_subquery()
    names = or_(
        func.lower(PUBLICATION.c.state).contains(upn, autoescape=True),
        func.lower(PUBLICATION.c.texts).contains(upn, autoescape=True),
    )
    still = select(PUBLICATION.c.sequence).where(names, PUBLICATION.c.sequence == newest)
    if connection.execute(still).first() is not None:
        raise ConflictError(
            f"the fleet file that was published last names {upn}", mend="Take them out of it and apply it first."
        )
    return connection.execute(update(PUBLICATION).where(names).values(state="", texts="{}")).rowcount


def _erase_personal(connection: Connection, person: str, names: set[str]) -> int:
    about = select(AUDIT.c.sequence).where(AUDIT.c.subject == f"person:{person}")
    by_them = (AUDIT_PERSONAL.c.field == "actor") & AUDIT_PERSONAL.c.value.in_(sorted(names))
    not_the_actor = AUDIT_PERSONAL.c.sequence.in_(about) & (AUDIT_PERSONAL.c.field != "actor")
    chosen = or_(by_them, not_the_actor, func.lower(AUDIT_PERSONAL.c.value).in_(sorted(names)))
    return connection.execute(delete(AUDIT_PERSONAL).where(chosen)).rowcount


def _erase_in(connection: Connection, table: Table, person: str, upn: str) -> int:
    done = 0
    if table.name not in KEPT:
        gone = [column == person for column in table.columns if column.name.endswith("person_id")]
        gone += [WEB_SESSION.c.name == upn] if table is WEB_SESSION else []
        done += connection.execute(delete(table).where(or_(*gone))).rowcount if gone else 0
    if table.name in APPEND_ONLY or table is PERSON:
        return done
    for column in table.columns:
        if column.name in ACTORS:
            for name in (f"person:{upn}", upn):
                changed = update(table).where(column == name).values({column: f"person:{person}"})
                done += connection.execute(changed).rowcount
        elif column.name == "upn":
            done += connection.execute(update(table).where(column == upn).values({column: ""})).rowcount
    return done


def _anonymize(connection: Connection, person: str, at: int) -> None:
    connection.execute(
        update(PERSON)
        .where(PERSON.c.id == person)
        .values(
            upn=f"erased-{person}@erased.invalid",
            display_name="",
            sort_name="",
            email="",
            site="",
            external_id=None,
            changed_at=at,
        )
    )


def _kept(connection: Connection, upn: str) -> Iterator[str]:
    for table in all_tables():
        if table.name not in APPEND_ONLY:
            continue
        for column in table.columns:
            if column.name in ACTORS:
                count = connection.execute(
                    select(func.count()).select_from(table).where(column == f"person:{upn}")
                ).scalar_one()
                if count:
                    yield f"{count} rows of {table.name} name them as {column.name}: that ledger is append only."


def _held(recordings: int) -> Iterator[str]:
    if recordings:
        yield f"{recordings} recordings of calls with them are held, and go when the hold is lifted."


def _upn(connection: Connection, person: str) -> str:
    return str(connection.execute(select(PERSON.c.upn).where(PERSON.c.id == person)).scalar_one())
