"""People, groups and roles, on both databases (SECURITY AUTHZ-3, DIR-2, ISO-1, ISO-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.identity import NOW, Identity, MemoryRevocations, seed

from holofleet.clock import SetClock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.resources import Client, Group, State, User
from holofleet.server.authorization import LOCAL_ADMIN, Decision, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import (
    DirectoryService,
    NewGroup,
    NewPerson,
    PeopleQuery,
    Person,
    PersonChange,
    Rights,
    Source,
    published_directory,
)
from holofleet.storage.database import Database
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.directory.publishing import take_over
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.directory import MEMBERSHIP, PERSON_ROLE
from holofleet.storage.tables.management import CLIENT


class World:
    def __init__(self, database: Database) -> None:
        self.identity = Identity(database)
        self.database = database
        self.clock: SetClock = self.identity.clock
        self.revocations: MemoryRevocations = self.identity.revocations
        self.directory = DirectoryService(
            StoredDirectory(database, epoch=1), self.clock, revocations=self.revocations
        )

    def add(self, upn: str, client: str = "own", role: Role | None = None) -> Person:
        made = self.directory.add(LOCAL_ADMIN, NewPerson(upn, upn.split("@")[0].title(), client))
        return made if role is None else self.directory.give_role(LOCAL_ADMIN, made.id, role)

    def publish(self, *resources: User | Group) -> None:
        clients = [Client(name=name, display_name=name.title()) for name in ("own", "fabrikam", "northwind")]
        people, groups = published_directory(State(resources=[*clients, *resources]))
        with self.database.transaction() as connection:
            take_over(
                connection,
                people,
                groups,
                at=to_micros(self.clock.now()),
                actor="local-admin",
                may_grant=Decision(True),
            )


@pytest.fixture
def world(database: Database) -> World:
    seed(database)
    with database.transaction() as connection:
        known = set(connection.execute(select(CLIENT.c.client_id)).scalars())
        for name in {"own", "fabrikam", "northwind"} - known:
            connection.execute(CLIENT.insert().values(client_id=name, display_name=name.title()))
    return World(database)


def person(upn: str, role: Role = Role.ADMINISTRATOR, *clients: str) -> Principal:
    scope = Scope.of(*clients) if clients else Scope.every()
    return Principal(PrincipalKind.PERSON, upn, frozenset({role}), scope)


def test_somebody_new_has_no_role_and_is_found_by_any_spelling_of_their_name(world: World) -> None:
    made = world.add("Megan@Contoso.com")
    assert (made.upn, made.roles, made.source) == ("megan@contoso.com", frozenset(), Source.CONSOLE)
    assert world.directory.person(LOCAL_ADMIN, "MEGAN@contoso.com") == made
    assert world.directory.rights(made.id) == Rights("megan@contoso.com", frozenset(), Scope.every())


@pytest.mark.parametrize("upn", ["", "megan", "me gan@contoso.com", "megan@", "@contoso.com", "a@b@c", "x" * 300])
def test_what_is_no_user_principal_name_is_refused(world: World, upn: str) -> None:
    with pytest.raises(InputError, match="user principal name"):
        world.directory.add(LOCAL_ADMIN, NewPerson(upn))


def test_a_name_is_taken_once_and_a_person_of_a_foreign_client_is_nobody(world: World) -> None:
    world.add("isaiah@fabrikam.com", "fabrikam")
    with pytest.raises(ConflictError):
        world.add("isaiah@fabrikam.com", "northwind")
    outsider = person("lee@northwind.com", Role.VIEWER, "northwind")
    with pytest.raises(NotFoundError) as foreign:
        world.directory.person(outsider, "isaiah@fabrikam.com")
    with pytest.raises(NotFoundError) as unknown:
        world.directory.person(outsider, "nobody@fabrikam.com")
    assert str(foreign.value) == str(unknown.value)
    assert world.directory.people(outsider).total == 0


def test_ISO_2_an_administrator_of_one_client_touches_nobody_of_another(world: World) -> None:
    theirs = world.add("isaiah@fabrikam.com", "fabrikam")
    limited = person("lee@northwind.com", Role.ADMINISTRATOR, "northwind")
    for act in (
        lambda: world.directory.change(limited, theirs.id, PersonChange(display_name="x")),
        lambda: world.directory.leave(limited, theirs.id),
        lambda: world.directory.give_role(limited, theirs.id, Role.VIEWER),
        lambda: world.directory.add(limited, NewPerson("new@fabrikam.com", client="fabrikam")),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_AUTHZ_3_a_role_counts_and_stops_counting_at_once(world: World) -> None:
    made = world.add("megan@contoso.com", role=Role.DEPLOYER)
    assert world.directory.rights(made.id) == Rights(made.upn, frozenset({Role.DEPLOYER}), Scope.every())
    world.directory.take_role(LOCAL_ADMIN, made.id, Role.DEPLOYER)
    found = world.directory.rights(made.id)
    assert found is not None
    assert found.roles == frozenset()


def test_AUTHZ_3_nobody_raises_their_own_rights_or_gives_more_than_they_have(world: World) -> None:
    megan = world.add("megan@contoso.com", role=Role.ADMINISTRATOR)
    isaiah = world.add("isaiah@fabrikam.com", "fabrikam")
    with pytest.raises(RefusedError, match="own rights"):
        world.directory.give_role(person(megan.upn), megan.id, Role.AUDITOR)
    with pytest.raises(InputError, match="nobody else's"):
        world.directory.change(LOCAL_ADMIN, isaiah.id, PersonChange(seen=Scope.every()))
    with pytest.raises(RefusedError):
        world.directory.give_role(person("x@contoso.com", Role.DEPLOYER), isaiah.id, Role.VIEWER)
    with pytest.raises(RefusedError, match="own account"):
        world.directory.leave(person(megan.upn), megan.id)


def test_AUTHZ_3_the_last_administrator_of_everything_stays(world: World) -> None:
    megan = world.add("megan@contoso.com", role=Role.ADMINISTRATOR)
    with pytest.raises(ConflictError, match="administrator any more"):
        world.directory.take_role(LOCAL_ADMIN, megan.id, Role.ADMINISTRATOR)
    with pytest.raises(ConflictError, match="administrator any more"):
        world.directory.leave(LOCAL_ADMIN, megan.id)
    with pytest.raises(ConflictError, match="administrator any more"):
        world.directory.change(LOCAL_ADMIN, megan.id, PersonChange(seen=Scope.of("own")))
    lee = world.add("lee@contoso.com", role=Role.ADMINISTRATOR)
    world.directory.leave(LOCAL_ADMIN, megan.id, reason="moved to another company")
    assert [one.upn for one in world.directory.people(LOCAL_ADMIN).people] == [lee.upn]


def test_whoever_leaves_loses_roles_groups_and_tokens_and_the_preview_said_so(world: World) -> None:
    megan = world.add("megan@contoso.com", role=Role.DEPLOYER)
    world.add("root@contoso.com", role=Role.ADMINISTRATOR)
    world.directory.add_group(LOCAL_ADMIN, NewGroup("welders", members=frozenset({megan.id})))
    maker = person(megan.upn)
    token = world.identity.access.issue_token(maker, "ci", [Role.VIEWER]).token
    said = world.directory.endings(LOCAL_ADMIN, megan.id)
    assert {ending.what: ending.count for ending in said} == {"tokens": 1, "roles": 1, "groups": 1}
    assert world.directory.leave(LOCAL_ADMIN, megan.id) == said
    assert world.directory.rights(megan.id) is None
    assert world.directory.sign_in_name(megan.upn) is None
    assert world.identity.access.principal_of_token(token) is None
    assert len(world.revocations.digests) == 1
    assert world.directory.group(LOCAL_ADMIN, "welders").members == frozenset()
    with world.database.read() as connection:
        assert connection.execute(select(PERSON_ROLE).where(PERSON_ROLE.c.person_id == megan.id)).first() is None
        assert connection.execute(select(MEMBERSHIP)).first() is None


def test_whoever_comes_back_is_the_same_person_without_any_right(world: World) -> None:
    world.add("root@contoso.com", role=Role.ADMINISTRATOR)
    first = world.add("megan@contoso.com", role=Role.DEPLOYER)
    world.directory.leave(LOCAL_ADMIN, first.id)
    again = world.add("megan@contoso.com")
    assert (again.id, again.roles, again.active) == (first.id, frozenset(), True)


def test_each_change_is_in_the_audit_and_names_nobody_in_its_chain(world: World) -> None:
    made = world.add("megan@contoso.com", role=Role.VIEWER)
    world.directory.change(LOCAL_ADMIN, made.id, PersonChange(site="plant-3"))
    links = world.identity.audit.after(0, 100)
    assert [(link.action, link.data.get("act")) for link in links] == [
        ("change-people", "add"),
        ("grant-role", "give"),
        ("change-people", "change"),
    ]
    assert {link.subject for link in links} == {f"person:{made.id}"}
    assert "megan" not in str([link.data for link in links])
    assert world.identity.audit.verify().intact


def test_people_are_searched_by_the_beginning_of_a_name_and_paged_by_upn(world: World) -> None:
    for number in range(7):
        world.add(f"w{number}@contoso.com")
    world.directory.change(LOCAL_ADMIN, "w3@contoso.com", PersonChange(display_name="Élodie %_ Martin"))
    page = world.directory.people(LOCAL_ADMIN, limit=3)
    assert ([one.upn for one in page.people], page.total, page.next) == (
        ["w0@contoso.com", "w1@contoso.com", "w2@contoso.com"],
        7,
        "w2@contoso.com",
    )
    rest = world.directory.people(LOCAL_ADMIN, after=page.next, limit=500)
    assert (len(rest.people), rest.next) == (4, None)
    assert [one.upn for one in world.directory.people(LOCAL_ADMIN, PeopleQuery("éLODIE %")).people] == [
        "w3@contoso.com"
    ]
    assert world.directory.people(LOCAL_ADMIN, PeopleQuery("%")).total == 0


def test_a_group_of_a_client_holds_nobody_else_and_one_of_ours_holds_anybody(world: World) -> None:
    ours, theirs = world.add("megan@contoso.com"), world.add("isaiah@fabrikam.com", "fabrikam")
    with pytest.raises(NotFoundError):
        world.directory.add_group(LOCAL_ADMIN, NewGroup("x", client="fabrikam", members=frozenset({ours.id})))
    both = world.directory.add_group(LOCAL_ADMIN, NewGroup("both", members=frozenset({ours.id, theirs.id})))
    assert both.members == {ours.id, theirs.id}
    outsider = person("lee@northwind.com", Role.ADMINISTRATOR, "northwind")
    assert world.directory.groups(outsider) == ()
    with pytest.raises(NotFoundError):
        world.directory.change_members(outsider, "both", remove=[ours.id])


# What the fleet file says.


def test_whom_the_fleet_file_names_is_there_with_the_roles_that_it_gives(world: World) -> None:
    world.publish(
        User(upn="megan@contoso.com", display_name="Megan Bowen", roles=("administrator", "expert")),
        User(upn="hl-1@contoso.com", client="fabrikam", account="shared"),
        Group(name="accounts", members=("hl-1@contoso.com",)),
    )
    megan = world.directory.person(LOCAL_ADMIN, "megan@contoso.com")
    assert (megan.roles, megan.call_roles, megan.scope) == (
        frozenset({Role.ADMINISTRATOR}),
        frozenset({"expert"}),
        Scope.every(),
    )
    shared = world.directory.person(LOCAL_ADMIN, "hl-1@contoso.com")
    assert (shared.client, shared.scope, shared.source) == ("fabrikam", Scope.of("fabrikam"), Source.FILE)
    assert world.directory.group(LOCAL_ADMIN, "accounts").members == {shared.id}


def test_publishing_the_same_twice_changes_nobody(world: World) -> None:
    named = (User(upn="megan@contoso.com", roles=("viewer",)), Group(name="all", members=("megan@contoso.com",)))
    world.publish(*named)
    before = world.directory.person(LOCAL_ADMIN, "megan@contoso.com")
    world.clock.advance(timedelta(hours=1))
    world.publish(*named)
    assert world.directory.person(LOCAL_ADMIN, "megan@contoso.com") == before


def test_whom_the_file_no_longer_names_leaves_and_whoever_is_also_from_elsewhere_loses_what_the_file_gave(
    world: World,
) -> None:
    world.add("lee@contoso.com", role=Role.AUDITOR)
    world.publish(
        User(upn="megan@contoso.com", roles=("viewer",)), User(upn="lee@contoso.com", roles=("deployer",))
    )
    assert world.directory.person(LOCAL_ADMIN, "lee@contoso.com").roles == {Role.AUDITOR, Role.DEPLOYER}
    with pytest.raises(ConflictError, match="fleet file"):
        world.directory.take_role(LOCAL_ADMIN, "lee@contoso.com", Role.DEPLOYER)
    world.publish()
    assert world.directory.person(LOCAL_ADMIN, "lee@contoso.com").roles == {Role.AUDITOR}
    megan = world.directory.person(LOCAL_ADMIN, "megan@contoso.com")
    assert (megan.active, megan.left_at) == (False, NOW)
    world.publish(User(upn="megan@contoso.com", roles=("viewer",)))
    assert world.directory.person(LOCAL_ADMIN, "megan@contoso.com").id == megan.id


def test_nobody_moves_from_one_client_to_another(world: World) -> None:
    world.publish(User(upn="hl-1@contoso.com", client="fabrikam", account="headset"))
    with pytest.raises(ConflictError, match="cannot move"):
        world.publish(User(upn="hl-1@contoso.com", client="northwind", account="headset"))
