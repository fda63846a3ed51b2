"""Objects of ours that are there twice: said in every plan and by drift, with the way out, and never touched."""

from __future__ import annotations

from copy import deepcopy
from urllib.parse import unquote

import pytest
from tests.properties.targets.graph.whole_fleets import World, applied

from holofleet.emulator.tenant import Item
from holofleet.plans import render_plan
from holofleet.resources import State

SAMPLE = "shared-identity"
MARK = "holofleet:fleet:"


def marker(item: Item) -> str:
    """Return the address in the marker of an object, empty where it is not ours."""
    texts = (item.properties.get(name) for name in ("description", "displayName", "employeeType"))
    text = next((str(text) for text in texts if MARK in str(text)), "")
    return unquote(text.partition(MARK)[2].rstrip("]"))


def ours(world: World) -> dict[str, tuple[str, str]]:
    """Return one object of ours for each kind: collection and id by address."""
    found: dict[str, tuple[str, str]] = {}
    for name, items in world.tenant.collections():
        for item in items.values():
            address = marker(item)
            if address and name != "users":  # a directory has each name of a user once
                found.setdefault(address.partition(":")[0], (name, item.id))
    return found


def twin(world: World, collection: str, id_: str) -> Item:
    """Make a second object of the same content, as a second apply or the portal's Duplicate does."""
    first = world.tenant.collection(collection)[id_]
    made = world.tenant.create(collection, first.type, deepcopy(first.properties))
    made.parts = deepcopy(first.parts)
    return made


KINDS = sorted(ours(applied(SAMPLE)))


def test_many_kinds_are_tried() -> None:
    assert {"device-group", "group", "profile", "compliance-policy", "status-page"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_twin_is_named_with_both_ids_and_what_to_do_and_nothing_is_done(kind: str) -> None:
    world = applied(SAMPLE)
    world.settled()
    collection, id_ = ours(world)[kind]
    second = twin(world, collection, id_)
    world.settled()
    address = marker(second)
    plan = world.plan()
    assert plan.changes == ()
    assert address in plan.unsolved
    (told,) = (item for item in plan.undelivered if item.key == address)
    assert id_ in told.reason
    assert second.id in told.reason
    assert "DELETE /" in told.reason
    assert "as the file says" not in render_plan(plan)
    assert plan.to_json()["headline"] == render_plan(plan).splitlines()[0]
    found = drift(world)
    assert [one for one in found if address in one and id_ in one and second.id in one]
    world.apply()
    assert {id_, second.id} <= world.tenant.collection(collection).keys()
    world.tenant.delete(collection, second)
    world.settled()
    assert world.plan().unsolved == ()
    assert drift(world) == []


def drift(world: World) -> list[str]:
    with world.target() as graph:
        return [f"{one.oma_uri} {one.reported} {one.reason}" for one in graph.drift()]


def test_of_twins_that_one_is_kept_which_ours_refers_to_and_what_refers_to_it_waits() -> None:
    world = applied(SAMPLE)
    world.settled()
    collection, id_ = ours(world)["device-group"]
    second = twin(world, collection, id_)
    world.tenant.collection(collection)[id_].properties["createdDateTime"] = "2027-01-01T00:00:00Z"
    address = marker(second)
    (told,) = (item for item in world.plan().undelivered if item.key == address)
    assert f"Keep {id_} (objects of ours refer to it)" in told.reason
    profile = next(
        item
        for item in world.tenant.collection("deviceConfigurations").values()
        if any(one.properties["target"].get("groupId") == id_ for one in item.contained("assignments").values())
    )
    world.tenant.edit("deviceConfigurations", profile, {"displayName": "Renamed"}, actor="admin@contoso.com")
    world.settled()
    plan = world.plan()
    assert plan.changes == ()
    assert f"It differs, and waits until there is one {address}." in {item.reason for item in plan.undelivered}
    world.tenant.delete(collection, second)
    world.settled()
    world.apply()
    assert profile.properties["displayName"] != "Renamed"


def test_twins_that_left_the_file_are_both_deleted_in_one_apply() -> None:
    world = applied(SAMPLE)
    world.settled()
    collection, id_ = ours(world)["status-page"]
    second = twin(world, collection, id_)
    nouns = [noun for address, noun in world.state.resources.items() if str(address) != marker(second)]
    world.state = State(nouns, world.state.documents.values(), contents=world.state.contents)
    world.apply()
    assert not {id_, second.id} & world.tenant.collection(collection).keys()
