"""What is kept about a person: given out whole, and erased without breaking the chain (SECURITY AUD-1)."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import inspect, select, text
from tests.identity import Identity, seed

from holofleet.errors import ConflictError, NotFoundError, RefusedError
from holofleet.server.audit import AuditQuery, PrivacyService
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import DirectoryService, NewGroup, NewPerson, PersonChange
from holofleet.server.licenses import LicenseService
from holofleet.storage.database import Database
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.identity import StoredPrivacy
from holofleet.storage.identity.privacy import ACTORS, APPEND_ONLY, SECRETS, all_tables
from holofleet.storage.licenses import StoredLicenses
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.licenses import LICENSE_POOL
from holofleet.storage.tables.management import EVENT, PUBLICATION

UPN = "megan@contoso.com"


class World:
    def __init__(self, database: Database) -> None:
        seed(database)
        self.database = database
        self.identity = Identity(database)
        self.directory = DirectoryService(
            StoredDirectory(database, epoch=1), self.identity.clock, revocations=self.identity.revocations
        )
        self.licenses = LicenseService(StoredLicenses(database, epoch=1), self.directory, self.identity.clock)
        self.privacy = PrivacyService(StoredPrivacy(database, epoch=1), self.identity.clock)
        self.id = self._a_life()

    def _a_life(self) -> str:
        """Megan is added, gets a role, acts, has a license and a group, and leaves something in every room."""
        megan = self.directory.add(LOCAL_ADMIN, NewPerson(UPN, "Megan Bowen", email="megan.b@contoso.com"))
        self.directory.give_role(LOCAL_ADMIN, megan.id, Role.ADMINISTRATOR)
        self.directory.add(LOCAL_ADMIN, NewPerson("root@contoso.com"))
        self.directory.give_role(LOCAL_ADMIN, "root@contoso.com", Role.ADMINISTRATOR)
        herself = Principal(PrincipalKind.PERSON, UPN, frozenset({Role.ADMINISTRATOR}), Scope.every())
        self.directory.change(herself, "root@contoso.com", PersonChange(site="plant-3"))
        self.identity.access.issue_token(herself, "ci", [Role.VIEWER])
        self.directory.add_group(LOCAL_ADMIN, NewGroup("welders", members=frozenset({megan.id})))
        at = to_micros(self.identity.clock.now())
        with self.database.transaction() as connection:
            connection.execute(LICENSE_POOL.insert().values(sku="EMS", seats=1, changed_at=at))
            connection.execute(
                EVENT.insert().values(client_id="own", at=at, kind="published", actor=f"person:{UPN}", data="{}")
            )
        self.licenses.assign(LOCAL_ADMIN, "EMS", user=megan.id)
        return megan.id

    def publish(self, sequence: int, content: str) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                PUBLICATION.insert().values(
                    sequence=sequence,
                    id=f"p{sequence}",
                    at=0,
                    actor=f"person:{UPN}",
                    state_hash="x",
                    state=content,
                    texts=json.dumps({"fleet.yaml": content}),
                )
            )

    def everything(self) -> str:
        """Return every value of every table as text."""
        parts: list[str] = []
        with self.database.read() as connection:
            for table in inspect(self.database.engine).get_table_names():
                for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                    parts += [str(value) for value in row]
        return "\n".join(parts).casefold()


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_person_is_given_out_from_every_room_without_secrets(world: World) -> None:
    found = world.privacy.export(LOCAL_ADMIN, UPN.upper())
    assert (found.person, found.upn) == (world.id, UPN)
    assert {
        "person",
        "person_role",
        "membership",
        "token",
        "license_grant",
        "event",
        "audit",
    } <= found.rooms.keys()
    assert found.rooms["person"][0]["email"] == "megan.b@contoso.com"
    acts = [row["action"] for row in found.rooms["audit"]]
    assert {"change-people", "grant-role", "issue-token", "assign-license"} <= set(acts)
    for rows in found.rooms.values():
        for row in rows:
            assert not SECRETS & row.keys()
    assert "root@contoso.com" not in json.dumps(dict(found.rooms), default=str)
    assert world.identity.audit.page(Scope.every(), limit=1)[0].action == "export-person"


def test_AUD_1_who_acted_is_an_id_in_the_chain_and_is_found_by_name(world: World) -> None:
    acted = world.identity.audit.page(Scope.every(), query=AuditQuery(actor=f"person:{UPN}"))
    assert {link.actor for link in acted} == {f"person:{world.id}"}
    assert world.identity.audit.names(acted)[acted[0].sequence]["actor"] == UPN
    assert world.identity.audit.page(Scope.every(), query=AuditQuery(actor="person:nobody@contoso.com")) == ()


def test_AUD_1_an_erased_person_is_named_nowhere_and_the_chain_is_whole(world: World) -> None:
    before = world.identity.audit.verify().records
    world.directory.leave(LOCAL_ADMIN, world.id)
    found = world.privacy.erase(LOCAL_ADMIN, UPN, reason="asked for it")
    assert found.fields >= 2
    everything = world.everything()
    for name in ("megan", "bowen"):
        assert name not in everything
    assert world.id in everything
    verification = world.identity.audit.verify()
    assert (verification.intact, verification.records) == (True, before + 2)
    with pytest.raises(NotFoundError):
        world.privacy.export(LOCAL_ADMIN, UPN)
    assert world.privacy.export(LOCAL_ADMIN, world.id).upn.endswith("@erased.invalid")


def test_whoever_is_here_is_not_erased(world: World) -> None:
    with pytest.raises(ConflictError, match="is here"):
        world.privacy.erase(LOCAL_ADMIN, UPN)
    assert world.privacy.export(LOCAL_ADMIN, UPN).upn == UPN


def test_a_fleet_file_that_names_them_comes_first_and_older_ones_are_forgotten(world: World) -> None:
    world.directory.leave(LOCAL_ADMIN, world.id)
    world.publish(1, "people: [Megan@contoso.com]")
    with pytest.raises(ConflictError, match="published last names"):
        world.privacy.erase(LOCAL_ADMIN, UPN)
    world.publish(2, "people: []")
    world.privacy.erase(LOCAL_ADMIN, UPN)
    with world.database.read() as connection:
        rows = connection.execute(select(PUBLICATION.c.state).order_by(PUBLICATION.c.sequence)).scalars().all()
    assert rows == ["", "people: []"]
    assert "megan" not in world.everything()


def test_AUTHZ_2_who_gives_out_and_who_erases(world: World) -> None:
    world.directory.leave(LOCAL_ADMIN, world.id)
    auditor = Principal(PrincipalKind.TOKEN, "ci", frozenset({Role.AUDITOR}), Scope.every())
    assert world.privacy.export(auditor, world.id).person == world.id
    for principal in (
        auditor,
        Principal(PrincipalKind.TOKEN, "ci", frozenset({Role.ADMINISTRATOR}), Scope.of("own")),
    ):
        with pytest.raises(RefusedError):
            world.privacy.erase(principal, world.id)
    for role in (Role.VIEWER, Role.HELPDESK, Role.DEPLOYER):
        with pytest.raises(RefusedError):
            world.privacy.export(Principal(PrincipalKind.TOKEN, "ci", frozenset({role}), Scope.every()), world.id)


def test_the_ledgers_that_are_left_alone_are_those_that_the_database_keeps_append_only(world: World) -> None:
    if world.database.dialect == "sqlite":
        asked = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE UPDATE%'"
    else:
        asked = (
            "SELECT event_object_table FROM information_schema.triggers WHERE event_manipulation = 'UPDATE' "
            "AND action_timing = 'BEFORE'"
        )
    with world.database.read() as connection:
        assert set(connection.execute(text(asked)).scalars()) == APPEND_ONLY


def test_every_column_that_can_name_a_person_is_part_of_the_walk() -> None:
    """A new room that names people in a column of another name has to say so here."""
    walked = ACTORS | {"person_id", "holder_person_id", "upn", "person_client_id"}
    walked |= {"to_person_id", "taker_person_id"}  # the walk takes every column that ends so
    innocent = {"personal"}
    named = {
        f"{table.name}.{column.name}"
        for table in all_tables()
        for column in table.columns
        if any(
            part in column.name
            for part in ("person", "user", "upn", "actor", "maker", "owner", "author", "decider", "carrier", "_by")
        )
        and column.name not in walked | innocent
    }
    assert named <= {"credential.username"}, named
