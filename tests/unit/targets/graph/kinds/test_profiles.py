"""Configuration profiles, against the emulator."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from tests.unit.targets.graph.kinds.directory_world import ROOT, World, sample

from holofleet import samples
from holofleet.emulator import Delays, FaultPlan
from holofleet.emulator.tenant import Item
from holofleet.emulator.transport import InProcess
from holofleet.errors import HolofleetError, InputError, RefusedError
from holofleet.resources import DeviceGroup, Document, Format, Headset, Setting, State
from holofleet.targets.graph.kinds.device_groups import DeviceGroups
from holofleet.targets.graph.kinds.profiles import Profiles
from holofleet.targets.graph.lowering.oma import VALUE_LIMIT
from holofleet.targets.graph.masking import masked
from holofleet.targets.graph.operations import Request
from holofleet.targets.graph.reconcile import Ids, Marker, Scope

NODE = "./Device/Vendor/MSFT/Policy/Config/"
CAMERA = f"{NODE}Camera/AllowCamera"
KIOSK = "./Device/Vendor/MSFT/AssignedAccess/Configuration"
WIFI = "./Device/Vendor/MSFT/WiFi/Profile/plant/WlanXml"
BINARY = "./Device/Vendor/MSFT/ApplicationControl/Policies/6a3f1d52-08c4-5e0b-9d77-2b1f4c9ae360/Policy"
SITE = f"{NODE}Browser/EnterpriseModeSiteList"
DOCUMENT = Document(
    (
        Setting(CAMERA, Format.INT, "0"),
        Setting(f"{NODE}Education/Flag", Format.BOOL, "true"),
        Setting(KIOSK, Format.CHR, "<AssignedAccess>ü</AssignedAccess>"),
        Setting(WIFI, Format.CHR, "<key>{{secret:env:WIFI}}</key>"),
        Setting(SITE, Format.CHR, "https://contoso.com/{{serial}}?{{secret:env:WIFI}}"),
        Setting(BINARY, Format.B64, base64.b64encode(b"policy").decode()),
    )
)
SECRET = 'pass"<word>'
GROUP = "line.plant"


def state(document: Document = DOCUMENT, **more: Any) -> State:
    headset = Headset(serial="000000000001", deployment="line", document=document.hash)
    group = DeviceGroup(
        name=GROUP,
        display_name="HoloLens line",
        deployment="line",
        document=document.hash,
        serials=(headset.serial,),
        rule='(device.devicePhysicalIds -any _ -eq "[OrderID]:line")',
    )
    return State([headset, group.model_copy(update=more)], [document])


def world(wanted: State | None = None, **more: Any) -> World:
    return World(lambda: [DeviceGroups(), Profiles(ROOT)], wanted or state(), **more)


def resolve(reference: str) -> str:
    assert reference == "env:WIFI"
    return SECRET


def profile(tried: World, name: str) -> Item:
    (found,) = (
        item
        for item in tried.tenant.collection("deviceConfigurations").values()
        if f"{name.replace(' ', '%20')}]" in item.properties["description"]
    )
    return found


def shown(tried: World) -> list[str]:
    """Return the differences, when secrets can be compared."""
    with tried.target(resolve=resolve) as graph:
        return [
            f"{change.act} {change.address.name}: {', '.join(f.field for f in change.fields)}"
            for change in graph.plan(tried.state).changes
        ]


def changed_setting(tried: World, name: str, uri: str, **properties: Any) -> None:
    item = profile(tried, name)
    settings = deepcopy(item.properties["omaSettings"])
    (one,) = (setting for setting in settings if setting["omaUri"] == uri)
    one.update(properties)
    tried.edit("deviceConfigurations", item, omaSettings=settings)


def other(value: Any) -> Any:
    """Return a value of the same shape that means something else."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, *value]
    if isinstance(value, dict):
        return {**value, **{name: other(one) for name, one in value.items() if not name.startswith("@")}}
    return f"{value}x"


