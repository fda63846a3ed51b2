"""Which rows a narrowed scope sees, table by table, on both databases (SECURITY ISO-2, AUTHZ-1).

One client has two deployments and two sites; headsets stand where the two cross. Every row that belongs to a
headset or to somebody at a site is named after it, so what is seen can be said in names.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Integer, Table, insert, select

from holofleet.server.authorization import Scope
from holofleet.storage.database import Database
from holofleet.storage.scoping import PLACES, in_scope
from holofleet.storage.tables import (
    approvals,
    assist,
    custody,
    directory,
    guides,
    identity,
    left,
    licenses,
    loans,
    recordings,
)
from holofleet.storage.tables import management as fleet
from holofleet.storage.tables.metadata import METADATA
from holofleet.storage.tables.visits import SITE

FAB, NOR = "fabrikam", "northwind"
HEADSETS = {
    "a1": (FAB, "dep-a", "site-1"),
    "a2": (FAB, "dep-a", "site-2"),
    "b2": (FAB, "dep-b", "site-2"),
    "n9": (NOR, "dep-n", "site-9"),
}
DEPLOYMENTS = {"dep-a": FAB, "dep-b": FAB, "dep-n": NOR}
SITES = {"site-1": FAB, "site-2": FAB, "site-9": NOR}


def at(*sites: str, clients: set[str] | None = None) -> Scope:
    return Scope(frozenset(clients) if clients else None, frozenset(sites))


def of(*deployments: str, sites: set[str] | None = None) -> Scope:
    return Scope(None, frozenset(sites) if sites else None, frozenset(deployments))


SCOPES = {
    "site-1": at("site-1"),
    "site-2": at("site-2"),
    "site-2 of northwind": at("site-2", clients={NOR}),
    "dep-a": of("dep-a"),
    "dep-b": of("dep-b"),
    "dep-a at site-2": of("dep-a", sites={"site-2"}),
    "nowhere": at(),
}
OF_HEADSETS = dict(zip(SCOPES, ("a1", "a2 b2", "", "a1 a2", "b2", "a2", ""), strict=True))
OF_PEOPLE = dict(zip(SCOPES, ("p1", "p2", "", "p1 p2", "p2", "p2", ""), strict=True))
OF_DEPLOYMENTS = dict(zip(SCOPES, ("dep-a", "dep-a dep-b", "", "dep-a", "dep-b", "dep-a", ""), strict=True))
WHOLE = dict(zip(SCOPES, ("", "", "", "dep-a", "dep-b", "", ""), strict=True))
"""What opens, or counts for, every headset of a deployment."""
OF_ENROLLMENTS = dict(zip(SCOPES, ("a1", "a2 b2", "", "a1 a2 new", "b2", "a2", ""), strict=True))
"""``new`` enrolled for dep-a and did not say yet which headset it is."""
EVENTS = dict(zip(SCOPES, ("a1", "a2 b2", "", "a1 a2 dep-a new", "b2 dep-b", "a2", ""), strict=True))
TOGETHER = dict(zip(SCOPES, ("a1", "a2 a2+b2 b2", "", "a1 a1+a2 a2", "b2", "a2", ""), strict=True))
"""Lists of headsets are seen by whoever sees each of them."""

EXPECTED: dict[Table, tuple[str, dict[str, str]]] = {
    fleet.HEADSET: ("serial", OF_HEADSETS),
    fleet.ENROLLMENT: ("id", OF_ENROLLMENTS),
    fleet.ORDER: ("id", OF_ENROLLMENTS),
    fleet.EVENT: ("actor", EVENTS),
    fleet.DEPLOYMENT: ("name", OF_DEPLOYMENTS),
    fleet.ORIGIN: ("deployment", OF_DEPLOYMENTS),
    SITE: ("name", dict(zip(SCOPES, ("site-1", "site-2", "", "site-1 site-2", *["site-2"] * 2, ""), strict=True))),
    custody.CUSTODY: ("serial", OF_HEADSETS),
    custody.CUSTODY_STATE: ("serial", OF_HEADSETS),
    custody.ACCOUNT_SECRET: ("person_id", OF_PEOPLE),
    assist.CALL: ("serial", OF_HEADSETS),
    assist.GUEST_LINK: ("serial", OF_HEADSETS),
    left.CALL_LEFT: ("serial", OF_HEADSETS),
    recordings.CALL_RECORDING: ("serial", OF_HEADSETS),
    directory.PERSON: ("id", OF_PEOPLE),
    licenses.LICENSE_ASSIGNMENT: ("person_id", OF_PEOPLE),
    licenses.LICENSE_GRANT: ("person_id", OF_PEOPLE),
    identity.CREDENTIAL: ("deployment", WHOLE),
    guides.STANDING_TURN: ("deployment", WHOLE),
    identity.AUDIT: (
        "action",
        dict(
            zip(
                SCOPES,
                ("a1 e-a1", "a2 b2 e-a2 e-b2", "", "a1 a2 e-a1 e-a2", "b2 e-b2", "a2 e-a2", ""),
                strict=True,
            )
        ),
    ),
    approvals.APPROVAL: ("id", TOGETHER),
    loans.LOAN: ("name", TOGETHER),
}


class Rows:
    """Rows in which only what matters is said; every other column holds something that fits."""

    def __init__(self) -> None:
        self.by_table: dict[Table, list[dict[str, Any]]] = {}

    def add(self, table: Table, **said: Any) -> None:
        number = len(self.by_table.setdefault(table, [])) + 1
        row: dict[str, Any] = {}
        for column in table.columns:
            if column.name in said:
                row[column.name] = said[column.name]
            elif not column.nullable and column.server_default is None:
                whole = isinstance(column.type, Integer) or column.type.python_type is int
                row[column.name] = number if whole else f"{table.name}-{number}"
        self.by_table[table].append(row)

    def write(self, database: Database) -> None:
        with database.transaction() as connection:
            for table in METADATA.sorted_tables:
                for row in self.by_table.get(table, ()):
                    connection.execute(insert(table).values(row))


def furnish(rows: Rows) -> None:
    for client in (FAB, NOR, "own"):
        rows.add(fleet.CLIENT, client_id=client)
    rows.add(fleet.DOCUMENT, hash="d", content="{}")
    for name, client in DEPLOYMENTS.items():
        rows.add(fleet.DEPLOYMENT, name=name, client_id=client, common_hash="d")
        rows.add(fleet.ORIGIN, deployment=name, client_id=client)
        rows.add(identity.CREDENTIAL, deployment=name, client_id=client, uses=1, uses_left=1)
        rows.add(guides.STANDING_TURN, deployment=name, client_id=client)
        rows.add(fleet.EVENT, deployment=name, client_id=client, actor=name)
    for name, client in SITES.items():
        rows.add(SITE, name=name, client_id=client)
        person = {"client_id": client, "person_id": f"p{name[-1]}"}
        rows.add(directory.PERSON, id=person["person_id"], client_id=client, site=name)
        rows.add(custody.ACCOUNT_SECRET, **person)
        rows.add(licenses.LICENSE_ASSIGNMENT, **person)
        rows.add(licenses.LICENSE_GRANT, **person)
    rows.add(directory.PERSON, id="p0", client_id=FAB)
    for serial, (client, deployment, site) in HEADSETS.items():
        headset = {"client_id": client, "serial": serial}
        rows.add(fleet.HEADSET, **headset, deployment=deployment, site=site, document_hash="d")
        rows.add(fleet.ENROLLMENT, id=serial, **headset, held_serial=serial, deployment=deployment)
        rows.add(fleet.ORDER, id=serial, client_id=client, enrollment_id=serial)
        rows.add(fleet.EVENT, **headset, actor=serial)
        for table in (custody.CUSTODY, custody.CUSTODY_STATE, left.CALL_LEFT, assist.GUEST_LINK):
            rows.add(table, **headset)
        rows.add(assist.CALL, id=f"call-of-{serial}", **headset)
        rows.add(recordings.CALL_RECORDING, call_id=f"call-of-{serial}", **headset)
        rows.add(identity.AUDIT, client_id=client, subject=f"headset:{serial}", action=serial)
        rows.add(identity.AUDIT, client_id=client, subject=f"enrollment:{serial}", action=f"e-{serial}")
    rows.add(identity.AUDIT, client_id=FAB, subject="loan:a1", action="of a loan")
    rows.add(fleet.ENROLLMENT, id="new", client_id=FAB, deployment="dep-a")
    rows.add(fleet.ORDER, id="new", client_id=FAB, enrollment_id="new")
    rows.add(fleet.EVENT, client_id=FAB, enrollment_id="new", actor="new")
    for together in ("a1", "a2", "b2", "n9", "a1+a2", "a2+b2", "none"):
        client = NOR if together == "n9" else FAB
        rows.add(approvals.APPROVAL, id=together, client_id=client)
        rows.add(loans.LOAN, id=together, name=together, client_id=client)
        for serial in together.split("+") if together != "none" else ():
            key = {"client_id": client, "serial": serial}
            rows.add(approvals.APPROVAL_HEADSET, approval_id=together, enrollment_id=serial, **key)
            rows.add(loans.LOAN_HEADSET, loan_id=together, **key)


def test_ISO_2_a_narrowed_scope_sees_the_rows_of_its_places_and_no_other(database: Database) -> None:
    assert set(EXPECTED) == set(PLACES)
    rows = Rows()
    furnish(rows)
    rows.write(database)
    with database.read() as connection:
        for table, (name, expected) in EXPECTED.items():
            for scope, names in expected.items():
                seen = in_scope(select(table.c[name]), table.c.client_id, SCOPES[scope])
                found = sorted(connection.execute(seen).scalars())
                assert " ".join(found) == names, f"{table.name}, {scope}"


def test_ISO_2_of_every_other_table_a_narrowed_scope_sees_nothing(database: Database) -> None:
    rows = Rows()
    furnish(rows)
    rows.write(database)
    with database.read() as connection:
        for table in (fleet.CLIENT, approvals.APPROVAL_HEADSET, loans.LOAN_HEADSET):
            whole, part = (
                connection.execute(in_scope(select(table), table.c.client_id, scope)).all()
                for scope in (Scope.of(FAB), Scope(frozenset({FAB}), frozenset(SITES)))
            )
            assert whole
            assert not part


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_AUTHZ_3_a_narrowed_scope_covers_itself_and_never_more(scope: Scope) -> None:
    assert scope.covers(scope)
    assert Scope.every().covers(scope)
    assert not scope.covers(Scope.every())
    assert not scope.covers(Scope.of(FAB))
    assert not scope.is_every
