"""Rights by name, and acts at one moment: nobody is two people, and somebody always administers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text
from tests.postgres import as_owner

from holofleet.clock import SetClock
from holofleet.errors import ConflictError, HolofleetError, RefusedError
from holofleet.resources import State, User
from holofleet.server.access import AccessService
from holofleet.server.authorization import LOCAL_ADMIN, FreshSignInError, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import DirectoryService, NewPerson, PersonChange, ProvisioningService, Source
from holofleet.server.directory.provisioning import FEW
from holofleet.server.directory.store import TooManyLeaveError
from holofleet.server.fleet import FleetService
from holofleet.storage.approvals.counting import person_behind
from holofleet.storage.database import Database
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.fleet import SQLFleetStore
from holofleet.storage.identity import StoredAccess
from holofleet.storage.tables.management import CLIENT

PROVIDER = Principal(PrincipalKind.TOKEN, "entra", frozenset({Role.PROVISIONER}), Scope.every())


class Revocations:
    def __init__(self) -> None:
        self.tokens: set[str] = set()

    def token_revoked(self, digest: str) -> bool:
        return digest in self.tokens

    def revoke_token(self, digest: str, clock: object) -> None:
        self.tokens.add(digest)


class World:
    """People and tokens over a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        self.revocations = Revocations()
        store = StoredDirectory(database, epoch=1)
        self.directory = DirectoryService(store, self.clock, revocations=self.revocations)
        self.provisioning = ProvisioningService(store, self.clock, revocations=self.revocations)
        self.fleet = FleetService(store=SQLFleetStore(database), clock=self.clock, epoch=lambda: 1)
        self.access = AccessService(
            StoredAccess(database, epoch=1),
            self.clock,
            cookie_key=b"c" * 32,
            epoch=1,
            revocations=self.revocations,
            local_token="hf_local_" + "t" * 43,
        )
        with database.transaction() as connection:
            if connection.execute(select(CLIENT.c.client_id).where(CLIENT.c.client_id == "own")).first() is None:
                connection.execute(insert(CLIENT).values(client_id="own"))

    def publish(self, principal: Principal, *people: User) -> None:
        self.fleet.publish(principal, State(people).to_json(), {}, plan_hash="", expect_told_hash=None)

    def person(self, upn: str, *roles: Role, source: Source = Source.CONSOLE) -> str:
        made = self.directory.add(LOCAL_ADMIN, NewPerson(upn=upn), source=source)
        for role in roles:
            self.directory.give_role(LOCAL_ADMIN, made.id, role)
        return made.id

    def token(self, maker: Principal, name: str, role: Role = Role.ADMINISTRATOR) -> str:
        self.clock.advance(timedelta(seconds=1))
        return self.access.issue_token(maker, name, [role]).token

    def roles(self, token: str) -> frozenset[Role]:
        found = self.access.principal_of_token(token)
        return found.roles if found is not None else frozenset()

    def behind(self, token: str) -> str:
        found = self.access.principal_of_token(token)
        assert found is not None
        with self.database.read() as connection:
            return person_behind(connection, found)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def administrator(upn: str) -> Principal:
    return Principal(PrincipalKind.PERSON, upn, frozenset({Role.ADMINISTRATOR}), Scope.every())


def test_AUTHZ_3_a_token_goes_with_its_maker_through_a_change_of_name(world: World) -> None:
    world.person("ada@contoso.com", Role.ADMINISTRATOR)
    megan = world.person("megan@contoso.com", Role.ADMINISTRATOR)
    token = world.token(administrator("megan@contoso.com"), "ci")
    world.directory.change(LOCAL_ADMIN, megan, PersonChange(upn="megan.bowen@contoso.com"))
    assert world.roles(token) == {Role.ADMINISTRATOR}
    assert world.behind(token) == "person:megan.bowen@contoso.com"
    # Whoever gets the old name later gets nothing with it, and takes nothing away.
    world.person("megan@contoso.com")
    assert world.behind(token) == "person:megan.bowen@contoso.com"
    world.directory.take_role(LOCAL_ADMIN, megan, Role.ADMINISTRATOR)
    assert world.roles(token) == frozenset()
    world.directory.give_role(LOCAL_ADMIN, megan, Role.ADMINISTRATOR)
    world.directory.leave(LOCAL_ADMIN, megan)
    assert world.access.principal_of_token(token) is None


def test_AUTHZ_3_a_token_of_somebody_whom_nobody_knows_is_worth_nothing(world: World) -> None:
    assert world.roles(world.token(administrator("nobody@contoso.com"), "ci")) == frozenset()
    assert world.roles(world.token(administrator("one-time-link"), "first")) == {Role.ADMINISTRATOR}


def test_AUTHZ_3_a_token_that_was_made_with_a_token_dies_with_it_and_with_the_person(world: World) -> None:
    megan = world.person("megan@contoso.com", Role.ADMINISTRATOR)
    world.person("ada@contoso.com", Role.ADMINISTRATOR)
    chains = []
    for name in ("one", "two"):
        first = world.access.principal_of_token(world.token(administrator("megan@contoso.com"), name))
        assert first is not None
        chains.append((first, world.token(first, f"{name}-made")))
    (first, made), (_, other) = chains
    assert world.roles(made) == world.roles(other) == {Role.ADMINISTRATOR}
    assert world.behind(made) == "person:megan@contoso.com"
    world.access.revoke_token(LOCAL_ADMIN, first.id)
    assert world.roles(made) == frozenset()
    assert world.roles(other) == {Role.ADMINISTRATOR}
    world.directory.leave(LOCAL_ADMIN, megan)
    assert world.roles(other) == frozenset()


