"""Status pages, enrollment restrictions and apps, against the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import World

from holofleet.emulator import Delays
from holofleet.emulator.tenant import Item
from holofleet.resources import App, DeviceGroup, EnrollmentRestriction, Group, State, StatusPage
from holofleet.targets.graph.kinds.apps import Apps
from holofleet.targets.graph.kinds.device_groups import DeviceGroups
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.kinds.restrictions import Restrictions
from holofleet.targets.graph.kinds.status_pages import StatusPages

ROOT = "http://127.0.0.1"
NAMES = ("one", "two")
DEVICES = [
    DeviceGroup(name=name, display_name=f"HoloLens {name}", deployment=name, document="ab" * 32) for name in NAMES
]
PEOPLE = [Group(name="accounts"), Group(name="others")]
PAGE = StatusPage(name="field", display_name="HoloLens field", timeout_min=45, reset_button=True, groups=("one",))
RULE = EnrollmentRestriction(
    name="accounts", display_name="HoloLens accounts", personal_blocked=True, accounts=("accounts",)
)
ASSIST = App(
    name="assist", display_name="Contoso Assist", store_id="9NBLGGH4R32N", publisher="Contoso", groups=("one",)
)
CONFIGURATIONS = "deviceEnrollmentConfigurations"


def kinds() -> list[Any]:
    return [Groups(ROOT), DeviceGroups(), StatusPages(), Restrictions(), Apps()]


@pytest.fixture
def world() -> World:
    made = World(kinds, State([*DEVICES, *PEOPLE, PAGE, RULE, ASSIST]))
    made.apply()
    return made


def found(world: World, kind: str) -> Item:
    collection = "mobileApps" if kind == "app" else CONFIGURATIONS
    names = {
        "status-page": PAGE.display_name,
        "enrollment-restriction": RULE.display_name,
        "app": ASSIST.display_name,
    }
    items = world.tenant.collection(collection).values()
    return next(item for item in items if item.properties.get("displayName") == names[kind])


def test_all_three_are_made_assigned_and_read_back_as_wanted(world: World) -> None:
    assert world.shown() == []
    page = found(world, "status-page").properties
    assert (page["installProgressTimeoutInMinutes"], page["allowDeviceResetOnInstallFailure"]) == (45, True)
    rule = found(world, "enrollment-restriction").properties
    assert (rule["platformType"], rule["platformRestriction"]["personalDeviceEnrollmentBlocked"]) == (
        "windows",
        True,
    )


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("status-page", "description", "Made by hand"),
        ("status-page", "installProgressTimeoutInMinutes", 60),
        ("status-page", "allowDeviceResetOnInstallFailure", False),
        ("status-page", "allowDeviceUseOnInstallFailure", True),
        ("status-page", "customErrorMessage", "Call us"),
        ("status-page", "selectedMobileAppIds", ["8a8a8a8a-0000-4000-8000-000000000000"]),
        ("enrollment-restriction", "platformRestriction", {"platformBlocked": True}),
        (
            "enrollment-restriction",
            "platformRestriction",
            {"platformBlocked": False, "personalDeviceEnrollmentBlocked": True, "osMinimumVersion": "10.0.1"},
        ),
        ("app", "description", "Another"),
        ("app", "isFeatured", True),
        ("app", "owner", "Adele"),
        ("app", "installExperience", {"runAsAccount": "user"}),
    ],
)
def test_each_changed_property_is_found_and_put_back(world: World, kind: str, name: str, value: Any) -> None:
    item = found(world, kind)
    item.properties[name] = value
    if name == "description" and kind != "app":
        assert "adopt" in world.shown()[0]
        world.apply(adopt=True)
    else:
        assert world.shown() == [f"update {kind}:{_name(kind)} {name}"]
        world.apply()
    assert world.shown() == []


def _name(kind: str) -> str:
    return {"status-page": "field", "enrollment-restriction": "accounts", "app": "assist"}[kind]


@pytest.mark.parametrize("kind", ["status-page", "enrollment-restriction", "app"])
def test_whom_somebody_added_in_the_portal_is_taken_off_again(world: World, kind: str) -> None:
    item = found(world, kind)
    everybody = {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}
    held = item.contained("assignments")
    first = next(iter(held.values()))
    held["x"] = Item("x", first.type, {**first.properties, "target": everybody}, 0, world.clock.now())
    assert world.shown() == [f"update {kind}:{_name(kind)} other assignments"]
    world.apply()
    assert world.shown() == []
    assert len(item.contained("assignments")) == 1


def test_other_groups_are_an_ordinary_change(world: World) -> None:
    changed = [
        PAGE.model_copy(update={"groups": ("two",)}),
        RULE.model_copy(update={"accounts": ("accounts", "others")}),
        ASSIST.model_copy(update={"groups": ("one", "two"), "intent": "available"}),
    ]
    world.state = State([*DEVICES, *PEOPLE, *changed])
    assert sorted(world.shown()) == [
        "update app:assist groups,intent",
        "update enrollment-restriction:accounts groups",
        "update status-page:field groups",
    ]
    world.apply()
    assert world.shown() == []


def test_the_tenants_defaults_and_the_order_of_others_are_not_touched(world: World) -> None:
    items = world.tenant.collection(CONFIGURATIONS).values()
    defaults = {item.id: dict(item.properties) for item in items if item.properties["priority"] == 0}
    assert defaults
    world.state = State([*DEVICES, *PEOPLE])
    world.apply()
    left = {item.id: dict(item.properties) for item in world.tenant.collection(CONFIGURATIONS).values()}
    assert left == defaults
    assert world.tenant.collection("mobileApps") == {}


def test_an_app_is_assigned_when_it_is_published_as_late_as_the_service_does_it() -> None:
    slow = World(kinds, State([*DEVICES, *PEOPLE, ASSIST]), delays=Delays.like_the_service())
    slow.apply()
    assert slow.shown() == []
    assert len(found(slow, "app").contained("assignments")) == 1


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("after", range(12))
def test_each_is_made_once_whenever_the_run_dies(after: int, carried_out: bool) -> None:
    world = World(kinds, State([*DEVICES, *PEOPLE, PAGE, RULE, ASSIST]))
    world.killed(after, carried_out=carried_out)
    world.apply()
    assert world.shown() == []
    assert len(world.tenant.collection("mobileApps")) == 1
    ours = [i for i in world.tenant.collection(CONFIGURATIONS).values() if i.properties["priority"] > 0]
    assert len(ours) == 2
