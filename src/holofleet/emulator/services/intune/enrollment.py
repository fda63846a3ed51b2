"""Enrollment configurations: restrictions, limits, the status page; each kind in its order of priority."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Body
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import NO_CONTENT, Route
from holofleet.emulator.services.intune.areas import ENROLLMENT
from holofleet.emulator.services.intune.policy import Policies
from holofleet.emulator.tenant import Item, Tenant

_KINDS = {
    "deviceEnrollmentLimitConfiguration": ("Limit", "limit"),
    "deviceEnrollmentPlatformRestrictionConfiguration": ("SinglePlatformRestriction", "singlePlatformRestriction"),
    "deviceEnrollmentPlatformRestrictionsConfiguration": ("PlatformRestrictions", "platformRestrictions"),
    "windows10EnrollmentCompletionPageConfiguration": (
        "Windows10EnrollmentCompletionPageConfiguration",
        "windows10EnrollmentCompletionPageConfiguration",
    ),
}
"""How ids of a kind end, and what the kind is called."""


def routes() -> Iterator[Route]:
    """Return the routes of enrollment configurations."""
    yield from POLICIES.routes()
    path = f"{POLICIES.path}/{{id}}/setPriority"
    yield Route("POST", path, _set_priority, ENROLLMENT, ENROLLMENT.write)


def _check(call: Call, body: Body, item: Item | None) -> None:
    if item is None:
        body.properties["priority"] = len(_siblings(call.tenant, body.type)) + 1
        body.properties["deviceEnrollmentConfigurationType"] = _KINDS[body.type][1]
    if not 1 <= body.properties.get("limit", 5) <= 15:
        raise bad("'limit' has to be between 1 and 15.")
    minutes = body.properties.get("installProgressTimeoutInMinutes")
    if minutes is not None and not 1 <= minutes <= 1440:
        raise bad("'installProgressTimeoutInMinutes' has to be between 1 and 1440.")


def _siblings(tenant: Tenant, type_: str) -> list[Item]:
    """Return the configurations of a kind that are no default, in order of priority."""
    items = tenant.collection("deviceEnrollmentConfigurations").values()
    chosen = [item for item in items if item.type == type_ and item.properties["priority"] > 0]
    return sorted(chosen, key=lambda item: int(item.properties["priority"]))


def _require_own(call: Call, item: Item) -> None:
    if item.properties["priority"] == 0:
        raise bad("The default configuration of the tenant cannot be deleted, assigned or given a priority.")


def _before_delete(call: Call, item: Item) -> None:
    _require_own(call, item)
    for sibling in _siblings(call.tenant, item.type):
        if sibling.properties["priority"] > item.properties["priority"]:
            sibling.properties["priority"] -= 1


POLICIES = Policies(
    "/deviceManagement/deviceEnrollmentConfigurations",
    Listing(
        "deviceEnrollmentConfigurations",
        "deviceEnrollmentConfiguration",
        expands=("assignments",),
        page=1000,
        most=1000,
    ),
    ENROLLMENT,
    assignment="enrollmentConfigurationAssignment",
    assign_key="enrollmentConfigurationAssignments",
    check=_check,
    before_delete=_before_delete,
    before_assign=_require_own,
    new_id=lambda tenant, type_: f"{tenant.new_id()}_{_KINDS[type_][0]}",
)


def _set_priority(call: Call) -> Response:
    item = POLICIES.find(call)
    _require_own(call, item)
    wanted = call.parameters("priority")["priority"]
    siblings = _siblings(call.tenant, item.type)
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= len(siblings):
        raise bad(f"'priority' has to be between 1 and {len(siblings)}.")
    siblings.remove(item)
    siblings.insert(wanted - 1, item)
    for at, sibling in enumerate(siblings, start=1):
        if sibling.properties["priority"] != at:
            call.tenant.update("deviceEnrollmentConfigurations", sibling, {"priority": at})
    return NO_CONTENT