def mutations(sent: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every way to change one property of a body that was sent: what differs then, and the change."""
    for name, value in sent.items():
        if name == "omaSettings":
            for index, setting in enumerate(value):
                uri = setting["omaUri"]
                for part in setting:
                    settings = deepcopy(value)
                    if part == "value" and setting["@odata.type"].endswith(("StringXml", "Base64")):
                        settings[index][part] = base64.b64encode(b"<x/>").decode()
                    elif part == "@odata.type":
                        number = not setting[part].endswith("Integer")
                        kind, value_ = ("Integer", 7) if number else ("String", "other")
                        settings[index] |= {part: f"#microsoft.graph.omaSetting{kind}", "value": value_}
                    else:
                        settings[index][part] = other(settings[index][part])
                    expected = uri if part in ("value", "omaUri") else f"about {uri}"
                    yield expected, {name: settings}
            continue
        if "@odata" not in name:
            yield name, {name: other(value)}


def sent_bodies(tried: World) -> dict[str, dict[str, Any]]:
    """Return the bodies by which the profiles were made, by id, as the kind sends them."""
    kind = Profiles(ROOT)
    scope = Scope(tried.state, Marker("fleet"), resolve)
    wanted = kind.wanted(scope)
    ids = Ids({one.address: profile(tried, one.address.name).id for one in wanted})
    return {ids[one.address]: kind.body(one, scope, ids) for one in wanted}


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
@pytest.mark.parametrize("name", samples.SAMPLES)
def test_profiles_of_a_sample_are_made_and_the_plan_is_empty(name: str, delays: Delays) -> None:
    tried = world(sample(name), delays=delays)
    tried.apply()
    assert shown(tried) == []
    assert not tried.doubled()
    for group in tried.state.of_kind(DeviceGroup).values():
        object_ = tried.one("groups", displayName=group.display_name).id
        mine = [i for i in tried.tenant.collection("deviceConfigurations").values() if object_ in _groups(i)]
        assert len(mine) >= 3


def _groups(item: Item) -> set[str]:
    return {one["target"]["groupId"] for part in item.parts["assignments"].values() for one in [part.properties]}


@pytest.mark.parametrize(
    "wanted", [state(), sample("shared-identity"), sample("near-offline")], ids=["made-up", "shared", "offline"]
)
def test_every_property_of_every_body_is_compared(wanted: State) -> None:
    tried = world(wanted)
    tried.apply(resolve=resolve)
    assert shown(tried) == []
    tried_out = 0
    for id_, body in sent_bodies(tried).items():
        item = tried.tenant.collection("deviceConfigurations")[id_]
        for name, change in mutations(body):
            before = deepcopy(item.properties)
            tried.edit("deviceConfigurations", item, **deepcopy(change))
            found = shown(tried)
            assert len(found) == 1, (item.properties["displayName"], name, change, found)
            assert name in found[0].partition(": ")[2].split(", "), (name, found)
            tried.edit("deviceConfigurations", item, **before)
            tried_out += 1
    assert tried_out > 20
    assert shown(tried) == []


@pytest.mark.parametrize("wanted", [state(), sample("shared-identity")], ids=["made-up", "shared"])
def test_whatever_was_changed_is_put_back_with_one_request(wanted: State) -> None:
    tried = world(wanted)
    tried.apply(resolve=resolve)
    good = _without_stamps(tried)
    for id_, body in sent_bodies(tried).items():
        item = tried.tenant.collection("deviceConfigurations")[id_]
        for name, change in mutations(body):
            if name == "description":
                continue  # a lost marker is another test's
            tried.edit("deviceConfigurations", item, **deepcopy(change))
            tried.apply(resolve=resolve, confirm_s=0)
            assert _without_stamps(tried) == good, name


def _without_stamps(tried: World) -> dict[str, Any]:
    """Return all profiles without what changes with each request."""
    kept = {}
    for id_, item in tried.tenant.collection("deviceConfigurations").items():
        properties = deepcopy(item.properties)
        del properties["version"], properties["lastModifiedDateTime"]
        properties["description"] = properties["description"].partition(" Texts of")[0]
        for setting in properties.get("omaSettings", ()):
            setting.pop("secretReferenceValueId", None)
        kept[id_] = properties
    return kept


@pytest.mark.parametrize(
    "change",
    [
        {"featureUpdatesPaused": True},
        {"engagedRestartDeadlineInDays": 0},
        {"businessReadyUpdatesOnly": "all"},
        {"skipChecksBeforeRestart": True},
        {"engagedRestartDeadlineInDays": 3},
        {"deviceManagementApplicabilityRuleOsEdition": {"osEditionTypes": ["windows10Enterprise"], "name": "x"}},
    ],
)
def test_what_an_administrator_switches_on_in_our_update_ring_is_found_and_undone(change: dict[str, Any]) -> None:
    tried = world(sample("near-offline"))
    tried.apply()
    item = profile(tried, "harbour.harbour-office/updates")
    (name,) = change
    assert name not in sent_bodies(tried)[item.id]
    tried.edit("deviceConfigurations", item, **change)
    assert shown(tried) == [f"update harbour.harbour-office/updates: {name}"]
    tried.apply()
    assert shown(tried) == []


def test_settings_that_were_added_or_removed_are_found_under_their_node_for_their_headsets() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    item = profile(tried, "line.plant/settings")
    added = {"@odata.type": "#microsoft.graph.omaSettingInteger", "omaUri": f"{NODE}A/B", "value": 1}
    kept = [one for one in item.properties["omaSettings"] if one["omaUri"] != CAMERA]
    tried.edit("deviceConfigurations", item, omaSettings=[*deepcopy(kept), added])
    with tried.target(resolve=resolve, desired=tried.state) as graph:
        settings = {one.oma_uri: (one.before, one.after, one.headsets) for one in graph.plan(tried.state).settings}
        drifts = {(one.serial, one.oma_uri) for one in graph.drift()}
    serials = ("000000000001",)
    assert settings == {CAMERA: (None, "0", serials), f"{NODE}A/B": ("1", None, serials)}
    assert {(serials[0], CAMERA), (serials[0], f"{NODE}A/B")} <= drifts
    tried.apply(resolve=resolve)
    assert shown(tried) == []


def test_what_the_service_adds_and_another_order_of_settings_are_no_difference() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    item = profile(tried, "line.plant/settings")
    tried.edit(
        "deviceConfigurations",
        item,
        omaSettings=deepcopy(item.properties["omaSettings"][::-1]),
        roleScopeTagIds=["0", "7"],
        supportsScopeTags=True,
    )
    assert shown(tried) == []


@pytest.mark.parametrize("groups", [[], ["somebody-else"], ["ours", "somebody-else"]])
def test_another_assignment_is_found_and_undone(groups: list[str]) -> None:
    tried = world()
    tried.apply(resolve=resolve)
    ours = tried.one("groups", displayName="HoloLens line").id
    stranger = tried.group("Somebody else").id
    item = profile(tried, "line.plant/settings")
    ids = [ours if name == "ours" else stranger for name in groups]
    reassign(tried, item, [{"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": i} for i in ids])
    assert shown(tried) == ["update line.plant/settings: groups"]
    tried.apply(resolve=resolve)
    assert _groups(item) == {ours}


def test_an_assignment_to_all_devices_or_an_exclusion_is_found_and_undone() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    ours = tried.one("groups", displayName="HoloLens line").id
    item = profile(tried, "line.plant/settings")
    for other_kind in ("allDevicesAssignmentTarget", "exclusionGroupAssignmentTarget"):
        more = {"groupId": tried.group("Somebody else").id} if "Group" in other_kind else {}
        reassign(
            tried,
            item,
            [
                {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": ours},
                {"@odata.type": f"#microsoft.graph.{other_kind}", **more},
            ],
        )
        assert shown(tried) == ["update line.plant/settings: other assignments"]
        tried.apply(resolve=resolve)
        assert shown(tried) == []


def test_assignments_that_were_swapped_between_two_of_ours_are_found_and_swapped_back() -> None:
    tried = world(sample("cloud-connected"))
    tried.apply(resolve=resolve)
    ours = [item for item in configurations(tried) if item.properties["displayName"].endswith("- settings")]
    one, two = ours[:2]
    before = _groups(one), _groups(two)
    assert before[0] != before[1]
    kind = "#microsoft.graph.groupAssignmentTarget"
    for item, groups in ((one, before[1]), (two, before[0])):
        reassign(tried, item, [{"@odata.type": kind, "groupId": id_} for id_ in groups])
    lines = shown(tried)
    assert len(lines) == 2
    assert all(line.endswith(": groups") for line in lines)
    tried.apply(resolve=resolve)
    assert (_groups(one), _groups(two)) == before
    assert shown(tried) == []
    assert len(configurations(tried)) == len(sent_bodies(tried))


def reassign(tried: World, item: Item, targets: list[dict[str, Any]]) -> None:
    """Assign it in a portal."""
    send(tried, "POST", f"/deviceManagement/deviceConfigurations/{item.id}/assign", assignments_of(targets))


def assignments_of(targets: list[dict[str, Any]]) -> dict[str, Any]:
    return {"assignments": [{"target": target} for target in targets]}


def send(tried: World, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send a request as somebody else would."""

    async def sent() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=InProcess(tried.emulator), base_url=ROOT) as http:
            return await http.request(method, f"/beta{path}", json=body)

    response = asyncio.run(sent())
    assert response.is_success, response.text
    return dict(response.json()) if response.content else {}


