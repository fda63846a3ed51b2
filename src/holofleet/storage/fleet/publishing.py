"""Publishing: a whole State in one transaction, of which only what differs is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, insert, literal_column, select, text, update

from holofleet.errors import ConflictError
from holofleet.resources import State
from holofleet.server.events import EventKind, NewEvent
from holofleet.server.fleet.publication import OWN, HeadsetRow, Publication, PublishedFleet
from holofleet.server.fleet.store import NewPublication
from holofleet.storage.assist.policy import take_over_calls
from holofleet.storage.directory.publishing import take_over
from holofleet.storage.events import append_events
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.licenses.publishing import take_over_licenses
from holofleet.storage.loans.publishing import take_over_loans
from holofleet.storage.moments import from_micros, to_micros
from holofleet.storage.tables.management import (
    CLIENT,
    DEPLOYMENT,
    DOCUMENT,
    ENROLLMENT,
    HEADSET,
    ORIGIN,
    PUBLICATION,
)
from holofleet.storage.tables.visits import SITE

KEPT_STATES = 20
"""Publications that keep their State and texts; of older ones only who and when remain. Ours."""
CHUNK = 500
_T = TypeVar("_T")


def publish(connection: Connection, new: NewPublication) -> Publication:
    """Write a publication; see :meth:`holofleet.server.fleet.store.FleetStore.publish`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE"))  # one publisher at a time
    last = newest(connection)
    told_hash = last.state_hash if last is not None else State().hash
    if new.expect_told_hash is not None and new.expect_told_hash != told_hash:
        raise ConflictError(
            "another State was published since the plan was made",
            detail=f"The plan was made against {new.expect_told_hash[:12]}, the server was told {told_hash[:12]}.",
            mend="Plan again and approve that plan.",
        )
    if last is not None and (last.state, last.texts) == (new.state, new.texts):
        return Publication(last.id, told_hash, from_micros(last.at), last.actor, changed=False)
    at = to_micros(new.at)
    _write_fleet(connection, new.fleet, at)
    take_over(connection, new.fleet.people, new.fleet.groups, at=at, actor=new.actor, may_grant=new.may_grant)
    take_over_loans(connection, new.fleet.loans, at=at)
    take_over_calls(connection, new.fleet.calls)
    take_over_licenses(connection, new.fleet.licenses, at=at, actor=new.actor)
    connection.execute(
        insert(PUBLICATION).values(
            id=new.id,
            at=at,
            actor=new.actor,
            state_hash=new.state_hash,
            state=new.state,
            texts=new.texts,
            plan_hash=new.plan_hash,
        )
    )
    _forget_old_states(connection)
    event = NewEvent(
        EventKind.PUBLISHED, OWN, new.actor, data={"hash": new.state_hash, "headsets": len(new.fleet.headsets)}
    )
    append_events(connection, at=new.at, events=[event])
    append_audit(connection, new.audit, at=new.at, epoch=new.epoch)
    return Publication(new.id, new.state_hash, new.at, new.actor, changed=True)


def newest(connection: Connection) -> Any:
    """Return the row of the newest publication, or ``None``."""
    return connection.execute(select(PUBLICATION).order_by(PUBLICATION.c.sequence.desc()).limit(1)).one_or_none()


def _write_fleet(connection: Connection, fleet: PublishedFleet, at: int) -> None:
    _write_documents(connection, fleet.documents)
    _write_clients(connection, fleet.clients, at)
    _write_sites(connection, fleet.sites)
    _write_deployments(connection, fleet, at)
    _write_headsets(connection, fleet.headsets, at)
    connection.execute(delete(ORIGIN))
    origins = [
        {"client_id": client, "deployment": deployment, "oma_uri": uri, "chain": chain}
        for client, deployment, uri, chain in fleet.origins
    ]
    for part in _chunks(origins):
        connection.execute(insert(ORIGIN), part)


def _write_documents(connection: Connection, documents: Iterable[tuple[str, str]]) -> None:
    rows = dict(documents)
    known: set[str] = set()
    for hashes in _chunks(list(rows)):
        known.update(connection.execute(select(DOCUMENT.c.hash).where(DOCUMENT.c.hash.in_(hashes))).scalars())
    missing = [{"hash": key, "content": content} for key, content in rows.items() if key not in known]
    for part in _chunks(missing):
        connection.execute(insert(DOCUMENT), part)


def _write_clients(connection: Connection, clients: Iterable[tuple[str, str]], at: int) -> None:
    wanted = {name: {"client_id": name, "display_name": title, "removed_at": None} for name, title in clients}
    _merge(connection, CLIENT, "client_id", wanted, at)


