"""Licenses on both databases (SECURITY LIC-1, ISO-1, ISO-2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from tests.identity import Identity, MemoryRevocations, seed

from holofleet.clock import SetClock
from holofleet.errors import ConflictError, InputError, NotFoundError, RefusedError
from holofleet.resources import Client, Group, LicensePool, State, User
from holofleet.server.authorization import LOCAL_ADMIN, Decision, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import (
    Account,
    DirectoryService,
    NewGroup,
    NewPerson,
    Person,
    published_directory,
)
from holofleet.server.licenses import LicenseService, PoolStanding, Standing, published_licenses
from holofleet.storage.database import Database
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.directory.publishing import take_over
from holofleet.storage.licenses import StoredLicenses
from holofleet.storage.licenses.publishing import take_over_licenses
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.licenses import LICENSE_ASSIGNMENT, LICENSE_GRANT
from holofleet.storage.tables.management import CLIENT


class World:
    def __init__(self, database: Database) -> None:
        self.identity = Identity(database)
        self.database = database
        self.clock: SetClock = self.identity.clock
        self.directory = DirectoryService(
            StoredDirectory(database, epoch=1), self.clock, revocations=MemoryRevocations()
        )
        self.store = StoredLicenses(database, epoch=1)
        self.licenses = LicenseService(self.store, self.directory, self.clock)

    def add(self, upn: str, client: str = "own") -> Person:
        return self.directory.add(LOCAL_ADMIN, NewPerson(upn, client=client, account=Account.PERSON))

    def group(self, name: str, *people: Person) -> None:
        self.directory.add_group(LOCAL_ADMIN, NewGroup(name, members=frozenset(one.id for one in people)))

    def publish(self, *resources: User | Group | LicensePool) -> None:
        state = State([*(Client(name=n, display_name=n) for n in ("own", "fabrikam")), *resources])
        people, groups = published_directory(state)
        at = to_micros(self.clock.now())
        with self.database.transaction() as connection:
            take_over(connection, people, groups, at=at, actor="local-admin", may_grant=Decision(True))
            take_over_licenses(connection, published_licenses(state), at=at, actor="local-admin")

    def pool(self, sku: str = "EMS") -> PoolStanding:
        return next(pool for pool in self.licenses.report(LOCAL_ADMIN).pools if pool.sku == sku)

    def states(self, upn: str) -> dict[str, str]:
        found = self.licenses.why(LOCAL_ADMIN, upn)
        return {f"{found.groups.get(g.source, '')}/{g.sku}": str(g.error or "active") for g in found.grants}


@pytest.fixture
def world(database: Database) -> World:
    seed(database)
    with database.transaction() as connection:
        known = set(connection.execute(select(CLIENT.c.client_id)).scalars())
        for name in {"own", "fabrikam"} - known:
            connection.execute(CLIENT.insert().values(client_id=name, display_name=name))
    made = World(database)
    made.publish(LicensePool(sku="EMS", seats=2), LicensePool(sku="INTUNE_A", seats=1))
    return made


def limited(*clients: str, role: Role = Role.ADMINISTRATOR) -> Principal:
    return Principal(PrincipalKind.PERSON, "lee@fabrikam.com", frozenset({role}), Scope.of(*clients))


def test_a_seat_is_taken_and_given_back(world: World) -> None:
    world.add("megan@contoso.com")
    world.licenses.assign(LOCAL_ADMIN, "EMS", user="megan@contoso.com")
    assert (world.pool().used, world.states("megan@contoso.com")) == (1, {"/EMS": "active"})
    assert world.licenses.take(LOCAL_ADMIN, "EMS", user="megan@contoso.com") == 1
    assert (world.pool().used, world.states("megan@contoso.com")) == (0, {})


def test_LIC_1_a_hundred_who_take_the_last_seat_at_once_and_one_has_it(world: World) -> None:
    people = [world.add(f"w{number}@contoso.com") for number in range(100)]

    def take(person: Person) -> bool:
        try:
            world.licenses.assign(LOCAL_ADMIN, "INTUNE_A", user=person.id)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, people)) == 1
    assert (world.pool("INTUNE_A").used, world.pool("INTUNE_A").waiting) == (1, 0)
    with world.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(LICENSE_ASSIGNMENT)).scalar_one() == 1


def test_a_direct_license_that_cannot_be_is_refused_and_leaves_nothing(world: World) -> None:
    world.add("megan@contoso.com")
    records = world.identity.audit.head().sequence
    with pytest.raises(ConflictError, match="no seat is left"):
        world.licenses.assign(LOCAL_ADMIN, "GUIDES_USER", user="megan@contoso.com")
    assert world.states("megan@contoso.com") == {}
    assert world.identity.audit.head().sequence == records


def test_a_group_keeps_its_license_and_who_had_no_seat_waits_until_one_is_free(world: World) -> None:
    people = [world.add(f"w{number}@contoso.com") for number in range(3)]
    world.group("welders", *people)
    world.licenses.assign(LOCAL_ADMIN, "EMS", group="welders")
    assert (world.pool().used, world.pool().waiting, world.pool().short) == (2, 1, 1)
    (problem,) = world.licenses.report(LOCAL_ADMIN).problems
    assert (problem.error, problem.group) == ("CountViolation", "welders")
    served = next(one for one in people if world.states(one.upn) == {"welders/EMS": "active"})
    world.directory.leave(LOCAL_ADMIN, served.id)
    assert world.store.serve_waiting(at=world.clock.now()) == 1
    assert (world.pool().used, world.pool().waiting) == (2, 0)
    assert world.store.serve_waiting(at=world.clock.now()) == 0


def test_one_product_from_two_sources_is_one_seat_and_lasts_as_long_as_one_of_them(world: World) -> None:
    megan = world.add("megan@contoso.com")
    world.group("welders", megan)
    world.licenses.assign(LOCAL_ADMIN, "EMS", group="welders")
    world.licenses.assign(LOCAL_ADMIN, "EMS", user=megan.id)
    assert world.pool().used == 1
    assert world.licenses.take(LOCAL_ADMIN, "EMS", user=megan.id) == 0
    assert world.states(megan.upn) == {"welders/EMS": "active"}


def test_who_joins_a_group_gets_its_licenses_and_who_goes_loses_them(world: World) -> None:
    megan = world.add("megan@contoso.com")
    world.group("welders")
    world.licenses.assign(LOCAL_ADMIN, "EMS", group="welders")
    world.directory.change_members(LOCAL_ADMIN, "welders", add=[megan.id])
    assert world.states(megan.upn) == {"welders/EMS": "active"}
    world.directory.change_members(LOCAL_ADMIN, "welders", remove=[megan.id])
    assert world.states(megan.upn) == {}


def test_a_group_that_gives_licenses_is_not_removed(world: World) -> None:
    world.group("welders")
    world.licenses.assign(LOCAL_ADMIN, "EMS", group="welders")
    with pytest.raises(ConflictError, match="gives licenses"):
        world.directory.remove_group(LOCAL_ADMIN, "welders")
    world.licenses.take(LOCAL_ADMIN, "EMS", group="welders")
    world.directory.remove_group(LOCAL_ADMIN, "welders")


def test_LIC_1_taking_from_many_needs_their_number(world: World) -> None:
    world.publish(LicensePool(sku="EMS", seats=9))
    world.group("welders", *(world.add(f"w{number}@contoso.com") for number in range(3)))
    world.licenses.assign(LOCAL_ADMIN, "EMS", group="welders")
    with pytest.raises(RefusedError, match="3 people would lose EMS") as refused:
        world.licenses.take(LOCAL_ADMIN, "EMS", group="welders")
    assert "--allow-removal 3" in str(refused.value.mend)
    assert world.pool().used == 3
    assert world.licenses.take(LOCAL_ADMIN, "EMS", group="welders", allow=3) == 3


def test_what_the_file_gives_is_the_files_and_goes_with_it(world: World) -> None:
    world.publish(
        LicensePool(sku="EMS", seats=2, trial_until=date(2026, 3, 20)),
        User(upn="HL-1@contoso.com", account="shared", licenses=("EMS",)),
        User(upn="lee@contoso.com", roles=("wearer",)),
        Group(name="all", members=("HL-1@contoso.com", "lee@contoso.com"), licenses=("EMS",)),
    )
    assert world.states("hl-1@contoso.com") == {"/EMS": "active", "all/EMS": "active"}
    assert (world.pool().used, world.pool().ends_in_days, world.pool().expiring) == (2, 18, True)
    with pytest.raises(NotFoundError, match="not assigned here"):
        world.licenses.take(LOCAL_ADMIN, "EMS", group="all")
    world.publish(LicensePool(sku="EMS", seats=2), User(upn="lee@contoso.com", roles=("wearer",)))
    assert world.pool().used == 0
    assert world.licenses.assignments(LOCAL_ADMIN) == ()
    with world.database.read() as connection:
        assert connection.execute(select(LICENSE_GRANT)).first() is None


def test_publishing_again_changes_no_grant_and_fewer_seats_take_from_the_newest(world: World) -> None:
    named = [User(upn=f"hl-{n}@contoso.com", account="shared", licenses=("EMS",)) for n in range(2)]
    world.publish(LicensePool(sku="EMS", seats=2), *named)
    with world.database.read() as connection:
        before = connection.execute(select(LICENSE_GRANT)).all()
    world.publish(LicensePool(sku="EMS", seats=2), *named)
    with world.database.read() as connection:
        assert connection.execute(select(LICENSE_GRANT)).all() == before
    world.publish(LicensePool(sku="EMS", seats=1), *named)
    assert (world.pool().used, world.pool().short) == (1, 1)


def test_a_group_of_the_file_that_goes_takes_what_was_assigned_to_it_here_too(world: World) -> None:
    lee = User(upn="lee@contoso.com", roles=("wearer",))
    world.publish(LicensePool(sku="EMS", seats=2), lee, Group(name="all", members=(lee.upn,)))
    world.licenses.assign(LOCAL_ADMIN, "EMS", group="all")
    world.publish(LicensePool(sku="EMS", seats=2), lee)
    assert world.states(lee.upn) == {}


def test_LIC_1_ISO_2_somebody_of_a_client_sees_its_people_and_no_numbers(world: World) -> None:
    ours, theirs = world.add("megan@contoso.com"), world.add("isaiah@fabrikam.com", "fabrikam")
    for person in (ours, theirs):
        world.licenses.assign(LOCAL_ADMIN, "EMS", user=person.id)
    viewer = limited("fabrikam", role=Role.VIEWER)
    seen = world.licenses.report(viewer)
    assert seen.pools == ()
    assert {waste.upn for waste in seen.wasted} == {theirs.upn}
    assert [one.person for one in world.licenses.assignments(viewer)] == [theirs.upn]
    assert len(world.licenses.why(viewer, theirs.upn).grants) == 1
    with pytest.raises(NotFoundError) as foreign:
        world.licenses.why(viewer, ours.upn)
    with pytest.raises(NotFoundError) as unknown:
        world.licenses.why(viewer, "nobody@contoso.com")
    assert str(foreign.value) == str(unknown.value)


def test_LIC_1_seats_are_assigned_by_whoever_administers_everything(world: World) -> None:
    theirs = world.add("isaiah@fabrikam.com", "fabrikam")
    for principal in (
        limited("fabrikam"),
        Principal(PrincipalKind.PERSON, "x", frozenset({Role.DEPLOYER}), Scope.every()),
    ):
        with pytest.raises(RefusedError):
            world.licenses.assign(principal, "EMS", user=theirs.id)
        with pytest.raises(RefusedError):
            world.licenses.take(principal, "EMS", user=theirs.id)


def test_what_cannot_be_meant_is_refused(world: World) -> None:
    megan = world.add("megan@contoso.com")
    world.licenses.assign(LOCAL_ADMIN, "EMS", user=megan.id, disabled=frozenset({"INTUNE_A"}))
    assert world.licenses.why(LOCAL_ADMIN, megan.id).plans == {"AAD_PREMIUM"}
    for wrong in ({"user": megan.id, "group": "x"}, {}, {"user": megan.id, "disabled": frozenset({"TEAMS1"})}):
        with pytest.raises(InputError):
            world.licenses.assign(LOCAL_ADMIN, "EMS", **wrong)
    with pytest.raises(ConflictError, match="already"):
        world.licenses.assign(LOCAL_ADMIN, "EMS", user=megan.id)
    with pytest.raises(NotFoundError):
        world.licenses.assign(LOCAL_ADMIN, "EMS", group="nowhere")


def test_assignments_are_listed_by_source_in_pages(world: World) -> None:
    world.publish(
        LicensePool(sku="EMS", seats=9), User(upn="hl-1@contoso.com", account="shared", licenses=("EMS",))
    )
    for number in range(3):
        world.licenses.assign(LOCAL_ADMIN, "EMS", user=world.add(f"w{number}@contoso.com").id)
    page = world.licenses.assignments(LOCAL_ADMIN, source="console", limit=2)
    assert [one.person for one in page] == ["w0@contoso.com", "w1@contoso.com"]
    rest = world.licenses.assignments(LOCAL_ADMIN, source="console", after=page[-1].number, limit=2)
    assert [one.person for one in rest] == ["w2@contoso.com"]
    assert [one.source for one in world.licenses.assignments(LOCAL_ADMIN)] == ["file", *["console"] * 3]


def test_acts_are_in_the_audit(world: World) -> None:
    megan = world.add("megan@contoso.com")
    world.licenses.assign(LOCAL_ADMIN, "EMS", user=megan.id)
    world.licenses.take(LOCAL_ADMIN, "EMS", user=megan.id)
    links = [link for link in world.identity.audit.after(0, 100) if link.action == "assign-license"]
    assert [(link.subject, link.data["act"], link.data["sku"]) for link in links] == [
        (f"person:{megan.id}", "assign", "EMS"),
        (f"person:{megan.id}", "take", "EMS"),
    ]


def test_a_report_is_made_again_when_something_changed_and_only_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    standing = world.store.standing

    def counted(scope: Scope, *, person: str = "") -> Standing:
        made.append(scope)
        return standing(scope, person=person)

    monkeypatch.setattr(world.store, "standing", counted)

    def used() -> int:
        return world.pool().used

    megan = world.add("megan@contoso.com")
    assert (used(), used(), len(made)) == (0, 0, 2), "what has just changed is not kept"
    world.clock.advance(timedelta(minutes=5))
    assert (used(), used(), len(made)) == (0, 0, 3)
    world.licenses.assign(LOCAL_ADMIN, "EMS", user=megan.id)
    assert used() == 1
    world.clock.advance(timedelta(minutes=5))
    assert (used(), used(), len(made)) == (1, 1, 5)
    world.directory.leave(LOCAL_ADMIN, megan.id)
    assert used() == 0
    world.clock.advance(timedelta(minutes=5))
    before = len(made)
    world.licenses.report(limited("fabrikam"))
    world.licenses.report(limited("fabrikam"))
    assert (used(), len(made)) == (0, before + 2)
    world.clock.advance(timedelta(days=1))
    assert (used(), len(made)) == (0, before + 3), "trials end with a day"


def test_a_forecast_counts_what_is_assigned_here_beside_the_file_and_who_sits_already(world: World) -> None:
    for name in ("adele", "megan", "isaiah"):
        world.add(f"{name}@contoso.com")
    world.licenses.assign(LOCAL_ADMIN, "EMS", user="megan@contoso.com")
    world.group("night", world.directory.person(LOCAL_ADMIN, "isaiah@contoso.com"))
    world.licenses.assign(LOCAL_ADMIN, "EMS", group="night")
    state = State(
        [
            Client(name="own", display_name="own"),
            LicensePool(sku="EMS", seats=2),
            User(upn="adele@contoso.com", client="own", roles=("wearer",), licenses=("EMS",)),
        ]
    )
    found = world.licenses.forecast(LOCAL_ADMIN, state)
    assert [(pool.sku, pool.used, pool.short) for pool in found.pools] == [("EMS", 2, 1)]
    assert [problem.upn for problem in found.problems] == ["adele@contoso.com"]
    with pytest.raises(RefusedError):
        world.licenses.forecast(limited("own"), state)
    with pytest.raises(InputError):
        world.licenses.forecast_of(LOCAL_ADMIN, "version: 1")
