"""Autopilot: imports are tickets that are decided later, row by row; a sync lists what was registered.

Registered devices have an object in the directory, whose ``physicalIds`` carry the group tag, so that dynamic
groups follow it. Profiles come some time later, see ``profile_delivery.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from holofleet.clock import parse_utc
from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Mode, Version, checked
from holofleet.emulator.message import GraphError, Response, bad
from holofleet.emulator.routing import NO_CONTENT, Route, ok
from holofleet.emulator.services.directory import dynamic
from holofleet.emulator.services.directory.members import leave_all
from holofleet.emulator.services.intune.areas import ENROLLMENT
from holofleet.emulator.services.intune.profile_delivery import device_moved
from holofleet.emulator.tenant import Item, Tenant

MAX_ROWS = 500
"""Rows of one import (vendor documentation, for files in the portal)."""
SYNC_PAUSE = timedelta(minutes=10)
"""Between two manual syncs (vendor documentation)."""
_IMPORTS = "importedWindowsAutopilotDeviceIdentities"
_DEVICES = "windowsAutopilotDeviceIdentities"
_TICKET = "importedWindowsAutopilotDeviceIdentity"
_BETA = frozenset({Version.BETA})
_ALREADY_HERE = (806, "ZtdDeviceAlreadyAssigned")
_ELSEWHERE = (808, "ZtdDeviceAssignedToOtherTenant")
_MALFORMED = (801, "InvalidZtdHardwareHash")

_CHANGEABLE = (
    "userPrincipalName addressableUserName groupTag displayName deviceAccountUpn deviceAccountPassword "
    "deviceFriendlyName"
)

_TICKETS = Listing(_IMPORTS, _TICKET, page=1000, most=1000)


def _without_status(call: Call, item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    """Seen in issue reports: the single object does not tell the status that the list tells."""
    if "id" in call.match.ids and "deploymentProfileAssignmentStatus" in properties:
        return {**properties, "deploymentProfileAssignmentStatus": "unknown"}
    return properties


_LISTING = Listing(
    _DEVICES,
    "windowsAutopilotDeviceIdentity",
    filters={"serialNumber": "contains"},
    expands=("deploymentProfile", "intendedDeploymentProfile"),
    page=1000,
    most=1000,
    shape=_without_status,
)


def routes() -> Iterator[Route]:
    """Return the routes of imports, devices and the sync."""
    read, write = ENROLLMENT.read, ENROLLMENT.write
    imports, devices = f"/deviceManagement/{_IMPORTS}", f"/deviceManagement/{_DEVICES}"
    yield Route("GET", imports, _tickets, ENROLLMENT, read)
    yield Route("POST", imports, _import_one, ENROLLMENT, write)
    yield Route("POST", f"{imports}/import", _import, ENROLLMENT, write)
    yield Route("GET", f"{imports}/{{id}}", _ticket, ENROLLMENT, read)
    yield Route("DELETE", f"{imports}/{{id}}", _delete_ticket, ENROLLMENT, write)
    yield Route("GET", devices, _devices, ENROLLMENT, read)
    yield Route("GET", f"{devices}/{{id}}", _device, ENROLLMENT, read)
    yield Route("DELETE", f"{devices}/{{id}}", _remove, ENROLLMENT, write)
    for action, handler in (
        ("updateDeviceProperties", _update),
        ("assignUserToDevice", _assign_user),
        ("unassignUserFromDevice", _unassign_user),
    ):
        yield Route("POST", f"{devices}/{{id}}/{action}", handler, ENROLLMENT, write)
    settings = "/deviceManagement/windowsAutopilotSettings"
    yield Route("GET", settings, _settings, ENROLLMENT, read, _BETA)
    yield Route("POST", f"{settings}/sync", _sync, ENROLLMENT, write, _BETA)


# Imports


def _tickets(call: Call) -> Response:
    return _TICKETS.many(call, call.tenant.seen(_IMPORTS))


def _ticket(call: Call) -> Response:
    return _TICKETS.one(call, call.tenant.find(_IMPORTS, call.id()))


def _delete_ticket(call: Call) -> Response:
    call.tenant.delete(_IMPORTS, call.tenant.find(_IMPORTS, call.id()))
    return NO_CONTENT


def _import_one(call: Call) -> Response:
    item = _accept(call, call.given)
    return Response(201, {"@odata.context": call.context(f"{_IMPORTS}/$entity"), **_TICKETS.render(call, item)})


def _import(call: Call) -> Response:
    rows = call.parameters(_IMPORTS)[_IMPORTS]
    if not isinstance(rows, list) or not rows:
        raise bad(f"'{_IMPORTS}' is a list with at least one row.")
    if len(rows) > MAX_ROWS:
        raise bad(f"An import has at most {MAX_ROWS} rows.")
    for row in rows:  # a row that does not fit refuses the whole request
        checked(call.tenant.schema, call.version, _TICKET, row, Mode.CREATE)
    items = [_accept(call, row) for row in rows]
    return ok({"@odata.context": call.context(_IMPORTS), "value": [_TICKETS.render(call, item) for item in items]})


def _accept(call: Call, row: Any) -> Item:
    tenant = call.tenant
    properties = checked(tenant.schema, call.version, _TICKET, row, Mode.CREATE).properties
    pending = {
        "deviceImportStatus": "pending",
        "deviceErrorCode": 0,
        "deviceErrorName": "",
        "deviceRegistrationId": "",
    }
    item = tenant.create(_IMPORTS, _TICKET, {**properties, "state": pending})
    tenant.later(tenant.settings.delays.import_, ("import", item.id), lambda t: _decide(t, item.id))
    return item


def _decide(tenant: Tenant, identity: str) -> None:
    ticket = tenant.collection(_IMPORTS).get(identity)
    if ticket is None:
        return
    serial = ticket.properties.get("serialNumber") or ""
    error = _error(tenant, serial, ticket.properties.get("hardwareIdentifier") or "")
    state: dict[str, Any] = {"deviceErrorCode": 0, "deviceErrorName": "", "deviceRegistrationId": ""}
    if error is None:
        state |= {"deviceImportStatus": "complete", "deviceRegistrationId": _register(tenant, ticket)}
    else:
        state |= {"deviceImportStatus": "error", "deviceErrorCode": error[0], "deviceErrorName": error[1]}
    tenant.update(_IMPORTS, ticket, {"state": state}, cascade=True)


def _error(tenant: Tenant, serial: str, hardware_hash: str) -> tuple[int, str] | None:
    if serial in tenant.autopilot_errors:
        return tenant.autopilot_errors[serial]
    if not serial or not hardware_hash:
        return _MALFORMED
    if serial in tenant.registered_elsewhere:
        return _ELSEWHERE
    if serial in tenant.registered:
        return _ALREADY_HERE
    return None


def _register(tenant: Tenant, ticket: Item) -> str:
    """Register a device; lists show it after the next sync."""
    registration, serial = tenant.new_id(), str(ticket.properties["serialNumber"])
    tag = ticket.properties.get("groupTag") or ""
    entra = tenant.create(
        "devices",
        "device",
        {
            "displayName": serial,
            "deviceId": tenant.new_id(),
            "accountEnabled": True,
            "operatingSystem": "Windows",
            "model": "HoloLens 2",
            "manufacturer": "Microsoft Corporation",
            "trustType": "AzureAd",
            "isManaged": False,
            "isCompliant": False,
            "physicalIds": _physical_ids(registration, tag),
        },
        cascade=True,
    )
    tenant.create(
        _DEVICES,
        "windowsAutopilotDeviceIdentity",
        {
            "serialNumber": serial,
            "groupTag": tag,
            "productKey": ticket.properties.get("productKey") or "",
            "purchaseOrderIdentifier": "",
            "displayName": "",
            "manufacturer": "Microsoft Corporation",
            "model": "HoloLens 2",
            "userPrincipalName": ticket.properties.get("assignedUserPrincipalName") or "",
            "addressableUserName": "",
            "azureActiveDirectoryDeviceId": entra.properties["deviceId"],
            "azureAdDeviceId": entra.properties["deviceId"],
            "managedDeviceId": "00000000-0000-0000-0000-000000000000",
            "enrollmentState": "notContacted",
            "deploymentProfileAssignmentStatus": "notAssigned",
            "deploymentProfileAssignmentDetailedStatus": "none",
        },
        id_=registration,
        delay=tenant.settings.delays.background_sync,
        cascade=True,
    )
    tenant.registered[serial] = entra.id
    dynamic.object_changed(tenant, entra.id)
    return registration


def _physical_ids(registration: str, tag: str) -> list[str]:
    return [f"[ZTDID]:{registration}", f"[HWID]:h:{registration}", *([f"[OrderID]:{tag}"] if tag else [])]


# Devices


def _devices(call: Call) -> Response:
    return _LISTING.many(call, call.tenant.seen(_DEVICES))


def _device(call: Call) -> Response:
    return _LISTING.one(call, call.tenant.find(_DEVICES, call.id()))


def _entra(tenant: Tenant, item: Item) -> Item | None:
    return tenant.collection("devices").get(tenant.registered.get(item.properties["serialNumber"], ""))


def _update(call: Call) -> Response:
    tenant = call.tenant
    item = tenant.find(_DEVICES, call.id())
    given = call.parameters(optional=_CHANGEABLE)
    if not given or not all(value is None or isinstance(value, str) for value in given.values()):
        raise bad("The properties of a device are texts.")
    tenant.update(_DEVICES, item, {name: value or "" for name, value in given.items()})
    entra = _entra(tenant, item)
    if "groupTag" in given and entra is not None:
        physical = _physical_ids(item.id, item.properties["groupTag"])
        tenant.update("devices", entra, {"physicalIds": physical}, cascade=True)
        dynamic.object_changed(tenant, entra.id)
    return NO_CONTENT


def _assign_user(call: Call) -> Response:
    given = call.parameters("userPrincipalName addressableUserName")
    call.tenant.update(_DEVICES, call.tenant.find(_DEVICES, call.id()), given)
    return NO_CONTENT


def _unassign_user(call: Call) -> Response:
    call.parameters()
    item = call.tenant.find(_DEVICES, call.id())
    call.tenant.update(_DEVICES, item, {"userPrincipalName": "", "addressableUserName": ""})
    return NO_CONTENT


def _remove(call: Call) -> Response:
    """Deregister a device; it leaves the list some time later."""
    tenant = call.tenant
    item = tenant.find(_DEVICES, call.id())
    managed = tenant.collection("managedDevices").values()
    if any(device.properties.get("serialNumber") == item.properties["serialNumber"] for device in managed):
        raise bad("The device is enrolled: delete it from Intune first.")
    tenant.later(tenant.settings.delays.removal, ("remove", item.id), lambda t: _gone(t, item))
    return Response(200)


def _gone(tenant: Tenant, item: Item) -> None:
    if item.id not in tenant.collection(_DEVICES):
        return
    entra = _entra(tenant, item)
    tenant.delete(_DEVICES, item, cascade=True)
    tenant.registered.pop(item.properties["serialNumber"], None)
    if entra is not None:
        leave_all(tenant, entra.id)
        tenant.delete("devices", entra, cascade=True)


# The sync


def _settings(call: Call) -> Response:
    value = call.tenant.singletons["windowsAutopilotSettings"]
    return ok({"@odata.context": call.context("windowsAutopilotSettings"), **value})


def _sync(call: Call) -> Response:
    tenant = call.tenant
    call.parameters()
    settings = tenant.singletons["windowsAutopilotSettings"]
    if settings["syncStatus"] == "inProgress":
        raise GraphError(409, "A sync is already running.")
    if tenant.now() - parse_utc(settings["lastManualSyncTriggerDateTime"]) < SYNC_PAUSE:
        raise GraphError(429, "A sync was started less than ten minutes ago.")
    settings |= {"syncStatus": "inProgress", "lastManualSyncTriggerDateTime": tenant.stamp()}
    tenant.later(tenant.settings.delays.sync, "sync", _synced)
    return NO_CONTENT


def _synced(tenant: Tenant) -> None:
    settings = tenant.singletons["windowsAutopilotSettings"]
    settings |= {"syncStatus": "completed", "lastSyncDateTime": tenant.stamp()}
    for item in tenant.collection(_DEVICES).values():
        item.visible_from = min(item.visible_from, tenant.now())
        entra = _entra(tenant, item)
        if entra is not None:
            device_moved(tenant, entra.id)
