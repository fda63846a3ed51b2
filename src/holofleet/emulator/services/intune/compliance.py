"""Compliance policies: what happens to a device that does not comply is part of them, and blocks it some day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Body, Mode, checked
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import NO_CONTENT, Route
from holofleet.emulator.services.intune.areas import CONFIGURATION
from holofleet.emulator.services.intune.policy import Policies, keep_parts
from holofleet.emulator.tenant import Item

_RULE = "deviceComplianceScheduledActionForRule"


def routes() -> Iterator[Route]:
    """Return the routes of compliance policies."""
    yield from POLICIES.routes()
    path = f"{POLICIES.path}/{{id}}/scheduleActionsForRules"
    yield Route("POST", path, _schedule, CONFIGURATION, CONFIGURATION.write)


def _check(call: Call, body: Body, item: Item | None) -> None:
    if item is None:
        _check_actions(body.properties["scheduledActionsForRule"])
    if body.properties.get("displayName") == "":
        raise bad("'displayName' has at least one character.")


def _check_actions(rules: list[dict[str, Any]]) -> None:
    actions = [action for rule in rules for action in rule["scheduledActionConfigurations"]]
    if len(rules) != 1 or not any(action["actionType"] == "block" for action in actions):
        raise bad("A compliance policy has exactly one scheduled action for rule, with one block action in it.")
    for action in actions:
        if not 0 <= action.get("gracePeriodHours", 0) <= 8760:
            raise bad("'gracePeriodHours' has to be between 0 and 8760.")


POLICIES = Policies(
    "/deviceManagement/deviceCompliancePolicies",
    Listing(
        "deviceCompliancePolicies",
        "deviceCompliancePolicy",
        expands=("assignments", "scheduledActionsForRule"),
        page=1000,
        most=1000,
    ),
    CONFIGURATION,
    assignment="deviceCompliancePolicyAssignment",
    check=_check,
)


def _schedule(call: Call) -> Response:
    tenant = call.tenant
    item = POLICIES.find(call)
    given = call.parameters("deviceComplianceScheduledActionForRules")["deviceComplianceScheduledActionForRules"]
    if not isinstance(given, list):
        raise bad("'deviceComplianceScheduledActionForRules' is a list.")
    rules = [checked(tenant.schema, call.version, _RULE, rule, Mode.CREATE).properties for rule in given]
    _check_actions(rules)
    keep_parts(tenant, item, "scheduledActionsForRule", _RULE, rules)
    tenant.update("deviceCompliancePolicies", item, {"version": item.properties["version"] + 1})
    return NO_CONTENT
