"""Autopilot deployment profiles: beta only, assigned to groups one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing, part_of
from holofleet.emulator.edm import Body, Mode, Version
from holofleet.emulator.message import GraphError, Response, bad, missing
from holofleet.emulator.routing import NO_CONTENT, Route, ok
from holofleet.emulator.services.intune.areas import ENROLLMENT
from holofleet.emulator.services.intune.policy import Policies, known_to_intune
from holofleet.emulator.services.intune.profile_delivery import profiles_changed
from holofleet.emulator.tenant import Item

MAX_PROFILES = 350
_BETA = frozenset({Version.BETA})
_ASSIGNMENT = "windowsAutopilotDeploymentProfileAssignment"
_NAME = "windowsAutopilotDeploymentProfiles"
_TARGETS = frozenset(
    {"#microsoft.graph.groupAssignmentTarget", "#microsoft.graph.exclusionGroupAssignmentTarget",
     "#microsoft.graph.allDevicesAssignmentTarget"}
)  # fmt: skip
_RANDOM = re.compile(r"%RAND:(\d+)%", re.IGNORECASE)
_SERIAL = re.compile(r"%SERIAL%", re.IGNORECASE)
_LONGEST_NAME = 15


def routes() -> Iterator[Route]:
    """Return the routes of deployment profiles."""
    yield from POLICIES.routes()
    one = f"{POLICIES.path}/{{id}}/assignments"
    yield Route("GET", one, _assignments, ENROLLMENT, ENROLLMENT.read, _BETA)
    yield Route("POST", one, _assign, ENROLLMENT, ENROLLMENT.write, _BETA)
    yield Route("DELETE", f"{one}/{{assignment}}", _unassign, ENROLLMENT, ENROLLMENT.write, _BETA)
    yield Route(
        "GET", f"{POLICIES.path}/{{id}}/assignedDevices", _assigned_devices, ENROLLMENT, ENROLLMENT.read, _BETA
    )


def _check(call: Call, body: Body, item: Item | None) -> None:
    properties = body.properties
    if item is None and len(call.tenant.collection(_NAME)) >= MAX_PROFILES:
        raise bad(f"A tenant has at most {MAX_PROFILES} deployment profiles.")
    if not 1 <= len(properties.get("displayName", "x")) <= 200:
        raise bad("'displayName' has 1 to 200 characters.")
    if len(properties.get("description") or "") > 1500:
        raise bad("'description' has at most 1500 characters.")
    _check_template(properties.get("deviceNameTemplate") or "")
    experience = properties.get("outOfBoxExperienceSetting")
    if experience is not None and not experience.get("escapeLinkHidden"):
        raise bad("'escapeLinkHidden' has to be true.")
    whole = {**(item.properties if item is not None else {}), **properties}
    if whole.get("deviceType") == "holoLens":
        _check_hololens(whole, body.type)


def _check_hololens(whole: dict[str, object], type_: str) -> None:
    experience = whole.get("outOfBoxExperienceSetting") or whole.get("outOfBoxExperienceSettings")
    usage = experience.get("deviceUsageType") if isinstance(experience, dict) else None
    if type_ != "azureADWindowsAutopilotDeploymentProfile" or usage != "shared":
        raise bad("A profile for HoloLens joins Microsoft Entra and deploys itself ('deviceUsageType' shared).")
    if whole.get("preprovisioningAllowed") or whole.get("enableWhiteGlove"):
        raise bad("A profile for HoloLens does not allow pre-provisioning.")
    if whole.get("hardwareHashExtractionEnabled") or whole.get("extractHardwareHash"):
        raise bad("A profile for HoloLens does not convert devices.")


def _check_template(template: str) -> None:
    random = _RANDOM.search(template)
    length = len(_SERIAL.sub("", _RANDOM.sub("", template))) + (int(random[1]) if random else 0)
    plain = _SERIAL.sub("", _RANDOM.sub("", template))
    if (
        not re.fullmatch(r"[A-Za-z0-9-]*", plain)
        or length > _LONGEST_NAME
        or (plain.isdecimal() and template == plain)
    ):
        raise bad("'deviceNameTemplate' is not valid: letters, digits and dashes, at most 15 in all.")


def _before_delete(call: Call, item: Item) -> None:
    if item.contained("assignments"):
        raise bad("The profile is assigned and cannot be deleted.")


POLICIES = Policies(
    f"/deviceManagement/{_NAME}",
    Listing(
        _NAME, "windowsAutopilotDeploymentProfile", expands=("assignments",), page=1000, most=1000, polymorph=True
    ),
    ENROLLMENT,
    versions=_BETA,
    check=_check,
    before_delete=_before_delete,
    after=lambda tenant, item: profiles_changed(tenant),
    defaults={"deviceType": "windowsPc", "description": "", "deviceNameTemplate": "", "locale": "os-default"},
)


def _assignments(call: Call) -> Response:
    item = POLICIES.find(call)
    return ok({"value": [part_of(call, part) for part in item.contained("assignments").values()]})


def _assign(call: Call) -> Response:
    item = POLICIES.find(call)
    properties = call.body(_ASSIGNMENT, Mode.CREATE).properties
    target = properties["target"]
    if target["@odata.type"] not in _TARGETS:
        raise bad("A deployment profile cannot be assigned to this kind of target.")
    if target.get("deviceAndAppManagementAssignmentFilterId"):
        raise bad("Assignment filters are not supported for deployment profiles.")
    group = str(target.get("groupId", "adadadad-808e-44e2-905a-0b7873a8a531"))
    if "groupId" in target and not known_to_intune(call.tenant, group):
        raise missing(group)
    identity = f"{item.id}_{group}_{int(target['@odata.type'].endswith('.exclusionGroupAssignmentTarget'))}"
    if identity in item.contained("assignments"):
        raise GraphError(409, "The profile is assigned to this target already.")
    part = Item(identity, _ASSIGNMENT, {"target": target, "source": "direct", "sourceId": item.id}, 0, call.now)
    item.contained("assignments")[identity] = part
    call.tenant.touch(_NAME, item)
    profiles_changed(call.tenant)
    return Response(
        201, {"@odata.context": call.context(f"{_NAME}('{item.id}')/assignments/$entity"), **part_of(call, part)}
    )


def _unassign(call: Call) -> Response:
    item = POLICIES.find(call)
    if item.contained("assignments").pop(call.id("assignment"), None) is None:
        raise missing(call.id("assignment"))
    call.tenant.touch(_NAME, item)
    profiles_changed(call.tenant)
    return NO_CONTENT


def _assigned_devices(call: Call) -> Response:
    item = POLICIES.find(call)
    devices = call.tenant.collection("windowsAutopilotDeviceIdentities")
    held = [d for d in devices.values() if item.id in d.links.get("deploymentProfile", {})]
    return Listing("windowsAutopilotDeviceIdentities", "windowsAutopilotDeviceIdentity").many(call, held)
