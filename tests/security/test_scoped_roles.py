"""Roles that hold for a site or a deployment: what they do there, and what they never reach (AUTHZ-1, AUTHZ-3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.security.test_every_door import enrollment, furnished, serial, site, state, upn
from tests.web_services import Bench

from holofleet import desired, spec
from holofleet.errors import ConflictError, NotFoundError, RefusedError
from holofleet.resources import State, User
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import NewPerson, PersonChange, Source, published_directory
from holofleet.server.orders import OrderKind
from holofleet.storage.tables.management import ENROLLMENT

AT_FABRIKAM = Scope(None, sites=frozenset({site("fabrikam")}))
OF_FABRIKAM = Scope(None, deployments=frozenset({"fabrikam-loans"}))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Bench]:
    with furnished(tmp_path) as made:
        yield made


def somebody(role: Role, scope: Scope) -> Principal:
    return Principal(PrincipalKind.PERSON, "megan@contoso.com", frozenset({role}), scope)


def add(house: Bench, name: str, role: Role, *, source: Source = Source.CONSOLE) -> str:
    directory = house.services.directory
    made = directory.add(LOCAL_ADMIN, NewPerson(upn=name), source=source)
    return directory.give_role(LOCAL_ADMIN, made.id, role).id


def quarantine(house: Bench, client: str) -> None:
    with house.database.transaction() as connection:
        connection.execute(
            update(ENROLLMENT)
            .where(ENROLLMENT.c.client_id == client)
            .values(standing="quarantined", serial=None, held_serial=None)
        )


def test_AUTHZ_1_a_helpdesk_of_a_plant_helps_there_and_finds_nothing_elsewhere(house: Bench) -> None:
    helpdesk, services = somebody(Role.HELPDESK, AT_FABRIKAM), house.services
    assert [one.serial for one in services.fleet.headsets(helpdesk.scope).headsets] == [serial("fabrikam")]
    assert services.orders.create(helpdesk, serial("fabrikam"), OrderKind.SYNC).serial == serial("fabrikam")
    services.decisions.mark_lost(helpdesk, serial("fabrikam"))
    with pytest.raises(NotFoundError) as foreign:
        services.orders.create(helpdesk, serial("northwind"), OrderKind.SYNC)
    with pytest.raises(NotFoundError) as unknown:
        services.orders.create(helpdesk, "no-such-serial", OrderKind.SYNC)
    assert str(foreign.value) == str(unknown.value)


def test_AUTHZ_1_an_order_of_another_place_cannot_be_cancelled(house: Bench) -> None:
    order = house.services.orders.create(LOCAL_ADMIN, serial("northwind"), OrderKind.SYNC)
    with pytest.raises(NotFoundError):
        house.services.orders.cancel(somebody(Role.DEPLOYER, OF_FABRIKAM), order.id)
    assert house.services.orders.cancel(LOCAL_ADMIN, order.id).id == order.id


def test_ENR_a_deployer_adopts_an_enrollment_as_a_headset_of_their_own_deployment_only(house: Bench) -> None:
    decisions, both = house.services.decisions, frozenset({"fabrikam-loans", "elsewhere"})
    quarantine(house, "fabrikam")
    nowhere = somebody(Role.DEPLOYER, Scope(None, frozenset({site("northwind")}), both))
    with pytest.raises(NotFoundError):
        decisions.decide(nowhere, enrollment("fabrikam"), adopt=True, serial=serial("fabrikam"))
    deployer = somebody(Role.DEPLOYER, OF_FABRIKAM)
    with pytest.raises(RefusedError, match="no headset with this serial"):
        decisions.decide(deployer, enrollment("fabrikam"), adopt=True, serial=serial("northwind"))
    decided = decisions.decide(deployer, enrollment("fabrikam"), adopt=True, serial=serial("fabrikam"))
    assert decided.enrollment == enrollment("fabrikam")


def test_AUTHZ_1_a_credential_is_for_whoever_has_the_whole_deployment(house: Bench) -> None:
    issue = house.services.credentials.issue
    assert issue(somebody(Role.DEPLOYER, OF_FABRIKAM), "fabrikam-loans").client == "fabrikam"
    with pytest.raises(NotFoundError):
        issue(somebody(Role.DEPLOYER, OF_FABRIKAM), "northwind-loans")
    with pytest.raises(RefusedError, match="whole deployment"):
        issue(somebody(Role.DEPLOYER, AT_FABRIKAM), "fabrikam-loans")


def test_AUTHZ_3_an_administrator_of_a_part_changes_no_person_and_grants_nothing(house: Bench) -> None:
    directory = house.services.directory
    for scope in (AT_FABRIKAM, OF_FABRIKAM, Scope(frozenset({"fabrikam"}), AT_FABRIKAM.sites)):
        part = somebody(Role.ADMINISTRATOR, scope)
        assert directory.person(part, upn("fabrikam")).client == "fabrikam"
        with pytest.raises(RefusedError):
            directory.give_role(part, upn("fabrikam"), Role.VIEWER)
        with pytest.raises(RefusedError):
            directory.leave(part, upn("fabrikam"))
        with pytest.raises(RefusedError):
            house.services.access.issue_token(part, "mine", [Role.VIEWER], sites=scope.sites)


def test_AUTHZ_3_the_last_administrator_of_everything_is_not_narrowed(house: Bench) -> None:
    helper = add(house, "megan@contoso.com", Role.HELPDESK)
    house.services.directory.change(LOCAL_ADMIN, helper, PersonChange(seen=AT_FABRIKAM))
    adele = add(house, "adele@contoso.com", Role.ADMINISTRATOR)
    with pytest.raises(ConflictError, match="administrator any more"):
        house.services.directory.change(LOCAL_ADMIN, adele, PersonChange(seen=AT_FABRIKAM))
    add(house, "lee@contoso.com", Role.ADMINISTRATOR)
    assert house.services.directory.change(LOCAL_ADMIN, adele, PersonChange(seen=AT_FABRIKAM)).scope == AT_FABRIKAM


def test_AUTHZ_3_a_token_of_somebody_who_is_narrowed_since_is_worth_nothing_beyond_them(house: Bench) -> None:
    add(house, "lee@contoso.com", Role.ADMINISTRATOR)
    adele, access = add(house, "adele@contoso.com", Role.ADMINISTRATOR), house.services.access
    maker = Principal(
        PrincipalKind.PERSON, "adele@contoso.com", frozenset({Role.ADMINISTRATOR}), Scope.every(), id="s"
    )
    wide = access.issue_token(maker, "wide", [Role.VIEWER]).token
    narrow = access.issue_token(maker, "narrow", [Role.VIEWER], sites=AT_FABRIKAM.sites).token
    before = access.principal_of_token(narrow)
    assert before is not None
    assert before.scope == AT_FABRIKAM
    house.services.directory.change(LOCAL_ADMIN, adele, PersonChange(seen=AT_FABRIKAM))
    left, kept = access.principal_of_token(wide), access.principal_of_token(narrow)
    assert left is None or not left.roles
    assert kept is not None
    assert kept.roles == {Role.VIEWER}


def test_the_fleet_file_says_what_roles_hold_for_also_of_people_whom_a_provider_brought(house: Bench) -> None:
    text = """
