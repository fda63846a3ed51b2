"""Managed devices: seeded, read, and given actions that they carry out some time later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing, part_of
from holofleet.emulator.edm import Mode, Version
from holofleet.emulator.edm.schema import BOTH
from holofleet.emulator.message import Response, bad, missing
from holofleet.emulator.routing import NO_CONTENT, Handler, Route, ok
from holofleet.emulator.services.intune.areas import ACTIONS, DEVICES
from holofleet.emulator.services.intune.configurations import statuses
from holofleet.emulator.tenant import Item, Tenant

_NAME = "managedDevices"
_BETA = frozenset({Version.BETA})
_LISTING = Listing(
    _NAME,
    "managedDevice",
    filters={
        "id": "eq",
        "operatingSystem": "eq",
        "model": "eq",
        "serialNumber": "eq",
        "deviceName": "eq",
        "azureADDeviceId": "eq",
        "userPrincipalName": "eq",
        "lastSyncDateTime": "le ge lt gt",
        "complianceState": "eq",
    },
    orders=("deviceName", "lastSyncDateTime"),
    page=1000,
    most=1000,
)
_ON_MANY = {
    "syncDevice": "syncDevice",
    "rebootNow": "rebootNow",
    "wipe": "factoryReset",
    "retire": "retire",
    "collectDiagnostics": "collectDiagnostics",
    "setDeviceName": "setDeviceName",
}
MAX_AT_ONCE = 100
"""Devices of one ``executeAction``; assumed."""


def routes() -> Iterator[Route]:
    """Return the routes of managed devices."""
    base = f"/deviceManagement/{_NAME}"
    one = f"{base}/{{id}}"
    yield Route("GET", base, _list, DEVICES, DEVICES.read)
    yield Route("GET", one, _get, DEVICES, DEVICES.read)
    yield Route("PATCH", one, _update, DEVICES, DEVICES.write)
    yield Route("DELETE", one, _delete, DEVICES, DEVICES.write)
    yield Route("GET", f"{one}/deviceConfigurationStates", _states, DEVICES, DEVICES.read)
    for action, optional, versions in (
        ("syncDevice", "", BOTH),
        ("rebootNow", "", BOTH),
        ("retire", "", BOTH),
        ("wipe", "keepEnrollmentData keepUserData macOsUnlockCode persistEsimDataPlan useProtectedWipe", BOTH),
        ("setDeviceName", "deviceName", _BETA),
    ):
        yield Route("POST", f"{one}/{action}", _action(action, optional), DEVICES, ACTIONS, versions)
    yield Route("POST", f"{base}/executeAction", _on_many, DEVICES, ACTIONS, _BETA)
    yield Route("POST", f"{one}/createDeviceLogCollectionRequest", _collect, DEVICES, DEVICES.write, _BETA)
    yield Route("GET", f"{one}/logCollectionRequests", _collections, DEVICES, DEVICES.read)
    download = f"{one}/logCollectionRequests/{{request}}/createDownloadUrl"
    yield Route("POST", download, _download_url, DEVICES, DEVICES.write)


def _list(call: Call) -> Response:
    return _LISTING.many(call, call.tenant.seen(_NAME))


def _find(call: Call) -> Item:
    return call.tenant.find(_NAME, call.id())


def _get(call: Call) -> Response:
    return _LISTING.one(call, _find(call))


def _update(call: Call) -> Response:
    item = _find(call)
    call.tenant.update(_NAME, item, call.body("managedDevice", Mode.UPDATE).properties)
    return ok(_LISTING.render(call, item))


def _delete(call: Call) -> Response:
    call.tenant.delete(_NAME, _find(call))
    return NO_CONTENT


def _action(action: str, optional: str) -> Handler:
    def answer(call: Call) -> Response:
        given = call.parameters(optional=optional)
        if action == "setDeviceName" and not given.get("deviceName"):
            raise bad("The parameter 'deviceName' is missing in the request payload.")
        _queue(call.tenant, _find(call), action, given)
        return NO_CONTENT

    return answer


def _queue(tenant: Tenant, item: Item, action: str, given: dict[str, Any]) -> None:
    name = _ON_MANY[action]
    pending = {
        "actionName": name,
        "actionState": "pending",
        "startDateTime": tenant.stamp(),
        "lastUpdatedDateTime": tenant.stamp(),
    }
    earlier = [result for result in item.properties["deviceActionResults"] if result["actionName"] != name]
    tenant.update(_NAME, item, {"deviceActionResults": [*earlier, pending]})
    tenant.later(
        tenant.settings.delays.action, ("action", item.id, name), lambda t: _done(t, item.id, action, given)
    )


def _done(tenant: Tenant, identity: str, action: str, given: dict[str, Any]) -> None:
    item = tenant.collection(_NAME).get(identity)
    if item is None:
        return
    if action in ("wipe", "retire") and not given.get("keepEnrollmentData"):
        tenant.delete(_NAME, item, cascade=True)
        return
    results = [
        {**result, "actionState": "done", "lastUpdatedDateTime": tenant.stamp()}
        if result["actionName"] == _ON_MANY[action]
        else result
        for result in item.properties["deviceActionResults"]
    ]
    changed: dict[str, Any] = {"deviceActionResults": results, "lastSyncDateTime": tenant.stamp()}
    if action == "setDeviceName":
        changed["deviceName"] = given["deviceName"]
    tenant.update(_NAME, item, changed, cascade=True)


def _on_many(call: Call) -> Response:
    optional = (
        "keepEnrollmentData keepUserData persistEsimDataPlan deviceName carrierUrl deprovisionReason "
        "organizationalUnitPath platform notificationTitle notificationBody"
    )
    given = call.parameters("actionName deviceIds", optional)
    if given["actionName"] not in _ON_MANY:
        raise bad(f"Requested value '{given['actionName']}' was not found in 'managedDeviceRemoteAction'.")
    ids = given["deviceIds"]
    if not isinstance(ids, list) or not ids or len(ids) > MAX_AT_ONCE:
        raise bad(f"'deviceIds' has 1 to {MAX_AT_ONCE} entries.")
    known = call.tenant.collection(_NAME)
    result: dict[str, list[str]] = {"successfulDeviceIds": [], "failedDeviceIds": [], "notFoundDeviceIds": []}
    for identity in ids:
        if identity in known:
            _queue(call.tenant, known[identity], str(given["actionName"]), given)
            result["successfulDeviceIds"].append(identity)
        else:
            result["notFoundDeviceIds"].append(identity)
    return ok({**result, "notSupportedDeviceIds": []})


def _states(call: Call) -> Response:
    device = _find(call)
    values = []
    for item in call.tenant.collection("deviceConfigurations").values():
        for known, status in statuses(call.tenant, item):
            if known.id == device.id:
                name = item.properties["displayName"]
                values.append({"id": f"{item.id}_{device.id}", "displayName": name, "version": 1, "state": status})
    return ok({"@odata.context": call.context("deviceConfigurationStates"), "value": values})


def _collect(call: Call) -> Response:
    tenant = call.tenant
    device = _find(call)
    kind = call.parameters("templateType")["templateType"]
    if not isinstance(kind, dict) or kind.get("templateType") != "predefined":
        raise bad('\'templateType\' is {"templateType": "predefined"}.')
    identity = tenant.new_id()
    properties = {
        "managedDeviceId": device.id,
        "status": "pending",
        "requestedDateTimeUTC": tenant.stamp(),
        "initiatedByUserPrincipalName": tenant.actor,
    }
    part = Item(identity, "deviceLogCollectionResponse", properties, 0, call.now)
    device.contained("logCollectionRequests")[identity] = part
    tenant.later(tenant.settings.delays.action, ("logs", identity), lambda t: _collected(t, part))
    return Response(201, part_of(call, part))


def _collected(tenant: Tenant, part: Item) -> None:
    part.properties |= {"status": "completed", "receivedDateTimeUTC": tenant.stamp(), "sizeInKB": 12.0}


def _collections(call: Call) -> Response:
    return ok({"value": [part_of(call, part) for part in _find(call).contained("logCollectionRequests").values()]})


def _download_url(call: Call) -> Response:
    from holofleet.emulator.services.intune.reports import offer

    call.parameters()
    part = _find(call).contained("logCollectionRequests").get(call.id("request"))
    if part is None or part.properties["status"] != "completed":
        raise missing(call.id("request"))
    return ok({"value": offer(call, {"diagnostics.txt": "Emulated diagnostics.\n"})})
