"""Domains in which no account can be made: said by the plan, before anything is written."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World

from holofleet.resources import Group, State, User
from holofleet.targets.graph.kinds.accounts import Accounts
from holofleet.targets.graph.kinds.domains import Domains
from holofleet.targets.graph.kinds.groups import Groups

NEW = [User(upn=f"hl-{n}@plant.fabrikam.com", account="headset", usage_location="US") for n in range(6)]
OLD = User(upn="hl-9@contoso.com", account="headset", usage_location="US")
PERSON = User(upn="ana@elsewhere.example", account="person")
EVERYBODY = Group(name="line-4", members=(OLD.upn, *(user.upn for user in NEW)))
ADDRESS = "domain:plant.fabrikam.com"
BAD: dict[str, tuple[dict[str, Any] | None, str]] = {
    "missing": (None, "It is no domain of the tenant: 6 accounts cannot be made (hl-0@plant.fabrikam.com, "),
    "not verified": ({"isVerified": False}, "It is not verified in the tenant: 6 accounts"),
    "federated": ({"isVerified": True, "authenticationType": "Federated"}, "It is federated"),
}


def world(*nouns: Any) -> World:
    return World(lambda: [Domains(), Accounts(), Groups(ROOT)], State(nouns))


def domain(tried: World, **properties: Any) -> None:
    given = {"authenticationType": "Managed", "isVerified": True, **properties}
    name = "plant.fabrikam.com"
    tried.tenant.collection("domains").pop(name, None)
    tried.tenant.create("domains", "domain", given, id_=name)


@pytest.mark.parametrize("case", BAD)
def test_accounts_wait_for_a_domain_that_takes_none_and_the_rest_is_applied(case: str) -> None:
    properties, said = BAD[case]
    tried = world(OLD, *NEW, EVERYBODY)
    if properties is not None:
        domain(tried, **properties)
    plan = tried.plan()
    assert {str(change.address) for change in plan.changes} == {"user:hl-9@contoso.com", "group:line-4"}
    assert plan.unsolved == (ADDRESS,)
    assert said in tried.problems()[ADDRESS]
    assert "and 2 more" in tried.problems()[ADDRESS]
    notes = tried.apply()
    assert any(note.startswith(ADDRESS) for note in notes)
    assert tried.shown() == []
    assert tried.plan().headline == f"No changes to make; 1 thing waits for you: {ADDRESS}."
    with tried.target(desired=tried.state) as graph:
        assert ADDRESS in {drift.oma_uri for drift in graph.drift()}
    domain(tried)
    tried.apply()
    assert tried.shown() == []
    assert tried.problems() == {}
    assert len(tried.one("groups", displayName="line-4").links["members"]) == 7


def test_accounts_that_are_there_are_kept_up_whatever_became_of_their_domain() -> None:
    tried = world(*NEW)
    domain(tried)
    tried.apply()
    domain(tried, isVerified=False)
    tried.edit("users", tried.user(NEW[0].upn), displayName="Another")
    assert tried.shown() == [f"update user:{NEW[0].upn} displayName"]
    assert tried.problems() == {}


def test_the_case_of_a_domain_means_nothing() -> None:
    tried = world(*(user.model_copy(update={"upn": user.upn.replace("plant", "Plant")}) for user in NEW))
    domain(tried)
    assert tried.problems() == {}


def test_domains_are_read_only_where_accounts_are_made_and_those_of_people_mean_nothing() -> None:
    tried = world(PERSON)
    plan = tried.plan()
    assert plan.unsolved == ()
    assert not any("/domains" in one.path for one in tried.emulator.exchanges)