holofleet: 1
organization: {name: Contoso, country: DE}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
sites: [{name: plant-3}]
people:
  - {upn: megan@contoso.com, roles: [helpdesk], site: plant-3, roles_for: {sites: [plant-3]}}
  - {upn: lee@contoso.com, roles: [deployer], roles_for: {deployments: [line]}}
headsets: [{serial: "003421800100", site: plant-3}]
deployments: [{name: line, scenario: cloud-connected, headsets: {serials: ["003421800100"]}}]
"""
    users = desired.compile(spec.parse({"fleet.yaml": text}), target="server").of_kind(User).values()
    found = {one.upn: one for one in published_directory(State([*users]))[0]}
    assert found["megan@contoso.com"].scope == Scope(None, frozenset({"plant-3"}))
    assert found["megan@contoso.com"].site == "plant-3"
    assert found["lee@contoso.com"].scope == Scope(None, None, frozenset({"line"}))
    add(house, "megan@contoso.com", Role.VIEWER, source=Source.SCIM)
    told = state()
    house.publish(State([*told.resources.values(), *users], told.documents.values()))
    megan = house.services.directory.person(LOCAL_ADMIN, "megan@contoso.com")
    assert (megan.scope, megan.roles) == (found["megan@contoso.com"].scope, {Role.VIEWER, Role.HELPDESK})
