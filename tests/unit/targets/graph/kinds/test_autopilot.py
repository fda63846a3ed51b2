"""Registrations of headsets and the profiles that they are set up by, against the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.targets.graph.kinds.directory_world import World

from holofleet.emulator import Delays
from holofleet.emulator.tenant import Item
from holofleet.errors import HolofleetError
from holofleet.resources import AutopilotProfile, DeviceGroup, Registration, State
from holofleet.targets.graph.kinds.autopilot import AutopilotProfiles, Registrations
from holofleet.targets.graph.kinds.autopilot.imports import AT_ONCE
from holofleet.targets.graph.kinds.device_groups import DeviceGroups
from holofleet.targets.graph.target import StoppedError

HASH = b"the hardware of one headset"
DIGEST = "ab" * 32


def registrations(
    *serials: str, tag: str = "line-3", hashed: bool = True, locked: bool = False
) -> list[Registration]:
    digest = DIGEST if hashed else ""
    return [Registration(serial=one, group_tag=tag, hash_sha256=digest, locked=locked) for one in serials]


def state(*resources: Any) -> State:
    return State(resources, contents={DIGEST: HASH})


@pytest.fixture
def world() -> World:
    return World(lambda: [Registrations()], state(*registrations("001", "002")))


def identities(world: World) -> dict[str, Item]:
    found = world.tenant.collection("windowsAutopilotDeviceIdentities").values()
    return {item.properties["serialNumber"]: item for item in found}


def imports(world: World) -> int:
    return sum(one.path.endswith("/import") for one in world.emulator.exchanges)


def failures(world: World) -> str:
    with pytest.raises(StoppedError) as stopped:
        world.apply()
    return stopped.value.detail


def test_headsets_are_registered_with_their_tag_in_one_import_and_then_there_is_nothing_to_do(
    world: World,
) -> None:
    world.apply()
    assert {serial: item.properties["groupTag"] for serial, item in identities(world).items()} == {
        "001": "line-3",
        "002": "line-3",
    }
    assert (imports(world), world.shown()) == (1, [])


def test_more_than_fit_into_one_import_go_one_import_after_the_other() -> None:
    many = World(lambda: [Registrations()], state(*registrations(*(f"{n:06}" for n in range(AT_ONCE + 1)))))
    many.apply()
    assert (imports(many), len(identities(many)), many.shown()) == (2, AT_ONCE + 1, [])


def test_an_import_as_slow_as_the_services_is_waited_for() -> None:
    slow = World(lambda: [Registrations()], state(*registrations("001")), delays=Delays.like_the_service())
    began = slow.clock.now()
    slow.apply()
    assert slow.shown() == []
    assert slow.clock.now() > began


def test_a_changed_tag_is_found_and_put_back(world: World) -> None:
    world.apply()
    identities(world)["001"].properties["groupTag"] = "other"
    assert world.shown() == ["update registration:001 groupTag"]
    world.apply()
    assert identities(world)["001"].properties["groupTag"] == "line-3"


def test_a_headset_that_is_registered_here_already_is_taken_as_it_is(world: World) -> None:
    world.tenant.autopilot_errors["001"] = (806, "ZtdDeviceAlreadyAssigned")
    text = failures(world)
    assert "001: registered, and not in the list of devices yet" in text
    assert "002" not in text
    assert list(identities(world)) == ["002"]


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        (802, "InvalidZtdHardwareHash", "the hardware hash is not valid"),
        (803, "NoSerial", "has no serial number or product key"),
        (808, "ZtdDeviceAssignedToOtherTenant", "registered in another tenant"),
        (815, "Several", "several records match"),
        (999, "Odd", "the service refused it (Odd, code 999)"),
    ],
)
def test_a_refusal_is_said_in_words_and_keeps_nobody_else_out(
    world: World, code: int, name: str, said: str
) -> None:
    world.tenant.autopilot_errors["001"] = (code, name)
    assert said in failures(world)
    assert list(identities(world)) == ["002"]
    assert world.shown() == ["create registration:001 groupTag"]


def test_a_headset_without_a_hash_is_somebody_elses_to_register() -> None:
    world = World(lambda: [Registrations()], state(*registrations("001", hashed=False)))
    assert world.shown() == []
    assert "have it registered" in world.problems()["registration:001"]


@pytest.mark.parametrize("locked", [True, False])
def test_a_registration_is_never_deleted_because_its_headset_left_the_file(world: World, locked: bool) -> None:
    world.state = state(*registrations("001", "002", locked=locked))
    world.apply()
    world.state = state(*registrations("002", locked=locked))
    assert world.shown() == []
    world.apply()
    assert set(identities(world)) == {"001", "002"}


def test_headsets_of_others_are_not_looked_at(world: World) -> None:
    world.apply()
    world.state = state(*registrations("002", tag="new"))
    assert world.shown() == ["update registration:002 groupTag"]
    world.apply()
    assert identities(world)["001"].properties["groupTag"] == "line-3"


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("after", range(6))
def test_a_run_that_dies_is_completed_by_the_next(world: World, after: int, carried_out: bool) -> None:
    world.killed(after, carried_out=carried_out)
    try:
        world.apply()
    except HolofleetError:
        world.apply()
    assert set(identities(world)) == {"001", "002"}
    assert world.shown() == []


# Profiles.

GROUPS = ("one", "two")


def profiles(*groups: str, **more: Any) -> State:
    made = [
        DeviceGroup(name=name, display_name=f"HoloLens {name}", deployment=name, document=DIGEST)
        for name in GROUPS
    ]
    profile = AutopilotProfile(name="field", display_name="HoloLens field", groups=groups, **more)
    return State([*made, profile])


@pytest.fixture
def setting_up() -> World:
    world = World(lambda: [DeviceGroups(), AutopilotProfiles()], profiles("one", device_name="HL-%SERIAL%"))
    world.apply()
    return world


def only(world: World) -> Item:
    (found,) = world.tenant.collection("windowsAutopilotDeploymentProfiles").values()
    return found


def given(world: World) -> set[str]:
    groups = {item.id: item.properties["displayName"] for item in world.tenant.collection("groups").values()}
    parts = only(world).contained("assignments").values()
    return {groups[part.properties["target"]["groupId"]] for part in parts}


def test_a_profile_deploys_headsets_by_themselves_and_goes_to_its_groups(setting_up: World) -> None:
    held = only(setting_up).properties
    assert (held["deviceType"], held["outOfBoxExperienceSetting"]["deviceUsageType"]) == ("holoLens", "shared")
    assert (held["deviceNameTemplate"], held["locale"]) == ("HL-%SERIAL%", "os-default")
    assert given(setting_up) == {"HoloLens one"}
    assert setting_up.shown() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", "Other"),
        ("deviceNameTemplate", "PC-%SERIAL%"),
        ("locale", "de-DE"),
        (
            "outOfBoxExperienceSetting",
            {
                "deviceUsageType": "shared",
                "userType": "administrator",
                "privacySettingsHidden": True,
                "eulaHidden": True,
                "keyboardSelectionPageSkipped": True,
                "escapeLinkHidden": True,
            },
        ),
    ],
)
def test_each_changed_property_is_found_and_put_back(setting_up: World, name: str, value: Any) -> None:
    only(setting_up).properties[name] = value
    assert setting_up.shown() == [f"update autopilot-profile:field {name}"]
    setting_up.apply()
    assert setting_up.shown() == []


def test_a_group_gets_the_profile_before_another_loses_it(setting_up: World) -> None:
    setting_up.state = profiles("two", device_name="HL-%SERIAL%")
    before = len(setting_up.emulator.exchanges)
    setting_up.apply()
    sent = [(one.method, one.path) for one in setting_up.emulator.exchanges[before:] if "/assignments" in one.path]
    assert [method for method, _ in sent] == ["POST", "DELETE"]
    assert given(setting_up) == {"HoloLens two"}
    assert setting_up.shown() == []


def test_a_profile_that_left_the_file_is_taken_from_its_groups_and_deleted(setting_up: World) -> None:
    setting_up.state = State([one for one in profiles().resources.values() if one.kind == "device-group"])
    setting_up.apply()
    assert setting_up.tenant.collection("windowsAutopilotDeploymentProfiles") == {}


def test_a_profile_of_that_name_that_somebody_else_made_is_taken_over_only_with_consent() -> None:
    world = World(lambda: [DeviceGroups(), AutopilotProfiles()], profiles("one"))
    world.apply()
    only(world).properties["description"] = "Made in the portal."
    assert [line.split()[0] for line in world.shown()] == ["update"]
    with pytest.raises(HolofleetError, match="not ours yet"):
        world.apply()
    world.apply(adopt=True)
    assert world.shown() == []
    assert len(world.tenant.collection("windowsAutopilotDeploymentProfiles")) == 1


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("after", range(8))
def test_a_profile_is_made_and_given_once_whenever_the_run_dies(after: int, carried_out: bool) -> None:
    world = World(lambda: [DeviceGroups(), AutopilotProfiles()], profiles("one", "two"))
    world.killed(after, carried_out=carried_out)
    world.apply()
    assert given(world) == {"HoloLens one", "HoloLens two"}
    assert world.shown() == []
