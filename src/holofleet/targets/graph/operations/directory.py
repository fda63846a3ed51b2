"""Requests to Entra ID's directory: users, groups, memberships, licenses, devices, domains.

Source: Microsoft Graph reference (v1.0), permissions reference, and 'Throttling limits' for resource units.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from holofleet.targets.graph.operations.operation import Effect, Operation, Service

_op = partial(Operation, service=Service.IDENTITY)
_MEMBER_EXISTS: Final = "One or more added object references already exist"
_NO_LICENSE: Final = "does not have a corresponding license"
"""Of a removal that was sent twice."""

# fmt: off
LIST_USERS = _op("users.list", "v1.0", "GET", "/users", "User.Read.All", about="find users", units=2)
GET_USER = _op("users.get", "v1.0", "GET", "/users/{id}", "User.Read.All", about="one user")
USERS_DELTA = _op("users.delta", "v1.0", "GET", "/users/delta", "User.Read.All", about="changed users", units=2)
CREATE_USER = _op(
    "users.create", "v1.0", "POST", "/users", "User.ReadWrite.All",
    about="make an account", effect=Effect.CREATE, secrets=("passwordProfile.password",),
)
UPDATE_USER = _op(
    "users.update", "v1.0", "PATCH", "/users/{id}", "User.ReadWrite.All",
    about="change an account", secrets=("passwordProfile.password",),
)
SET_PASSWORD = _op(
    "users.set-password", "v1.0", "PATCH", "/users/{id}", "User-PasswordProfile.ReadWrite.All",
    about="replace a password", secrets=("passwordProfile.password",),
)
ENABLE_USER = _op(
    "users.enable", "v1.0", "PATCH", "/users/{id}", "User.EnableDisableAccount.All",
    about="switch an account on or off",
)
DELETE_USER = _op(
    "users.delete", "v1.0", "DELETE", "/users/{id}", "User.DeleteRestore.All",
    about="delete an account; it can be restored for 30 days",
)
LIST_DELETED_USERS = _op(
    "users.list-deleted", "v1.0", "GET", "/directory/deletedItems/microsoft.graph.user",
    "User.DeleteRestore.All", about="find a deleted account that holds a name",
)
RESTORE_USER = _op(
    "users.restore", "v1.0", "POST", "/directory/deletedItems/{id}/restore", "User.DeleteRestore.All",
    about="restore a deleted account", effect=Effect.REPLACE,
)
REVOKE_SESSIONS = _op(
    "users.revoke-sessions", "v1.0", "POST", "/users/{id}/revokeSignInSessions", "User.RevokeSessions.All",
    about="sign an account out everywhere", effect=Effect.REPLACE,
)
LIST_HELLO_METHODS = _op(
    "users.list-hello", "v1.0", "GET", "/users/{id}/authentication/windowsHelloForBusinessMethods",
    "UserAuthMethod-WindowsHello.Read.All", about="Windows Hello credentials of an account",
)
DELETE_HELLO_METHOD = _op(
    "users.delete-hello", "v1.0", "DELETE", "/users/{id}/authentication/windowsHelloForBusinessMethods/{method}",
    "UserAuthMethod-WindowsHello.ReadWrite.All", about="withdraw a Windows Hello credential",
)
CREATE_ACCESS_PASS = _op(
    "users.create-access-pass", "v1.0", "POST", "/users/{id}/authentication/temporaryAccessPassMethods",
    "UserAuthMethod-TAP.ReadWrite.All", about="issue a temporary access pass", effect=Effect.ONCE,
)
ASSIGN_USER_LICENSES = _op(
    "users.assign-licenses", "v1.0", "POST", "/users/{id}/assignLicense", "LicenseAssignment.ReadWrite.All",
    about="licenses of one account", effect=Effect.REPLACE, already=(_NO_LICENSE,),
)
REPROCESS_LICENSES = _op(
    "users.reprocess-licenses", "v1.0", "POST", "/users/{id}/reprocessLicenseAssignment",
    "LicenseAssignment.ReadWrite.All", about="try failed license assignments again", effect=Effect.REPLACE,
)

LIST_GROUPS = _op("groups.list", "v1.0", "GET", "/groups", "Group.Read.All", about="find groups")
GET_GROUP = _op("groups.get", "v1.0", "GET", "/groups/{id}", "Group.Read.All", about="one group, its licenses")
GROUPS_DELTA = _op("groups.delta", "v1.0", "GET", "/groups/delta", "Group.Read.All", about="changed groups")
CREATE_GROUP = _op(
    "groups.create", "v1.0", "POST", "/groups", "Group.Create", about="make a group", effect=Effect.CREATE,
)
UPDATE_GROUP = _op(
    "groups.update", "v1.0", "PATCH", "/groups/{id}", "Group.ReadWrite.All", about="change a group",
)
DELETE_GROUP = _op(
    "groups.delete", "v1.0", "DELETE", "/groups/{id}", "Group.ReadWrite.All", about="delete a group of ours",
)
LIST_MEMBERS = _op(
    "groups.list-members", "v1.0", "GET", "/groups/{id}/members", "GroupMember.Read.All",
    about="members of a group", units=3,
)
LIST_USER_MEMBERS = _op(
    "groups.list-user-members", "v1.0", "GET", "/groups/{id}/members/microsoft.graph.user",
    ("GroupMember.Read.All", "User.Read.All"), about="members that are users", units=3,
)
# A user as a member takes no permission on users, a device takes one on devices. Source: the permissions of 'Add
# members' of groups, v1.0 and beta; an earlier edition of the page asked for User.ReadWrite.All as well.
ADD_MEMBERS = _op(
    "groups.add-members", "v1.0", "PATCH", "/groups/{id}", "GroupMember.ReadWrite.All",
    about="add up to 20 members, all or none",
)
ADD_DEVICE_MEMBERS = _op(
    "groups.add-device-members", "v1.0", "PATCH", "/groups/{id}",
    ("GroupMember.ReadWrite.All", "Device.ReadWrite.All"), about="add up to 20 devices, all or none",
)
ADD_MEMBER = _op(
    "groups.add-member", "v1.0", "POST", "/groups/{id}/members/$ref",
    "GroupMember.ReadWrite.All", about="add one member", effect=Effect.REPLACE,
    already=(_MEMBER_EXISTS,),
)
ADD_DEVICE_MEMBER = _op(
    "groups.add-device-member", "v1.0", "POST", "/groups/{id}/members/$ref",
    ("GroupMember.ReadWrite.All", "Device.ReadWrite.All"), about="add one device", effect=Effect.REPLACE,
    already=(_MEMBER_EXISTS,),
)
REMOVE_MEMBER = _op(
    "groups.remove-member", "v1.0", "DELETE", "/groups/{id}/members/{member}/$ref",
    "GroupMember.ReadWrite.All", about="end a membership",
)
EVALUATE_RULE = _op(
    "groups.evaluate-rule", "beta", "POST", "/groups/evaluateDynamicMembership", "Group.Read.All",
    about="ask whether a rule takes a member", effect=Effect.READ,
)
GET_BY_IDS = _op(
    "directory.get-by-ids", "v1.0", "POST", "/directoryObjects/getByIds", "Directory.Read.All",
    about="read up to 1,000 objects by id", effect=Effect.READ, units=3,
)

LIST_SKUS = _op(
    "licenses.list", "v1.0", "GET", "/subscribedSkus", "LicenseAssignment.Read.All",
    about="products bought, seats, service plans", units=3,
)
ASSIGN_LICENSES = _op(
    "groups.assign-licenses", "v1.0", "POST", "/groups/{id}/assignLicense", "LicenseAssignment.ReadWrite.All",
    about="licenses of a group", effect=Effect.REPLACE, already=(_NO_LICENSE,),
)
LIST_LICENSE_ERRORS = _op(
    "groups.list-license-errors", "v1.0", "GET", "/groups/{id}/membersWithLicenseErrors",
    ("GroupMember.Read.All", "User.Read.All"), about="members that got no license", units=3,
)

LIST_DEVICES = _op("devices.list", "v1.0", "GET", "/devices", "Device.Read.All", about="devices of the directory")
DEVICES_DELTA = _op("devices.delta", "v1.0", "GET", "/devices/delta", "Device.Read.All", about="changed devices")
DELETE_DEVICE = _op(
    "devices.delete", "v1.0", "DELETE", "/devices/{id}", "Device.ReadWrite.All",
    about="delete the directory object of a device",
)

GET_ORGANIZATION = _op(
    "organization.get", "v1.0", "GET", "/organization", "Organization.Read.All",
    about="the tenant and its MDM authority",
)
LIST_DOMAINS = _op("domains.list", "v1.0", "GET", "/domains", "Domain.Read.All", about="verified domains")
UPDATE_DOMAIN = _op(
    "domains.update", "v1.0", "PATCH", "/domains/{name}", "Domain.ReadWrite.All",
    about="how long passwords of a domain are valid",
)
# fmt: on

OPERATIONS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
"""All of this file."""
