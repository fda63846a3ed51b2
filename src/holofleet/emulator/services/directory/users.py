"""Users: made, changed, softly deleted. Names are unique, deleted users keep theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Response, bad
from holofleet.emulator.odata import parse_filter
from holofleet.emulator.routing import NO_CONTENT, Route, ok
from holofleet.emulator.services.directory import dynamic, licensing
from holofleet.emulator.services.directory.areas import USERS
from holofleet.emulator.tenant import Item, Tenant

_DEFAULT = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
]
FILTERS = {
    "id": "eq in",
    "userPrincipalName": "eq ne startswith endswith ge le in",
    "displayName": "eq ne startswith",
    "mailNickname": "eq ne startswith",
    "employeeType": "eq ne startswith",
    "employeeId": "eq ne startswith",
    "accountEnabled": "eq ne",
    "usageLocation": "eq ne",
    "userType": "eq ne",
    "department": "eq ne startswith",
    "assignedLicenses": "any",
}
LISTING = Listing(
    "users",
    "user",
    filters=FILTERS,
    orders=("displayName", "userPrincipalName"),
    expands=("memberOf", "manager"),
    default=tuple(_DEFAULT),
    consistency=True,
)
_NAME = re.compile(r"[A-Za-z0-9'._!#^~-]+@[A-Za-z0-9.-]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_PASSWORD_POLICIES = frozenset({"None", "DisablePasswordExpiration", "DisableStrongPassword"})
_MIN_PASSWORD = 8
_KINDS_OF_CHARACTER = 3


def routes() -> Iterator[Route]:
    """Return the routes of users."""
    read, write = USERS.read, USERS.write
    enable = ("User.EnableDisableAccount.All", "User-PasswordProfile.ReadWrite.All")
    yield Route("GET", "/users", _list, USERS, read, units=2)
    yield Route("POST", "/users", _create, USERS, write)
    yield Route("GET", "/users/$count", _count, USERS, read)
    yield Route("GET", "/users/{id}", _get, USERS, read)
    yield Route("PATCH", "/users/{id}", _update, USERS, (*write, *enable))
    yield Route("DELETE", "/users/{id}", _delete, USERS, (*write, "User.DeleteRestore.All"))
    yield Route("POST", "/users/{id}/revokeSignInSessions", _revoke, USERS, (*write, "User.RevokeSessions.All"))
    yield Route("GET", "/users/{id}/memberOf", _member_of, USERS, read, units=2)


def find_user(tenant: Tenant, identity: str) -> Item:
    """Return a user by id or user principal name, if reads find it already."""
    return tenant.find("users", tenant.user_names.get(identity.casefold(), identity))


def _list(call: Call) -> Response:
    tenant = call.tenant
    if call.query.filter:
        # Graph has an index for this, and so has a list of ten thousand users here.
        wanted = parse_filter(call.query.filter, FILTERS).equal.get("userPrincipalName")
        if isinstance(wanted, str):
            item = tenant.collection("users").get(tenant.user_names.get(wanted.casefold(), ""))
            return LISTING.many(call, [item] if item is not None and item.visible(call.now) else [])
    return LISTING.many(call, tenant.seen("users"))


def _count(call: Call) -> Response:
    if call.headers.get("consistencylevel", "").casefold() != "eventual":
        raise bad("$count is not currently supported. It requires the header 'ConsistencyLevel: eventual'.")
    return Response(200, str(len(call.tenant.seen("users"))).encode(), {"Content-Type": "text/plain"})


def _get(call: Call) -> Response:
    return LISTING.one(call, find_user(call.tenant, call.id()))


def _create(call: Call) -> Response:
    tenant = call.tenant
    body = call.body("user", Mode.CREATE)
    if body.binds:
        raise bad("A user cannot be created with references.")
    properties = body.properties
    _check(tenant, properties)
    _check_password(properties["passwordProfile"], new=True)
    name = str(properties["userPrincipalName"])
    if name.casefold() in tenant.user_names:
        raise bad(
            "Another object with the same value for property userPrincipalName already exists.",
            code="Request_MultipleObjectsWithSameKeyValue",
        )
    properties["passwordProfile"] = None
    properties.setdefault("userType", "Member")
    stamp = tenant.stamp()
    properties |= {
        "createdDateTime": stamp,
        "lastPasswordChangeDateTime": stamp,
        "signInSessionsValidFromDateTime": stamp,
        "assignedLicenses": [],
        "licenseAssignmentStates": [],
        "businessPhones": properties.get("businessPhones", []),
    }
    item = tenant.create("users", "user", properties, delay=tenant.settings.delays.visible)
    tenant.user_names[name.casefold()] = item.id
    dynamic.object_changed(tenant, item.id)
    value = LISTING.render(call, item)
    return Response(201, {"@odata.context": call.context("users/$entity"), **value})


def _update(call: Call) -> Response:
    tenant = call.tenant
    item = find_user(tenant, call.id())
    properties = call.body("user", Mode.UPDATE).properties
    if not properties:
        raise bad("The body of an update says nothing.")
    _check(tenant, properties)
    if "passwordProfile" in properties:
        _check_password(properties["passwordProfile"], new=False)
        properties["passwordProfile"] = None
        properties["lastPasswordChangeDateTime"] = tenant.stamp()
    _rename(tenant, item, properties)
    tenant.update("users", item, properties, delay=tenant.settings.delays.visible)
    dynamic.object_changed(tenant, item.id)
    licensing.user_changed(tenant, item.id)
    return NO_CONTENT


def _rename(tenant: Tenant, item: Item, properties: dict[str, Any]) -> None:
    name = properties.get("userPrincipalName")
    if name is None:
        return
    holder = tenant.user_names.get(name.casefold(), item.id)
    if holder != item.id:
        raise bad(
            "Another object with the same value for property userPrincipalName already exists.",
            code="Request_MultipleObjectsWithSameKeyValue",
        )
    tenant.user_names.pop(str(item.properties["userPrincipalName"]).casefold(), None)
    tenant.user_names[name.casefold()] = item.id


def _delete(call: Call) -> Response:
    delete_user(call.tenant, find_user(call.tenant, call.id()))
    return NO_CONTENT


def delete_user(tenant: Tenant, item: Item) -> None:
    """Delete a user softly: its name stays taken, its licenses are free, it is in no group any more."""
    from holofleet.emulator.services.directory.members import leave_all

    leave_all(tenant, item.id)
    licensing.release(tenant, item)
    tenant.delete("users", item)
    kept = {**item.properties, "deletedDateTime": tenant.stamp(), "assignedLicenses": []}
    tenant.create("deletedUsers", "user", kept, id_=item.id, cascade=True)


def restore_user(tenant: Tenant, item: Item) -> Item:
    """Bring a deleted user back, as it was but for groups and licenses."""
    tenant.delete("deletedUsers", item, cascade=True)
    properties = {**item.properties, "deletedDateTime": None, "licenseAssignmentStates": []}
    restored = tenant.create("users", "user", properties, id_=item.id, delay=tenant.settings.delays.visible)
    dynamic.object_changed(tenant, restored.id)
    return restored


def _revoke(call: Call) -> Response:
    call.parameters()
    item = find_user(call.tenant, call.id())
    call.tenant.update("users", item, {"signInSessionsValidFromDateTime": call.tenant.stamp()})
    return ok({"@odata.context": call.context("Edm.Boolean"), "value": True})


def _member_of(call: Call) -> Response:
    item = find_user(call.tenant, call.id())
    groups = call.tenant.collection("groups")
    now = call.now
    held = [
        groups[g]
        for g in sorted(call.tenant.groups_of.get(item.id, ()))
        if item.id in groups[g].linked("members", now)
    ]
    listing = Listing("directoryObjects", "group", polymorph=True, consistency=True)
    return listing.many(call, sorted(held, key=lambda group: group.order))


def _check(tenant: Tenant, properties: dict[str, Any]) -> None:
    name = properties.get("userPrincipalName")
    if "userPrincipalName" in properties:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise bad("Property userPrincipalName is invalid.")
        domain = name.rpartition("@")[2].casefold()
        known = tenant.collection("domains").get(domain)
        if known is None or not known.properties.get("isVerified"):
            raise bad(
                "The domain portion of the userPrincipalName property is invalid. You must use one of "
                "the verified domain names in your organization."
            )
    nickname = properties.get("mailNickname")
    if isinstance(nickname, str) and ("@" in nickname or not nickname.isascii() or len(nickname) > 64):
        raise bad("Invalid value specified for property 'mailNickname' of resource 'User'.")
    country = properties.get("usageLocation")
    if country is not None and not _COUNTRY.fullmatch(country):
        raise bad("Invalid value specified for property 'usageLocation' of resource 'User'.")
    policies = properties.get("passwordPolicies")
    if policies is not None and {word.strip() for word in policies.split(",")} - _PASSWORD_POLICIES:
        raise bad("Invalid value specified for property 'passwordPolicies' of resource 'User'.")


def _check_password(profile: Any, *, new: bool) -> None:
    password = (profile or {}).get("password")
    if password is None:
        if new:
            raise bad("A password must be specified to create a new user.")
        return
    tests = (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
    kinds = sum(any(test(letter) for letter in password) for test in tests)
    if not _MIN_PASSWORD <= len(password) <= 256 or kinds < _KINDS_OF_CHARACTER:
        raise bad(
            "The specified password does not comply with password complexity requirements. "
            "Please provide a different password.",
            code="Request_BadRequest",
        )
