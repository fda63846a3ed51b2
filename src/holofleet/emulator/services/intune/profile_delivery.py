"""Autopilot devices get their profile some time after a group, an assignment or a membership changed."""

from __future__ import annotations

from holofleet.emulator.tenant import Item, Tenant

_DEVICES = "windowsAutopilotDeviceIdentities"
_PROFILES = "windowsAutopilotDeploymentProfiles"


def device_moved(tenant: Tenant, device: str) -> None:
    """Have the profile of one directory device worked out anew, after a while."""
    entra = tenant.collection("devices").get(device)
    if entra is not None:
        tenant.later(tenant.settings.delays.profile, ("profile", device), lambda t: _deliver(t, device))


def profiles_changed(tenant: Tenant) -> None:
    """Have the profiles of all devices worked out anew, after a while."""
    for device in tenant.collection("devices"):
        device_moved(tenant, device)


def _deliver(tenant: Tenant, device: str) -> None:
    entra = tenant.collection("devices").get(device)
    if entra is None:
        return
    identity = _identity(tenant, entra)
    if identity is None:
        return
    profile = _profile(tenant, device)
    identity.links["deploymentProfile"] = {}
    if profile is None:
        status, detail = "notAssigned", "none"
    elif profile.properties["deviceType"] != "holoLens":
        status, detail = "failed", "windowsPcProfileNotSupported"
    else:
        status, detail = "assignedInSync", "none"
        identity.links["deploymentProfile"] = {profile.id: tenant.now()}
    identity.links["intendedDeploymentProfile"] = {profile.id: tenant.now()} if profile is not None else {}
    before = identity.properties
    changed = (before["deploymentProfileAssignmentStatus"], before["deploymentProfileAssignmentDetailedStatus"])
    if changed != (status, detail):
        tenant.update(
            _DEVICES,
            identity,
            {
                "deploymentProfileAssignmentStatus": status,
                "deploymentProfileAssignmentDetailedStatus": detail,
                "deploymentProfileAssignedDateTime": tenant.stamp(),
            },
            cascade=True,
        )


def _identity(tenant: Tenant, entra: Item) -> Item | None:
    for value in entra.properties.get("physicalIds", ()):
        if value.startswith("[ZTDID]:"):
            return tenant.collection(_DEVICES).get(value.removeprefix("[ZTDID]:"))
    return None


def _profile(tenant: Tenant, device: str) -> Item | None:
    """Return the profile of a device: the oldest that includes it and does not exclude it."""
    groups = tenant.groups_of.get(device, set())
    for profile in sorted(tenant.collection(_PROFILES).values(), key=lambda item: item.order):
        targets = [part.properties["target"] for part in profile.contained("assignments").values()]
        kinds = {(t["@odata.type"].rpartition(".")[2], t.get("groupId")) for t in targets}
        if any(("exclusionGroupAssignmentTarget", group) in kinds for group in groups):
            continue
        if ("allDevicesAssignmentTarget", None) in kinds:
            return profile
        if any(("groupAssignmentTarget", group) in kinds for group in groups):
            return profile
    return None
