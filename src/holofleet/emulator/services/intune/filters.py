"""Small collections: assignment filters, scope tags, feature updates, the settings catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Body, Version
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import Route, ok
from holofleet.emulator.services.intune.areas import CONFIGURATION, ROLES
from holofleet.emulator.services.intune.policy import Policies
from holofleet.emulator.tenant import Item

_BETA = frozenset({Version.BETA})
_CATALOG_PAGE = 25
"""Seen in issue reports: pages of the settings catalog are this small, whatever is asked for."""
_RULE = re.compile(r"\(?\(?\s*(device|app)\.\w+\s+-\w+\s+.+", re.DOTALL)


def routes() -> Iterator[Route]:
    """Return the routes of these collections."""
    for policies in (_FILTERS, _TAGS, _FEATURES, _CATALOG):
        yield from policies.routes()
    items = "/deviceManagement/windowsUpdateCatalogItems"
    yield Route("GET", items, _catalog_items, CONFIGURATION, CONFIGURATION.read, _BETA)


def _check_filter(call: Call, body: Body, item: Item | None) -> None:
    rule = body.properties.get("rule")
    if rule is not None and not _RULE.fullmatch(rule):
        raise bad("The rule of the filter is not valid.")


def _keep_filter(call: Call, item: Item) -> None:
    for _, policies in call.tenant.collections():
        for policy in policies.values():
            for part in policy.contained("assignments").values():
                if part.properties.get("target", {}).get("deviceAndAppManagementAssignmentFilterId") == item.id:
                    raise bad("The filter is used by an assignment and cannot be deleted.")


def _keep_builtin(call: Call, item: Item) -> None:
    if item.properties.get("isBuiltIn"):
        raise bad("The built-in scope tag cannot be deleted.")


_FILTERS = Policies(
    "/deviceManagement/assignmentFilters",
    Listing("assignmentFilters", "deviceAndAppManagementAssignmentFilter"),
    CONFIGURATION,
    versions=_BETA,
    tagged=False,
    check=_check_filter,
    before_delete=_keep_filter,
    defaults={"assignmentFilterManagementType": "devices", "roleScopeTags": ["0"]},
)
_TAGS = Policies(
    "/deviceManagement/roleScopeTags",
    Listing("roleScopeTags", "roleScopeTag"),
    ROLES,
    versions=_BETA,
    tagged=False,
    before_delete=_keep_builtin,
    defaults={"isBuiltIn": False},
)
_FEATURES = Policies(
    "/deviceManagement/windowsFeatureUpdateProfiles",
    Listing("windowsFeatureUpdateProfiles", "windowsFeatureUpdateProfile", expands=("assignments",)),
    CONFIGURATION,
    versions=_BETA,
    tagged=False,
    assignment="windowsFeatureUpdateProfileAssignment",
)
_CATALOG = Policies(
    "/deviceManagement/configurationPolicies",
    Listing(
        "configurationPolicies",
        "deviceManagementConfigurationPolicy",
        filters={"name": "eq", "technologies": "eq"},
        expands=(),
        cap=_CATALOG_PAGE,
    ),
    CONFIGURATION,
    versions=_BETA,
    tagged=False,
    defaults={"settingCount": 0, "isAssigned": False},
)


def _catalog_items(call: Call) -> Response:
    """Answer with the releases that a feature update can name: none, since headsets have none here."""
    return ok({"@odata.context": call.context("windowsUpdateCatalogItems"), "value": []})
