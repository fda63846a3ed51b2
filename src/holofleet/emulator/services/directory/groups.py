"""Groups: static, or dynamic by a rule. Names are not unique; a group with licenses cannot be deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Mode, Version
from holofleet.emulator.message import Response, bad
from holofleet.emulator.routing import NO_CONTENT, Route, ok
from holofleet.emulator.services.directory import dynamic, licensing, members
from holofleet.emulator.services.directory.areas import GROUPS
from holofleet.emulator.services.directory.rules import parse_rule

LISTING = Listing(
    "groups",
    "group",
    filters={
        "id": "eq in",
        "displayName": "eq ne startswith in",
        "description": "eq ne startswith",
        "mailNickname": "eq ne startswith",
        "securityEnabled": "eq ne",
        "mailEnabled": "eq ne",
        "groupTypes": "any",
        "assignedLicenses": "any",
        "membershipRuleProcessingState": "eq ne",
    },
    orders=("displayName",),
    expands=("members",),
    withheld=(
        "assignedLicenses",
        "licenseProcessingState",
        "hasMembersWithLicenseErrors",
        "isSubscribedByMail",
        "unseenCount",
        "allowExternalSenders",
        "autoSubscribeNewMembers",
        "hideFromAddressLists",
        "hideFromOutlookClients",
        "accessType",
        "isArchived",
        "isFavorite",
        "isManagementRestricted",
        "organizationId",
        "unseenConversationsCount",
        "unseenMessagesCount",
    ),
    consistency=True,
)
_NICKNAME = re.compile(r"[!-~]{1,64}")
_NICKNAME_BARS = frozenset('@()\\[]";:<>, ')


def routes() -> Iterator[Route]:
    """Return the routes of groups."""
    read, write = GROUPS.read, GROUPS.write
    yield Route("GET", "/groups", _list, GROUPS, read)
    yield Route("POST", "/groups", _create, GROUPS, (*write, "Group.Create"))
    yield Route("GET", "/groups/$count", _count, GROUPS, read)
    yield Route("GET", "/groups/{id}", _get, GROUPS, read)
    yield Route("PATCH", "/groups/{id}", _update, GROUPS, (*write, "GroupMember.ReadWrite.All"))
    yield Route("DELETE", "/groups/{id}", _delete, GROUPS, write)
    beta = frozenset({Version.BETA})
    yield Route("POST", "/groups/evaluateDynamicMembership", _evaluate, GROUPS, read, versions=beta)


def _list(call: Call) -> Response:
    return LISTING.many(call, call.tenant.seen("groups"))


def _count(call: Call) -> Response:
    if call.headers.get("consistencylevel", "").casefold() != "eventual":
        raise bad("$count is not currently supported. It requires the header 'ConsistencyLevel: eventual'.")
    return Response(200, str(len(call.tenant.seen("groups"))).encode(), {"Content-Type": "text/plain"})


def _get(call: Call) -> Response:
    return LISTING.one(call, call.tenant.find("groups", call.id()))


def _create(call: Call) -> Response:
    tenant = call.tenant
    body = call.body("group", Mode.CREATE)
    properties = body.properties
    _check(call, properties)
    _check_kind(properties)
    named = members.referenced(tenant, body.binds.get("members", ()), call.origin)
    members.require_kinds(call, named)
    owners = members.referenced(tenant, body.binds.get("owners", ()), call.origin)
    if len(named) + len(owners) > members.MAX_BINDS:
        raise bad(f"The number of members and owners exceeds {members.MAX_BINDS}.")
    if set(body.binds) - {"members", "owners"}:
        raise bad("A group cannot be created with these references.")
    if named and "DynamicMembership" in properties.get("groupTypes", ()):
        raise bad("A group with dynamic membership takes no members.")
    stamp = tenant.stamp()
    properties |= {
        "createdDateTime": stamp,
        "renewedDateTime": stamp,
        "groupTypes": properties.get("groupTypes", []),
        "assignedLicenses": [],
        "hasMembersWithLicenseErrors": False,
    }
    if properties.get("membershipRule") and "membershipRuleProcessingState" not in properties:
        properties["membershipRuleProcessingState"] = "On"
    item = tenant.create("groups", "group", properties, delay=tenant.settings.delays.visible)
    if named:
        members.add_all(tenant, item, named)
    item.links["owners"] = dict.fromkeys(owners, call.now)
    dynamic.rule_changed(tenant, item.id)
    return Response(201, {"@odata.context": call.context("groups/$entity"), **LISTING.render(call, item)})


def _update(call: Call) -> Response:
    tenant = call.tenant
    item = tenant.find("groups", call.id())
    body = call.body("group", Mode.UPDATE)
    properties = body.properties
    if not properties and not body.binds:
        raise bad("The body of an update says nothing.")
    if set(body.binds) - {"members"}:
        raise bad("These references cannot be added this way.")
    _check(call, properties)
    if properties:
        _check_kind({**item.properties, **properties})
    named = members.referenced(tenant, body.binds.get("members", ()), call.origin)
    members.require_kinds(call, named)
    if "members" in body.binds:
        if not named:
            raise bad("'members@odata.bind' is empty.")
        members.add_all(tenant, item, named)
    if properties:
        tenant.update("groups", item, properties, delay=tenant.settings.delays.visible)
        if properties.keys() & {"membershipRule", "membershipRuleProcessingState", "groupTypes"}:
            dynamic.rule_changed(tenant, item.id)
    return NO_CONTENT


def _delete(call: Call) -> Response:
    tenant = call.tenant
    item = tenant.find("groups", call.id())
    if item.properties.get("assignedLicenses"):
        raise bad("The group cannot be deleted because it has licenses assigned to it. Remove the licenses first.")
    for member in list(item.links.get("members", {})):
        members.leave(tenant, item, member)
    members.leave_all(tenant, item.id)
    tenant.delete("groups", item)
    licensing.group_gone(tenant, item.id)
    return NO_CONTENT


def _check(call: Call, properties: dict[str, Any]) -> None:
    name = properties.get("displayName", "x")
    if not name or len(name) > 256:
        raise bad("Invalid value specified for property 'displayName' of resource 'Group'.")
    nickname = properties.get("mailNickname", "x")
    if not nickname or not _NICKNAME.fullmatch(nickname) or _NICKNAME_BARS & set(nickname):
        raise bad("Invalid value specified for property 'mailNickname' of resource 'Group'.")
    if len(properties.get("description") or "") > 1024:
        raise bad("Invalid value specified for property 'description' of resource 'Group'.")
    if properties.get("membershipRule"):
        if not call.tenant.settings.premium:
            raise bad("The tenant has no license for dynamic groups.")
        parse_rule(properties["membershipRule"])
    if properties.get("membershipRuleProcessingState", "On") not in ("On", "Paused"):
        raise bad("Invalid value specified for property 'membershipRuleProcessingState' of resource 'Group'.")


def _check_kind(properties: dict[str, Any]) -> None:
    kinds = set(properties.get("groupTypes") or ())
    if kinds - {"DynamicMembership", "Unified"}:
        raise bad("Invalid value specified for property 'groupTypes' of resource 'Group'.")
    if ("DynamicMembership" in kinds) is not bool(properties.get("membershipRule")):
        raise bad("A dynamic group has both 'DynamicMembership' among its groupTypes and a membershipRule.")
    if properties.get("mailEnabled") and "Unified" not in kinds:
        raise bad("Cannot create a mail-enabled security group or a distribution list through Microsoft Graph.")
    if not properties.get("mailEnabled") and not properties.get("securityEnabled"):
        raise bad("A group has to be security-enabled or mail-enabled.")


def _evaluate(call: Call) -> Response:
    given = call.parameters("memberId", "membershipRule")
    found = call.tenant.object(str(given["memberId"]))
    if found is None:
        raise bad(f"There is no member '{given['memberId']}'.")
    collection, item = found
    rule = parse_rule(str(given.get("membershipRule", "")))
    result = rule.collection == collection and rule.matches({"id": item.id, **item.properties})
    return ok({"membershipRule": given.get("membershipRule"), "membershipRuleEvaluationResult": result})