def stranger(tried: World, name: str, body: dict[str, Any], targets: list[dict[str, Any]]) -> Item:
    """Make a profile in a portal."""
    made = send(tried, "POST", "/deviceManagement/deviceConfigurations", {"displayName": name, **body})
    item = tried.tenant.collection("deviceConfigurations")[made["id"]]
    reassign(tried, item, targets)
    return item


# Encrypted values and secrets


class Recording:
    """Keeps bodies as a recorder writes them."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    def record(self, request: Request, url: str) -> None:
        if isinstance(request.body, dict):
            self.bodies.append(masked(request))


def plain_texts_read(tried: World) -> int:
    before = len(tried.emulator.exchanges)
    assert shown(tried) == []
    return sum("getOmaSettingPlainTextValue" in str(one) for one in tried.emulator.exchanges[before:])


def test_plain_texts_are_read_only_where_the_profile_does_not_prove_them() -> None:
    tried = world(sample("near-offline"))
    tried.apply(confirm_s=0)
    assert plain_texts_read(tried) == 0
    item = profile(tried, "harbour.harbour-office/texts")
    count = len(item.properties["omaSettings"])
    tried.edit("deviceConfigurations", item, roleScopeTagIds=["0", "1"])
    assert plain_texts_read(tried) == count  # the version moved, and nothing that is ours
    uri = item.properties["omaSettings"][0]["omaUri"]
    changed_setting(tried, "harbour.harbour-office/texts", uri, value="another")
    assert shown(tried) == [f"update harbour.harbour-office/texts: {uri}"]
    tried.apply()
    assert plain_texts_read(tried) == 0


def test_a_text_that_changes_in_the_file_is_found_though_nobody_touched_the_tenant() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    tried.state = state(
        Document(
            tuple(
                replace(one, data=one.data.replace("ü", "ö")) if one.oma_uri == KIOSK else one
                for one in DOCUMENT.settings
            )
        )
    )
    with tried.target(resolve=resolve) as graph:
        (change,) = graph.plan(tried.state).settings
    assert (change.before, change.after) == (
        "<AssignedAccess>ü</AssignedAccess>",
        "<AssignedAccess>ö</AssignedAccess>",
    )
    tried.apply(resolve=resolve)
    assert shown(tried) == []


def test_a_note_that_was_copied_to_another_version_proves_nothing() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    item = profile(tried, "line.plant/kiosk")
    value = base64.b64encode(b"<other/>").decode()
    changed_setting(tried, "line.plant/kiosk", KIOSK, value=value)
    assert shown(tried) == [f"update line.plant/kiosk: {KIOSK}"]
    assert item.properties["version"] == 2


def test_secrets_are_sent_filled_in_and_escaped_and_stand_in_no_plan_nor_record() -> None:
    tried = world()
    tried.recorder = recorder = Recording()
    with tried.target(resolve=resolve) as graph:
        plan = graph.plan(tried.state)
        assert SECRET not in json.dumps(plan.to_json())
    tried.apply(resolve=resolve)
    texts = {one["omaUri"]: one["value"] for one in profile(tried, "line.plant/texts").properties["omaSettings"]}
    assert base64.b64decode(texts[WIFI]).decode() == "<key>pass&quot;&lt;word&gt;</key>"
    assert texts[SITE] == "https://contoso.com/{{SerialNumber}}?" + SECRET
    assert [body for body in recorder.bodies if WIFI in json.dumps(body)]
    values = {one["value"] for body in recorder.bodies for one in body.get("omaSettings", ())}
    assert not values & {texts[WIFI], texts[SITE]}
    assert SECRET not in str([item.properties["description"] for item in configurations(tried)])


def configurations(tried: World) -> list[Item]:
    return list(tried.tenant.collection("deviceConfigurations").values())


def test_a_secret_that_was_changed_in_the_tenant_or_rotated_is_found_and_shown_by_neither_value() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    changed_setting(tried, "line.plant/texts", SITE, value="https://contoso.com/{{SerialNumber}}?hunter2")
    with tried.target(resolve=resolve) as graph:
        plan = graph.plan(tried.state)
    assert [one.oma_uri for one in plan.settings] == [SITE]
    assert "hunter2" not in json.dumps(plan.to_json())
    tried.apply(resolve=resolve)
    with tried.target(resolve=lambda _: "rotated") as graph:
        assert {one.oma_uri for one in graph.plan(tried.state).settings} == {SITE, WIFI}


def test_without_a_way_to_the_secret_nothing_is_sent_and_the_rest_is_compared() -> None:
    tried = world()
    with pytest.raises(HolofleetError):
        tried.apply()
    assert not [item for item in configurations(tried) if "texts" in item.properties["displayName"]]
    tried.apply(resolve=resolve)
    assert tried.shown() == []
    changed_setting(tried, "line.plant/settings", CAMERA, value=1)
    assert tried.shown() == [f"update profile:line.plant/settings {CAMERA}"]


# Whole lives


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("after", range(8))
def test_a_process_that_dies_at_any_request_is_completed_by_the_next(after: int, carried_out: bool) -> None:
    tried = world(sample("shared-identity"), delays=Delays.like_the_service())
    tried.killed(after, carried_out=carried_out)
    tried.apply()
    assert shown(tried) == []
    assert not tried.doubled()
    assert all(item.parts["assignments"] for item in configurations(tried))


@pytest.mark.parametrize("seed", range(4))
def test_a_storm_ends_in_the_same_state(seed: int) -> None:
    faults = FaultPlan(seed=seed, rate=0.15)
    tried = world(sample("shared-identity"), delays=Delays.like_the_service(), faults=faults)
    tried.weather()
    assert shown(tried) == []
    assert not tried.doubled()


def test_GRA_2_a_profile_of_that_name_and_type_is_adopted_with_consent_only() -> None:
    tried = world()
    setting = {
        "@odata.type": "#microsoft.graph.omaSettingInteger",
        "omaUri": CAMERA,
        "displayName": "x",
        "value": 1,
    }
    body = {"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "omaSettings": [setting]}
    theirs = stranger(tried, "HoloLens line - settings", body, [])
    before = deepcopy(theirs.properties)
    with pytest.raises(RefusedError, match="not ours yet"):
        tried.apply(resolve=resolve)
    assert theirs.properties == before
    tried.apply(resolve=resolve, adopt=True)
    assert shown(tried) == []
    assert "[holofleet:fleet:profile:line.plant/settings]" in theirs.properties["description"]
    assert len(configurations(tried)) == len(sent_bodies(tried))


def test_GRA_2_a_profile_whose_marker_was_taken_away_is_not_ours_any_more() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    item = profile(tried, "line.plant/settings")
    tried.edit("deviceConfigurations", item, description="Mine now.")
    with pytest.raises(RefusedError, match="not ours yet"):
        tried.apply(resolve=resolve)
    tried.state = State()
    tried.apply(resolve=resolve)
    assert [one.id for one in configurations(tried)] == [item.id]


def test_profiles_go_with_their_group_and_those_of_others_stay() -> None:
    tried = world(sample("shared-identity"))
    tried.apply()
    other_body = {
        "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
        "qualityUpdatesDeferralPeriodInDays": 3,
    }
    theirs = stranger(tried, "Theirs", other_body, [])
    tried.state = State()
    tried.apply()
    assert [one.id for one in configurations(tried)] == [theirs.id]
    assert shown(tried) == []


def test_a_profile_whose_root_changed_is_made_anew_with_the_new_root() -> None:
    tried = world(sample("shared-identity"))
    tried.apply()
    kind = "windows81SCEPCertificateProfile"
    (first,) = (item for item in configurations(tried) if item.type == kind)
    (root,) = (item for item in configurations(tried) if item.type == "windows81TrustedRootCertificate")
    body = {
        "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
        "trustedRootCertificate": root.properties["trustedRootCertificate"],
        "destinationStore": "computerCertStoreRoot",
    }
    other_root = stranger(tried, "Another root", body, [])
    first.links["rootCertificate"] = {other_root.id: tried.clock.now()}
    (line,) = shown(tried)
    assert line.endswith("account certificate shared-account: root certificate")
    tried.apply()
    (second,) = (item for item in configurations(tried) if item.type == kind)
    assert second.id != first.id
    assert set(second.links["rootCertificate"]) == {root.id}
    assert _groups(second)
    assert shown(tried) == []


def test_a_value_larger_than_the_service_takes_is_refused_before_anything_is_sent() -> None:
    large = Document((Setting(BINARY, Format.B64, "A" * (VALUE_LIMIT + 4)),))
    tried = world(state(large))
    with pytest.raises(InputError, match="350"):
        tried.apply()
    assert configurations(tried) == []


def test_round_trips_are_the_lists_and_two_batches_for_twenty_profiles() -> None:
    tried = world(sample("cloud-connected"))
    before = tried.emulator.trips
    tried.apply(confirm_s=0)
    lists, groups, profiles = 2, 3, 12  # one list a version of the interface
    assert tried.emulator.trips - before == lists + -(-groups // 20) + 2 * -(-profiles // 20)
    before = tried.emulator.trips
    assert shown(tried) == []
    assert tried.emulator.trips - before == lists


# Profiles of others on the same headsets


def camera(value: int) -> dict[str, Any]:
    kind = "#microsoft.graph.omaSettingInteger"
    setting = {"@odata.type": kind, "omaUri": CAMERA, "displayName": "Camera", "value": value}
    return {"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "omaSettings": [setting]}


def on_group(tried: World) -> list[dict[str, Any]]:
    group = tried.one("groups", displayName="HoloLens line").id
    return [{"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group}]


ALL = [{"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}]


def problems(tried: World) -> dict[str, str]:
    with tried.target(resolve=resolve) as graph:
        return {item.key: item.reason for item in graph.plan(tried.state).undelivered}


def test_another_value_for_a_node_of_ours_on_all_devices_is_a_problem_and_ours_is_not_made() -> None:
    tried = world()
    stranger(tried, "Company cameras", camera(1), ALL)
    reason = problems(tried)["profile:line.plant/settings"]
    assert "Company cameras" in reason
    assert CAMERA in reason
    tried.apply(resolve=resolve)
    assert not [one for one in configurations(tried) if one.properties["displayName"].endswith("- settings")]
    assert [one for one in configurations(tried) if one.properties["displayName"].endswith("- texts")]


def test_a_conflict_of_texts_is_seen_in_their_plain_texts() -> None:
    tried = world()
    tried.apply(resolve=resolve)
    setting = {
        "@odata.type": "#microsoft.graph.omaSettingString",
        "omaUri": KIOSK,
        "displayName": "x",
        "value": "<other/>",
    }
    body = {"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "omaSettings": [setting]}
    stranger(tried, "Theirs", body, on_group(tried))
    assert list(problems(tried)) == ["profile:line.plant/kiosk"]


def test_two_update_rings_on_one_group_that_disagree_are_a_problem() -> None:
    tried = world(sample("near-offline"))
    tried.apply()
    ours = sent_bodies(tried)[profile(tried, "harbour.harbour-office/updates").id]
    name = next(name for name, value in ours.items() if type(value) is int)
    body = {"@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration"}
    before = problems(tried)
    theirs = stranger(tried, "Theirs", {**body, name: ours[name]}, ALL)
    assert problems(tried) == before
    tried.edit("deviceConfigurations", theirs, **{name: ours[name] + 1})
    new = problems(tried).keys() - before.keys()
    assert "profile:harbour.harbour-office/updates" in new
    assert shown(tried) == []


@pytest.mark.parametrize("case", ["same value", "other group", "group left out", "other node", "not assigned"])
def test_what_does_not_meet_ours_is_no_conflict(case: str) -> None:
    tried = world()
    tried.apply(resolve=resolve)
    ours = on_group(tried)
    left_out = [{**ours[0], "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget"}]
    elsewhere = [{**ours[0], "groupId": tried.group("Elsewhere").id}]
    body = camera(0 if case == "same value" else 1)
    if case == "other node":
        body["omaSettings"][0]["omaUri"] = f"{NODE}Other/Node"
    where = {"other group": elsewhere, "group left out": ALL + left_out, "not assigned": []}
    stranger(tried, "Theirs", body, where.get(case, ours))
    assert problems(tried) == {}
    assert shown(tried) == []
