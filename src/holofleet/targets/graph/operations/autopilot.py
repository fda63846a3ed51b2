"""Requests to Windows Autopilot: hash import, devices, deployment profiles and their assignments, sync.

Source: Microsoft Graph reference and permissions reference; deployment profiles and sync are ``beta`` only.
An import sent twice gives rows that say "already registered": harmless.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from holofleet.targets.graph.operations.operation import Effect, Operation, Service

_READ: Final = "DeviceManagementServiceConfig.Read.All"
_WRITE: Final = "DeviceManagementServiceConfig.ReadWrite.All"
_IMPORTS: Final = "/deviceManagement/importedWindowsAutopilotDeviceIdentities"
_DEVICES: Final = "/deviceManagement/windowsAutopilotDeviceIdentities"
_PROFILES: Final = "/deviceManagement/windowsAutopilotDeploymentProfiles"
_SETTINGS: Final = "/deviceManagement/windowsAutopilotSettings"
_op = partial(Operation, service=Service.ENROLLMENT)

# fmt: off
IMPORT_HASHES = _op(
    "autopilot.import", "v1.0", "POST", _IMPORTS + "/import", _WRITE, about="register hardware hashes",
    effect=Effect.REPLACE, secrets=("importedWindowsAutopilotDeviceIdentities[].hardwareIdentifier",),
)
LIST_IMPORTS = _op("autopilot.list-imports", "v1.0", "GET", _IMPORTS, _READ, about="how an import goes")
DELETE_IMPORT = _op(
    "autopilot.delete-import", "v1.0", "DELETE", _IMPORTS + "/{id}", _WRITE,
    about="tidy a finished import row of ours away (not a device)",
)
LIST_IDENTITIES = _op(
    "autopilot.list-devices", "beta", "GET", _DEVICES, _READ, about="registered devices and their profile status",
)
UPDATE_IDENTITY = _op(
    "autopilot.update-device", "v1.0", "POST", _DEVICES + "/{id}/updateDeviceProperties", _WRITE,
    about="group tag and name of a device", effect=Effect.REPLACE,
)
ASSIGN_USER = _op(
    "autopilot.assign-user", "v1.0", "POST", _DEVICES + "/{id}/assignUserToDevice", _WRITE,
    about="tie a device to a user", effect=Effect.REPLACE,
)
UNASSIGN_USER = _op(
    "autopilot.unassign-user", "v1.0", "POST", _DEVICES + "/{id}/unassignUserFromDevice", _WRITE,
    about="untie a device from its user", effect=Effect.REPLACE,
)
DELETE_IDENTITY = _op(
    "autopilot.delete-device", "v1.0", "DELETE", _DEVICES + "/{id}", _WRITE,
    about="release a device from the tenant",
)
GET_SETTINGS = _op("autopilot.get-settings", "beta", "GET", _SETTINGS, _READ, about="when it synchronized last")
SYNC = _op(
    "autopilot.sync", "beta", "POST", _SETTINGS + "/sync", _WRITE, about="synchronize, every 10 minutes at most",
    effect=Effect.REPLACE,
)
LIST_DEPLOYMENT_PROFILES = _op(
    "autopilot.list-profiles", "beta", "GET", _PROFILES, _READ, about="deployment profiles with assignments",
)
CREATE_DEPLOYMENT_PROFILE = _op(
    "autopilot.create-profile", "beta", "POST", _PROFILES, _WRITE, about="make a deployment profile",
    effect=Effect.CREATE,
)
UPDATE_DEPLOYMENT_PROFILE = _op(
    "autopilot.update-profile", "beta", "PATCH", _PROFILES + "/{id}", _WRITE, about="change a deployment profile",
)
DELETE_DEPLOYMENT_PROFILE = _op(
    "autopilot.delete-profile", "beta", "DELETE", _PROFILES + "/{id}", _WRITE,
    about="delete a deployment profile of ours",
)
LIST_PROFILE_ASSIGNMENTS = _op(
    "autopilot.list-assignments", "beta", "GET", _PROFILES + "/{id}/assignments", _READ,
    about="groups that get a deployment profile",
)
CREATE_PROFILE_ASSIGNMENT = _op(
    "autopilot.create-assignment", "beta", "POST", _PROFILES + "/{id}/assignments", _WRITE,
    about="give a group a deployment profile", effect=Effect.CREATE, slow_group=True,
)
DELETE_PROFILE_ASSIGNMENT = _op(
    "autopilot.delete-assignment", "beta", "DELETE", _PROFILES + "/{id}/assignments/{assignment}", _WRITE,
    about="take a deployment profile from a group",
)
# fmt: on

OPERATIONS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
"""All of this file."""