def test_AUTHZ_3_a_deployers_fleet_file_changes_nobodys_rights(world: World) -> None:
    """Publishing is a smaller right than granting, also for a token, and no way to it."""
    ada, lee = (
        User(upn="ada@contoso.com", roles=("administrator",)),
        User(upn="lee@contoso.com", roles=("deployer",)),
    )
    world.publish(LOCAL_ADMIN, ada, lee)
    deployer = Principal(PrincipalKind.PERSON, "lee@contoso.com", frozenset({Role.DEPLOYER}), Scope.every())
    token = replace(deployer, kind=PrincipalKind.TOKEN, name="ci")
    for people in (
        (ada, replace_role(lee, "administrator")),
        (ada, lee, User(upn="new@contoso.com", roles=("viewer",))),
        (lee,),
        (),
        (ada, lee.model_copy(update={"role_sites": ("plant-3",)})),
    ):
        for principal in (deployer, token):
            with pytest.raises(RefusedError, match="for an administrator"):
                world.publish(principal, *people)
    world.publish(deployer, ada, lee, User(upn="new@contoso.com", roles=("expert",)))
    with pytest.raises(FreshSignInError):
        world.publish(replace(administrator("ada@contoso.com"), stale=True), ada, replace_role(lee, "helpdesk"))
    world.publish(administrator("ada@contoso.com"), ada, replace_role(lee, "helpdesk"))
    assert world.directory.person(LOCAL_ADMIN, "lee@contoso.com").roles == {Role.HELPDESK}


def replace_role(user: User, role: str) -> User:
    return user.model_copy(update={"roles": (role,)})


def test_AUTHZ_3_two_administrators_who_take_the_role_from_one_another_do_not_both_succeed(world: World) -> None:
    people = [world.person(f"{name}@contoso.com", Role.ADMINISTRATOR) for name in ("ada", "megan")]
    acts = [
        lambda: world.directory.take_role(LOCAL_ADMIN, people[0], Role.ADMINISTRATOR),
        lambda: world.directory.leave(LOCAL_ADMIN, people[1]),
    ]
    assert [type(error) for error in at_once(world.database, acts)] == [ConflictError]


def test_AUTHZ_3_an_end_that_was_refused_ends_no_token(world: World) -> None:
    only = world.person("ada@contoso.com", Role.ADMINISTRATOR)
    token = world.token(administrator("ada@contoso.com"), "ci")
    with pytest.raises(ConflictError):
        world.directory.leave(LOCAL_ADMIN, only)
    assert world.roles(token) == {Role.ADMINISTRATOR}


def test_DIR_3_a_provider_that_ends_people_and_brings_them_back_reaches_the_limit_too(world: World) -> None:
    people = [world.person(f"p{number}@contoso.com", source=Source.SCIM) for number in range(FEW + 2)]
    world.clock.advance(timedelta(days=2))
    for number in range(200):  # people made up today do not raise the limit
        if number < 20:
            world.person(f"x{number}@contoso.com", source=Source.SCIM)
    for person in people[:FEW]:
        world.provisioning.leave(PROVIDER, person)
        world.provisioning.change(PROVIDER, person, PersonChange(), active=True)
    with pytest.raises(TooManyLeaveError):
        world.provisioning.leave(PROVIDER, people[FEW])
    world.clock.advance(timedelta(days=1, seconds=1))
    world.provisioning.leave(PROVIDER, people[FEW])


def test_DIR_3_ends_at_one_moment_cannot_pass_the_limit_together(world: World) -> None:
    people = [world.person(f"p{number}@contoso.com", source=Source.SCIM) for number in range(FEW + 1)]
    for person in people[: FEW - 1]:
        world.provisioning.leave(PROVIDER, person)
    acts = [lambda person=person: world.provisioning.leave(PROVIDER, person) for person in people[FEW - 1 :]]
    assert [type(error) for error in at_once(world.database, acts)] == [TooManyLeaveError]


def at_once(database: Database, acts: list[Callable[[], object]]) -> list[HolofleetError]:
    """Do acts that all wait where the audit log is written, before any of them ends; return what was refused."""
    refused: list[HolofleetError] = []

    def do(act: Callable[[], object]) -> None:
        try:
            act()
        except HolofleetError as error:
            refused.append(error)

    threads = [threading.Thread(target=do, args=[act]) for act in acts]
    with held(database, len(acts)):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(60)
    return refused


@contextmanager
def held(database: Database, waiting: int) -> Iterator[None]:
    """Hold the head of the audit log until so many wait for it; SQLite has one writer at a time anyway."""
    if database.dialect == "sqlite":
        yield
        return
    with as_owner(database) as connection:
        connection.execute(text("SELECT * FROM audit_head FOR UPDATE"))
        yield
        blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        until = time.monotonic() + 60
        while connection.execute(blocked).scalar_one() < waiting:
            assert time.monotonic() < until
            time.sleep(0.01)
