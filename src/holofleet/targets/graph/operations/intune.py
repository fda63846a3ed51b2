"""Requests to Intune: profiles, compliance, updates, enrollment restrictions, filters, scope tags, apps.

Source: Microsoft Graph reference and permissions reference. Profiles go through ``beta``: only there are SCEP,
trusted root, Wi-Fi and kiosk profiles, assignment filters, and the references of encrypted values.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from holofleet.targets.graph.operations.operation import Effect, Operation, Service

_READ: Final = "DeviceManagementConfiguration.Read.All"
_WRITE: Final = "DeviceManagementConfiguration.ReadWrite.All"
_READ_SERVICE: Final = "DeviceManagementServiceConfig.Read.All"
_WRITE_SERVICE: Final = "DeviceManagementServiceConfig.ReadWrite.All"
_READ_APPS: Final = "DeviceManagementApps.Read.All"
_WRITE_APPS: Final = "DeviceManagementApps.ReadWrite.All"
_PROFILES: Final = "/deviceManagement/deviceConfigurations"
_COMPLIANCE: Final = "/deviceManagement/deviceCompliancePolicies"
_RESTRICTIONS: Final = "/deviceManagement/deviceEnrollmentConfigurations"
_FEATURES: Final = "/deviceManagement/windowsFeatureUpdateProfiles"
_FILTERS: Final = "/deviceManagement/assignmentFilters"
_TAGS: Final = "/deviceManagement/roleScopeTags"
_APPS: Final = "/deviceAppManagement/mobileApps"

_config = partial(Operation, service=Service.CONFIGURATION)
_enroll = partial(Operation, service=Service.ENROLLMENT)
_app = partial(Operation, service=Service.APPS)
_replace = partial(_config, effect=Effect.REPLACE)

# fmt: off
LIST_PROFILES = _config(
    "profiles.list", "beta", "GET", _PROFILES, _READ, about="profiles with their assignments",
)
GET_PROFILE = _config("profiles.get", "beta", "GET", _PROFILES + "/{id}", _READ, about="one profile")
CREATE_PROFILE = _config(
    "profiles.create", "beta", "POST", _PROFILES, _WRITE, about="make a profile", effect=Effect.CREATE,
)
UPDATE_PROFILE = _config("profiles.update", "beta", "PATCH", _PROFILES + "/{id}", _WRITE, about="change a profile")
DELETE_PROFILE = _config(
    "profiles.delete", "beta", "DELETE", _PROFILES + "/{id}", _WRITE, about="delete a profile of ours",
)
ASSIGN_PROFILE = _replace(
    "profiles.assign", "beta", "POST", _PROFILES + "/{id}/assign", _WRITE,
    about="who gets a profile (replaces the set)", slow_group=True,
)
GET_PLAIN_TEXT = _config(
    "profiles.get-plain-text", "beta", "GET",
    _PROFILES + "/{id}/getOmaSettingPlainTextValue(secretReferenceValueId='{reference}')", _READ,
    about="the value behind an encrypted custom setting",
)
GET_SCEP_ROOT = _config(
    "profiles.get-scep-root", "beta", "GET",
    _PROFILES + "/{id}/microsoft.graph.windows81SCEPCertificateProfile/rootCertificate", _READ,
    about="the root certificate that a SCEP profile names",
)
LIST_PROFILE_STATUSES = _config(
    "profiles.list-statuses", "beta", "GET", _PROFILES + "/{id}/deviceStatuses", _READ,
    about="what devices report of a profile",
)
GET_PROFILE_OVERVIEW = _config(
    "profiles.get-overview", "beta", "GET", _PROFILES + "/{id}/deviceStatusOverview", _READ,
    about="how many devices have a profile",
)

LIST_COMPLIANCE = _config(
    "compliance.list", "beta", "GET", _COMPLIANCE, _READ, about="compliance policies with actions and assignments",
)
CREATE_COMPLIANCE = _config(
    "compliance.create", "beta", "POST", _COMPLIANCE, _WRITE, about="make a compliance policy",
    effect=Effect.CREATE,
)
UPDATE_COMPLIANCE = _config(
    "compliance.update", "beta", "PATCH", _COMPLIANCE + "/{id}", _WRITE, about="change a compliance policy",
)
DELETE_COMPLIANCE = _config(
    "compliance.delete", "beta", "DELETE", _COMPLIANCE + "/{id}", _WRITE, about="delete a policy of ours",
)
ASSIGN_COMPLIANCE = _replace(
    "compliance.assign", "beta", "POST", _COMPLIANCE + "/{id}/assign", _WRITE,
    about="who is measured by a policy (replaces the set)", slow_group=True,
)
SCHEDULE_COMPLIANCE = _replace(
    "compliance.schedule-actions", "beta", "POST", _COMPLIANCE + "/{id}/scheduleActionsForRules", _WRITE,
    about="what happens after how many hours",
)
GET_MANAGEMENT = _config(
    "management.get", "v1.0", "GET", "/deviceManagement", _READ_SERVICE, about="compliance defaults of the tenant",
)
UPDATE_MANAGEMENT = _config(
    "management.update", "v1.0", "PATCH", "/deviceManagement", _WRITE_SERVICE,
    about="change compliance defaults (settings sent whole)",
)

LIST_FEATURE_UPDATES = _config(
    "feature-updates.list", "beta", "GET", _FEATURES, _READ, about="feature update profiles",
)
CREATE_FEATURE_UPDATE = _config(
    "feature-updates.create", "beta", "POST", _FEATURES, _WRITE, about="make one", effect=Effect.CREATE,
)
UPDATE_FEATURE_UPDATE = _config(
    "feature-updates.update", "beta", "PATCH", _FEATURES + "/{id}", _WRITE, about="change one",
)
DELETE_FEATURE_UPDATE = _config(
    "feature-updates.delete", "beta", "DELETE", _FEATURES + "/{id}", _WRITE, about="delete one of ours",
)
ASSIGN_FEATURE_UPDATE = _replace(
    "feature-updates.assign", "beta", "POST", _FEATURES + "/{id}/assign", _WRITE,
    about="who gets it (replaces the set)", slow_group=True,
)
LIST_UPDATE_CATALOG = _config(
    "update-catalog.list", "beta", "GET", "/deviceManagement/windowsUpdateCatalogItems", _READ,
    about="versions that exist",
)

LIST_FILTERS = _config("filters.list", "beta", "GET", _FILTERS, _READ, about="assignment filters")
CREATE_FILTER = _config(
    "filters.create", "beta", "POST", _FILTERS, _WRITE, about="make a filter", effect=Effect.CREATE,
)
UPDATE_FILTER = _config("filters.update", "beta", "PATCH", _FILTERS + "/{id}", _WRITE, about="change a filter")
DELETE_FILTER = _config(
    "filters.delete", "beta", "DELETE", _FILTERS + "/{id}", _WRITE, about="delete a filter of ours",
)
LIST_SCOPE_TAGS = _config(
    "scope-tags.list", "beta", "GET", _TAGS, "DeviceManagementRBAC.Read.All", about="scope tags",
)
CREATE_SCOPE_TAG = _config(
    "scope-tags.create", "beta", "POST", _TAGS, "DeviceManagementRBAC.ReadWrite.All",
    about="make a scope tag", effect=Effect.CREATE,
)
UPDATE_SCOPE_TAG = _config(
    "scope-tags.update", "beta", "PATCH", _TAGS + "/{id}", "DeviceManagementRBAC.ReadWrite.All",
    about="change a scope tag of ours",
)
DELETE_SCOPE_TAG = _config(
    "scope-tags.delete", "beta", "DELETE", _TAGS + "/{id}", "DeviceManagementRBAC.ReadWrite.All",
    about="delete a scope tag of ours",
)

LIST_RESTRICTIONS = _enroll(
    "restrictions.list", "beta", "GET", _RESTRICTIONS, _READ_SERVICE,
    about="enrollment restrictions, limits and status pages",
)
CREATE_RESTRICTION = _enroll(
    "restrictions.create", "beta", "POST", _RESTRICTIONS, _WRITE_SERVICE, about="make one", effect=Effect.CREATE,
)
UPDATE_RESTRICTION = _enroll(
    "restrictions.update", "beta", "PATCH", _RESTRICTIONS + "/{id}", _WRITE_SERVICE, about="change one",
)
DELETE_RESTRICTION = _enroll(
    "restrictions.delete", "beta", "DELETE", _RESTRICTIONS + "/{id}", _WRITE_SERVICE, about="delete one of ours",
)
ASSIGN_RESTRICTION = _enroll(
    "restrictions.assign", "beta", "POST", _RESTRICTIONS + "/{id}/assign", _WRITE_SERVICE,
    about="whom it holds for (replaces the set)", effect=Effect.REPLACE, slow_group=True,
)
SET_RESTRICTION_PRIORITY = _enroll(
    "restrictions.set-priority", "beta", "POST", _RESTRICTIONS + "/{id}/setPriority", _WRITE_SERVICE,
    about="its place in the order", effect=Effect.REPLACE,
)

LIST_APPS = _app("apps.list", "beta", "GET", _APPS, _READ_APPS, about="apps, with their assignments")
GET_APP = _app("apps.get", "beta", "GET", _APPS + "/{id}", _READ_APPS, about="whether an app is published")
CREATE_APP = _app("apps.create", "beta", "POST", _APPS, _WRITE_APPS, about="add an app", effect=Effect.CREATE)
UPDATE_APP = _app("apps.update", "beta", "PATCH", _APPS + "/{id}", _WRITE_APPS, about="change an app of ours")
DELETE_APP = _app("apps.delete", "beta", "DELETE", _APPS + "/{id}", _WRITE_APPS, about="delete an app of ours")
ASSIGN_APP = _app(
    "apps.assign", "beta", "POST", _APPS + "/{id}/assign", _WRITE_APPS, about="who gets it (replaces the set)",
    effect=Effect.REPLACE, slow_group=True,
)
# fmt: on

OPERATIONS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
"""All of this file."""
