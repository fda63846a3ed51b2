"""Exports of reports, and who did what: audit events, directory audits, sign-ins.

An export is a job; what it made is fetched from another place, without a token. Audit logs are what the tenant's
changes were, read as the services tell them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from holofleet.clock import render_utc
from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Family, Response, bad
from holofleet.emulator.routing import Area, Quota, Route
from holofleet.emulator.services.intune.areas import APPS, CONFIGURATION, DEVICES, REPORTS
from holofleet.emulator.tenant import Change, Item, Tenant

EXPORT_LASTS = timedelta(hours=6)
_JOBS = "exportJobs"
_DIRECTORY = frozenset({"users", "deletedUsers", "groups", "devices", "domains", "conditionalAccessPolicies"})
_UNTOLD = frozenset({"importedWindowsAutopilotDeviceIdentities", _JOBS})
_COLUMNS = {
    "DeviceId": "id",
    "DeviceName": "deviceName",
    "SerialNumber": "serialNumber",
    "Model": "model",
    "Manufacturer": "manufacturer",
    "OS": "operatingSystem",
    "OSVersion": "osVersion",
    "ManagedBy": "managementState",
    "CompliantState": "complianceState",
    "LastContact": "lastSyncDateTime",
    "CreatedDate": "enrolledDateTime",
    "ReferenceId": "azureADDeviceId",
    "UPN": "userPrincipalName",
    "IsEncrypted": "isEncrypted",
}
"""Columns of the report ``Devices`` and where they come from."""
_EVENTS = Listing(
    "auditEvents",
    "auditEvent",
    filters={"activityDateTime": "ge gt le lt", "category": "eq", "activityType": "eq", "displayName": "eq"},
    orders=("activityDateTime",),
    page=1000,
    most=1000,
)
_AUDITS = Listing(
    "directoryAudits",
    "directoryAudit",
    filters={"activityDateTime": "ge gt le lt", "activityDisplayName": "eq startswith", "targetResources": "any"},
    orders=("activityDateTime",),
    page=1000,
    most=1000,
)
_SIGN_INS = Listing(
    "signIns",
    "signIn",
    filters={
        "userPrincipalName": "eq startswith",
        "createdDateTime": "ge gt le lt",
        "appId": "eq",
        "userId": "eq",
    },
    orders=("createdDateTime",),
    page=1000,
    most=1000,
)
_EXPORTS = Listing(_JOBS, "deviceManagementExportJob")
_LOGS = Area(Quota.LOGS, Family.DIRECTORY, ("AuditLog.Read.All",), ())


def routes() -> Iterator[Route]:
    """Return the routes of exports and logs."""
    read = (*DEVICES.read, *CONFIGURATION.read, *APPS.read)
    jobs = f"/deviceManagement/reports/{_JOBS}"
    yield Route("POST", jobs, _export, REPORTS, read)
    yield Route("GET", f"{jobs}/{{id}}", _job, REPORTS, read)
    yield Route("GET", "/deviceManagement/auditEvents", _events, DEVICES, (*APPS.read, *DEVICES.read))
    yield Route("GET", "/auditLogs/directoryAudits", _audits, _LOGS, _LOGS.read)
    yield Route("GET", "/auditLogs/signIns", _sign_ins, _LOGS, _LOGS.read)


def _export(call: Call) -> Response:
    tenant = call.tenant
    properties = call.body("deviceManagementExportJob", Mode.CREATE).properties
    if properties["reportName"] != "Devices":
        raise bad(f"There is no report '{properties['reportName']}' here.")
    if unknown := set(properties.get("select", ())) - _COLUMNS.keys():
        raise bad(f"The report has no column '{sorted(unknown)[0]}'.")
    if properties.get("format", "csv") == "pdf":
        raise bad("The report cannot be had as PDF.")
    defaults = {"format": "csv", "localizationType": "localizedValuesAsAdditionalColumn", "select": list(_COLUMNS)}
    served = {
        "status": "inProgress",
        "requestDateTime": tenant.stamp(),
        "url": None,
        "expirationDateTime": tenant.stamp(),
    }
    item = tenant.create(_JOBS, "deviceManagementExportJob", {**defaults, **properties, **served})
    origin = call.origin
    tenant.later(tenant.settings.delays.export, ("export", item.id), lambda t: _exported(t, item, origin))
    return Response(201, {"@odata.context": call.context(f"{_JOBS}/$entity"), **_EXPORTS.render(call, item)})


def _job(call: Call) -> Response:
    return _EXPORTS.one(call, call.tenant.find(_JOBS, call.id()))


def _exported(tenant: Tenant, item: Item, origin: str) -> None:
    columns: Sequence[str] = item.properties["select"]
    rows = [
        {
            column: device.id if column == "DeviceId" else device.properties.get(_COLUMNS[column])
            for column in columns
        }
        for device in tenant.collection("managedDevices").values()
    ]
    text = json.dumps({"values": rows}) if item.properties["format"] == "json" else _csv(columns, rows)
    url = _offer(tenant, origin, {f"Devices_{item.id}.{item.properties['format']}": text})
    until = render_utc(tenant.now() + EXPORT_LASTS)
    item.properties |= {"status": "completed", "url": url, "expirationDateTime": until}


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    held = io.StringIO()
    writer = csv.DictWriter(held, columns)
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def offer(call: Call, files: Mapping[str, str]) -> str:
    """Put an archive where it can be fetched without a token, and return its address."""
    return _offer(call.tenant, call.origin, files)


def _offer(tenant: Tenant, origin: str, files: Mapping[str, str]) -> str:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    secret = hashlib.sha256(tenant.new_id().encode()).hexdigest()
    tenant.downloads[secret] = (tenant.now() + EXPORT_LASTS, held.getvalue())
    return f"{origin}/downloads/{secret}"


def _told(tenant: Tenant, *, directory: bool) -> Iterator[tuple[int, Change]]:
    for at, change in enumerate(tenant.changes, start=1):
        told = change.collection not in _UNTOLD and not change.cascade
        if told and (change.collection in _DIRECTORY) is directory:
            yield at, change


def _events(call: Call) -> Response:
    tenant = call.tenant
    items = []
    for at, change in _told(tenant, directory=False):
        verb = {"create": "Create", "update": "Patch", "delete": "Delete"}[change.act]
        properties = {
            "displayName": f"{verb} {change.type}",
            "activity": f"{verb} {change.type}",
            "activityType": f"{verb} {change.type}",
            "activityOperationType": verb,
            "activityDateTime": render_utc(change.moment),
            "activityResult": "Success",
            "category": "DeviceConfiguration",
            "componentName": change.collection,
            "correlationId": _identity(at),
            "actor": _actor(change.actor),
            "resources": [
                {
                    "displayName": _name_of(change),
                    "auditResourceType": change.type,
                    "resourceId": change.id,
                    "modifiedProperties": _modified(change),
                }
            ],
        }
        items.append(Item(_identity(at), "auditEvent", properties, at, change.moment))
    return _EVENTS.many(call, items)


def _audits(call: Call) -> Response:
    tenant = call.tenant
    items = []
    for at, change in _told(tenant, directory=True):
        verb = {"create": "Add", "update": "Update", "delete": "Delete"}[change.act]
        person = "@" in change.actor
        who = {"displayName": change.actor, "userPrincipalName": change.actor} if person else None
        properties = {
            "activityDateTime": render_utc(change.moment),
            "activityDisplayName": f"{verb} {change.type}",
            "category": f"{change.type.capitalize()}Management",
            "loggedByService": "Core Directory",
            "operationType": verb,
            "result": "success",
            "initiatedBy": {"user": who, "app": None if person else {"displayName": change.actor}},
            "targetResources": [
                {
                    "id": change.id,
                    "displayName": _name_of(change),
                    "type": change.type.capitalize(),
                    "modifiedProperties": _modified(change),
                }
            ],
            "additionalDetails": [],
        }
        items.append(Item(f"Directory_{_identity(at)}", "directoryAudit", properties, at, change.moment))
    return _AUDITS.many(call, items)


def _sign_ins(call: Call) -> Response:
    if not call.tenant.settings.premium:
        raise bad("Tenant is not a B2C tenant and doesn't have premium license.")
    return _SIGN_INS.many(call, call.tenant.seen("signIns"))


def _actor(name: str) -> dict[str, Any]:
    if "@" in name:
        return {"auditActorType": "ItPro", "userPrincipalName": name, "userPermissions": ["*"]}
    return {"auditActorType": "Application", "applicationDisplayName": name, "userPermissions": []}


def _name_of(change: Change) -> str:
    properties = change.after or change.before or {}
    return str(properties.get("displayName") or properties.get("serialNumber") or change.id)


def _modified(change: Change) -> list[dict[str, Any]]:
    before, after = change.before or {}, change.after or {}
    changed = [name for name in sorted({**before, **after}) if before.get(name) != after.get(name)]
    return [
        {"displayName": name, "oldValue": _short(before.get(name)), "newValue": _short(after.get(name))}
        for name in changed
        if name != "omaSettings"
    ]


def _short(value: Any) -> str | None:
    return None if value is None else json.dumps(value)[:200]


def _identity(at: int) -> str:
    return f"00000000-0000-4000-8000-{at:012x}"