def _write_sites(connection: Connection, sites: Iterable[tuple[str, str, str]]) -> None:
    connection.execute(delete(SITE))
    rows = [{"client_id": client, "name": name, "data": data} for client, name, data in sites]
    for part in _chunks(rows):
        connection.execute(insert(SITE), part)


def _write_deployments(connection: Connection, fleet: PublishedFleet, at: int) -> None:
    wanted = {
        row.name: {
            "name": row.name,
            "client_id": row.client,
            "data": row.data,
            "common_hash": row.common_hash,
            "undelivered": row.undelivered,
            "removed_at": None,
        }
        for row in fleet.deployments
    }
    for name, client in connection.execute(select(DEPLOYMENT.c.name, DEPLOYMENT.c.client_id)):
        if name in wanted and wanted[name]["client_id"] != client:
            raise ConflictError(
                f"deployment {name} belongs to client {client} and cannot move to {wanted[name]['client_id']}",
                detail="What was done in it stays with the client that it was done for.",
                mend="Give the deployment of the other client a name of its own.",
            )
    _merge(connection, DEPLOYMENT, "name", wanted, at)


def _write_headsets(connection: Connection, headsets: Iterable[HeadsetRow], at: int) -> None:
    wanted = {}
    for headset in headsets:
        row = asdict(headset)
        row["client_id"] = row.pop("client")
        wanted[headset.serial] = {**row, "removed_at": None}
    before = _merge(connection, HEADSET, "serial", wanted, at, published=at)
    # An enrolled headset follows its serial into another deployment of the same client.
    moved = [
        {"key": serial, "client": row["client_id"], "to": row["deployment"]}
        for serial, row in wanted.items()
        if serial in before and before[serial]["deployment"] != row["deployment"]
    ]
    for part in _chunks(moved):
        connection.execute(
            update(ENROLLMENT)
            .where(ENROLLMENT.c.held_serial == bindparam("key"), ENROLLMENT.c.client_id == bindparam("client"))
            .values(deployment=bindparam("to"), version=ENROLLMENT.c.version + 1),
            part,
        )
    # What fills its settings is new: it is not as the file wants it until it says so.
    refilled = [
        {"key": serial, "client": row["client_id"]}
        for serial, row in wanted.items()
        if serial in before and before[serial]["variables"] != row["variables"]
    ]
    for part in _chunks(refilled):
        connection.execute(
            update(ENROLLMENT)
            .where(ENROLLMENT.c.held_serial == bindparam("key"), ENROLLMENT.c.client_id == bindparam("client"))
            .where(ENROLLMENT.c.compliance == "compliant")
            .values(compliance="pending", version=ENROLLMENT.c.version + 1),
            part,
        )


def _merge(
    connection: Connection,
    table: Table,
    key: str,
    wanted: dict[str, dict[str, Any]],
    at: int,
    *,
    published: int | None = None,
) -> dict[str, dict[str, Any]]:
    """Make the rows of a table those that are wanted; what is no longer wanted is marked, never deleted.

    Returns:
        The rows as they were before, by key.
    """
    columns = [column.name for column in table.columns if column.name != "published_at"]
    before = {
        row._mapping[key]: dict(row._mapping)
        for row in connection.execute(select(*(table.c[name] for name in columns)))
    }
    stamp = {} if published is None else {"published_at": published}
    new = [{**row, **stamp} for name, row in wanted.items() if name not in before]
    changed = [
        {**{f"new_{part}": value for part, value in {**row, **stamp}.items()}, "old_key": name}
        for name, row in wanted.items()
        if name in before and before[name] != row
    ]
    gone = [name for name, row in before.items() if name not in wanted and row["removed_at"] is None]
    for part in _chunks(new):
        connection.execute(insert(table), part)
    if changed:
        others = [name for name in (*columns, *stamp) if name != key]
        statement = (
            update(table)
            .where(table.c[key] == bindparam("old_key"))
            .values({name: bindparam(f"new_{name}") for name in others})
        )
        for part in _chunks(changed):
            connection.execute(statement, part)
    for names in _chunks(gone):
        connection.execute(update(table).where(table.c[key].in_(names)).values(removed_at=at))
    return before


def _forget_old_states(connection: Connection) -> None:
    oldest_kept = (
        select(PUBLICATION.c.sequence).order_by(PUBLICATION.c.sequence.desc()).offset(KEPT_STATES).limit(1)
    ).scalar_subquery()
    connection.execute(
        update(PUBLICATION)
        .where(PUBLICATION.c.sequence <= oldest_kept, PUBLICATION.c.state != literal_column("''"))
        .values(state="", texts="{}")
    )


def _chunks(rows: list[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def texts_of(row: Any) -> dict[str, str]:
    """Return the texts of a publication's row."""
    texts: dict[str, str] = json.loads(row.texts) if row is not None else {}
    return texts
