"""Requests to managed devices: lists, actions, log collection, report exports; and audit logs.

Source: Microsoft Graph reference and permissions reference.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from holofleet.targets.graph.operations.operation import Effect, Operation, Service

_DEVICES: Final = "/deviceManagement/managedDevices"
_READ: Final = "DeviceManagementManagedDevices.Read.All"
_WRITE: Final = "DeviceManagementManagedDevices.ReadWrite.All"
_ACT: Final = "DeviceManagementManagedDevices.PrivilegedOperations.All"
_LOGS: Final = ("AuditLog.Read.All", "Directory.Read.All")
_EXPORTS: Final = "/deviceManagement/reports/exportJobs"
_op = partial(Operation, service=Service.DEVICES)

# fmt: off
LIST_MANAGED = _op("managed-devices.list", "v1.0", "GET", _DEVICES, _READ, about="enrolled headsets")
GET_MANAGED = _op("managed-devices.get", "v1.0", "GET", _DEVICES + "/{id}", _READ, about="one, and its actions")
LIST_DEVICE_STATES = _op(
    "managed-devices.list-states", "beta", "GET", _DEVICES + "/{id}/deviceConfigurationStates", _READ,
    about="what one headset reports of its profiles",
)
SYNC_DEVICE = _op(
    "managed-devices.sync", "v1.0", "POST", _DEVICES + "/{id}/syncDevice", _ACT, about="ask for a check-in",
    effect=Effect.REPLACE,
)
REBOOT_DEVICE = _op(
    "managed-devices.reboot", "v1.0", "POST", _DEVICES + "/{id}/rebootNow", _ACT, about="restart",
    effect=Effect.ONCE,
)
WIPE_DEVICE = _op(
    "managed-devices.wipe", "v1.0", "POST", _DEVICES + "/{id}/wipe", _ACT, about="reset to first start",
    effect=Effect.ONCE,
)
RETIRE_DEVICE = _op(
    "managed-devices.retire", "v1.0", "POST", _DEVICES + "/{id}/retire", _ACT, about="take out of management",
    effect=Effect.ONCE,
)
RENAME_DEVICE = _op(
    "managed-devices.rename", "beta", "POST", _DEVICES + "/{id}/setDeviceName", _ACT, about="rename",
    effect=Effect.REPLACE,
)
EXECUTE_ACTION = _op(
    "managed-devices.execute-action", "beta", "POST", _DEVICES + "/executeAction", _ACT,
    about="one action on up to 100 headsets", effect=Effect.ONCE,
)
DELETE_MANAGED = _op(
    "managed-devices.delete", "v1.0", "DELETE", _DEVICES + "/{id}", _WRITE,
    about="delete the record of a headset that left",
)
COLLECT_LOGS = _op(
    "managed-devices.collect-logs", "beta", "POST", _DEVICES + "/{id}/createDeviceLogCollectionRequest", _WRITE,
    about="ask for diagnostics", effect=Effect.ONCE,
)
LIST_LOG_REQUESTS = _op(
    "managed-devices.list-log-requests", "beta", "GET", _DEVICES + "/{id}/logCollectionRequests", _READ,
    about="whether diagnostics have arrived",
)
CREATE_LOG_URL = _op(
    "managed-devices.create-log-url", "beta", "POST",
    _DEVICES + "/{id}/logCollectionRequests/{log}/createDownloadUrl", _WRITE,
    about="an address to fetch diagnostics from", effect=Effect.REPLACE,
)

CREATE_EXPORT = Operation(
    "exports.create", "v1.0", "POST", _EXPORTS, _READ, Service.EXPORTS, "ask for a report of the fleet",
    effect=Effect.REPLACE,
)
GET_EXPORT = Operation(
    "exports.get", "v1.0", "GET", _EXPORTS + "/{id}", _READ, Service.EXPORTS, "whether a report is ready",
)

LIST_AUDIT_EVENTS = _op(
    "audit.list-events", "v1.0", "GET", "/deviceManagement/auditEvents", "DeviceManagementApps.Read.All",
    about="who changed what in Intune",
)
LIST_SIGN_INS = Operation(
    "audit.list-sign-ins", "v1.0", "GET", "/auditLogs/signIns", _LOGS, Service.LOGS,
    "sign-ins of shared accounts",
)
LIST_DIRECTORY_AUDITS = Operation(
    "audit.list-directory", "v1.0", "GET", "/auditLogs/directoryAudits", _LOGS, Service.LOGS,
    "who changed what in the directory",
)
# fmt: on

OPERATIONS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
"""All of this file."""
