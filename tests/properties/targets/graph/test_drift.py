"""Whatever somebody changes in what we made is found, and nothing else is."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.targets.graph.drifting import (
    SOMEBODY,
    Leaf,
    Seeded,
    change,
    restore,
    saved,
    sent_leaves,
    surroundings,
    unstored,
)
from tests.properties.targets.graph.whole_fleets import World, applied, person, stranger

from holofleet.samples import SAMPLES

RULE, SIGN_IN = "windows10CompliancePolicy", "x509CertificateAuthenticationMethodConfiguration"
NEVER_READ = {
    ("user", "passwordProfile"): "no directory shows a password",
}
BY_REFERENCE = {("group", "members@odata.bind"), ("windows81SCEPCertificateProfile", "rootCertificate@odata.bind")}
"""Sent as references, read back as links: what is linked is compared."""
NOT_OURS = {
    (RULE, "scheduledActionsForRule.0.ruleName"): "write-only: the service gives none back",
    **{
        (SIGN_IN, f"certificateUserBindings.0.{name}"): "the first is the tenant's own, and goes back as it came"
        for name in ("x509CertificateField", "userProperty", "priority", "trustAffinityLevel")
    },
    (SIGN_IN, "certificateUserBindings.1.priority"): "the tenant's own order of bindings goes back as it came",
    (SIGN_IN, "certificateUserBindings.1.trustAffinityLevel"): "the tenant's own",
    (SIGN_IN, "authenticationModeConfiguration.x509CertificateAuthenticationDefaultMode"): "the tenant's own",
    (SIGN_IN, "authenticationModeConfiguration.x509CertificateDefaultRequiredAffinityLevel"): "the tenant's own",
    (SIGN_IN, "includeTargets.0.targetType"): "an id says already whether it is a group or a user",
}
"""What bodies hold because they are sent whole, or the service wants it: somebody else's change is not undone."""
ENOUGH = 2
"""Of what means the same, such as deleting an account."""
BESIDE = frozenset({"certificateUserBindings", "authenticationModeConfiguration", "includeTargets"})
"""Lists of the method that everybody shares: an entry that somebody changed is theirs, ours comes beside it."""


def meaning(leaf: Leaf) -> tuple[str, str]:
    return leaf.type, ".".join(str(step) for step in leaf.path)


def ready(name: str) -> World:
    """Return a tenant in which everything that goes on is through."""
    world = applied(name)
    world.settled()
    return world


def tried(leaves: list[Leaf]) -> list[Leaf]:
    """Leave out what means the same: of many settings of a profile all values, and the rest of every fifth."""
    chosen = {leaf.meaning: leaf for leaf in leaves}.values()
    return [leaf for leaf in chosen if leaf.path[0] != "omaSettings" or _matters(leaf)]


def _matters(leaf: Leaf) -> bool:
    _, at, name = leaf.path
    return name == "value" or int(at) % 5 == 0


@cache
def undoable(name: str) -> list[Leaf]:
    """Return the values that an apply brings back; ids are the same in every tenant of the same fleet."""
    leaves = sent_leaves(ready(name))
    return [
        leaf
        for leaf in {leaf.meaning: leaf for leaf in leaves}.values()
        if leaf.mendable and meaning(leaf) not in NOT_OURS and leaf.path[0] not in BESIDE
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_value_that_was_sent_is_stored_or_known_to_be_unreadable(name: str) -> None:
    world = ready(name)
    assert sent_leaves(world)
    assert unstored(world) <= NEVER_READ.keys() | BY_REFERENCE


@pytest.mark.parametrize("name", SAMPLES)
def test_a_change_of_any_value_that_was_sent_is_found_and_its_return_leaves_nothing(name: str) -> None:
    world = ready(name)
    before = saved(world.tenant)
    missed = set()
    for leaf in tried(sent_leaves(world)):
        change(world.tenant, leaf)
        if not world.differences():
            missed.add(meaning(leaf))
        restore(before, leaf)
    assert missed <= NOT_OURS.keys()
    assert world.differences() == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_change_of_members_assignments_settings_or_whole_objects_is_found(name: str) -> None:
    world = ready(name)
    by_meaning: dict[str, list[Seeded]] = {}
    for one in surroundings(world):
        by_meaning.setdefault(one.what, []).append(one)
    done = [one for alike in by_meaning.values() for one in alike[:ENOUGH]]
    missed = set()
    for seeded in done:
        seeded.do()
        if not world.differences():
            missed.add(seeded.what)
        seeded.undo()
    assert done
    assert not missed
    assert world.differences() == []


@pytest.mark.parametrize("name", SAMPLES)
def test_what_somebody_else_does_elsewhere_and_what_the_service_adds_is_no_difference(name: str) -> None:
    world = ready(name)
    for collection, items in list(world.tenant.collections()):
        for item in list(items.values()):
            world.tenant.edit(collection, item, {}, actor=SOMEBODY)  # a new version, the same content
            twin = {**item.properties, "displayName": "Somebody else's", "description": "By hand."}
            if collection.startswith("device") and collection != "devices":
                world.tenant.create(collection, item.type, twin)
    person(world.tenant, "hl-visitor@contoso.com")
    stranger(world.tenant, "Somebody else's group")
    assert world.differences() == []


@pytest.mark.parametrize("name", SAMPLES)
def test_an_apply_undoes_a_change_of_any_value_that_was_sent(name: str) -> None:
    world = ready(name)
    before = world.settled()
    alike = {(leaf.type, leaf.path[0], leaf.path[-1]): leaf for leaf in undoable(name)}
    for leaf in alike.values():
        change(world.tenant, leaf)
        world.apply()
        assert world.differences() == [], leaf
        assert world.settled() == before, leaf


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(SAMPLES), data=st.data())
def test_an_apply_undoes_any_changes_together(name: str, data: st.DataObject) -> None:
    world = ready(name)
    before = world.settled()
    chosen = data.draw(
        st.lists(st.sampled_from(undoable(name)), min_size=2, max_size=8, unique_by=lambda leaf: leaf.path[0])
    )
    for leaf in chosen:
        change(world.tenant, leaf)
    assert world.differences()
    world.apply()
    assert world.differences() == []
    assert world.settled() == before
