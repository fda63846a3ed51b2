"""Requests to settings of a tenant: conditional access, certificate sign-in, join and registration policies.

Source: Microsoft Graph reference and permissions reference. Conditional access takes one request a second and
is never part of a batch; the scope of automatic enrollment has no application permission at all.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from holofleet.targets.graph.operations.operation import Effect, Operation, Service

_op = partial(Operation, service=Service.IDENTITY)
_access = partial(Operation, service=Service.CONDITIONAL_ACCESS, alone=True)
_POLICIES: Final = "/identity/conditionalAccess/policies"
_LOCATIONS: Final = "/identity/conditionalAccess/namedLocations"
_CERTIFICATE: Final = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/x509Certificate"
_PKI: Final = "/directory/publicKeyInfrastructure/certificateBasedAuthConfigurations"
_MDM: Final = "/policies/mobileDeviceManagementPolicies"
_WRITE_ACCESS: Final = ("Policy.Read.All", "Policy.ReadWrite.ConditionalAccess")

# fmt: off
LIST_ACCESS_POLICIES = _access(
    "conditional-access.list", "v1.0", "GET", _POLICIES, "Policy.Read.All", about="conditional access policies",
)
CREATE_ACCESS_POLICY = _access(
    "conditional-access.create", "v1.0", "POST", _POLICIES, (*_WRITE_ACCESS, "Application.Read.All"),
    about="make a policy, report-only unless told", effect=Effect.CREATE,
)
UPDATE_ACCESS_POLICY = _access(
    "conditional-access.update", "v1.0", "PATCH", _POLICIES + "/{id}", (*_WRITE_ACCESS, "Application.Read.All"),
    about="change a policy of ours",
)
DELETE_ACCESS_POLICY = _access(
    "conditional-access.delete", "v1.0", "DELETE", _POLICIES + "/{id}", _WRITE_ACCESS,
    about="delete a policy of ours",
)
LIST_LOCATIONS = _access(
    "named-locations.list", "v1.0", "GET", _LOCATIONS, "Policy.Read.All", about="named locations",
)
CREATE_LOCATION = _access(
    "named-locations.create", "v1.0", "POST", _LOCATIONS, _WRITE_ACCESS,
    about="make a named location", effect=Effect.CREATE,
)
UPDATE_LOCATION = _access(
    "named-locations.update", "v1.0", "PATCH", _LOCATIONS + "/{id}", _WRITE_ACCESS,
    about="change a named location of ours",
)
DELETE_LOCATION = _access(
    "named-locations.delete", "v1.0", "DELETE", _LOCATIONS + "/{id}", _WRITE_ACCESS,
    about="delete a named location of ours",
)

GET_CERTIFICATE_SIGN_IN = _op(
    "certificate-sign-in.get", "v1.0", "GET", _CERTIFICATE, "Policy.Read.AuthenticationMethod",
    about="whether and how certificates sign in",
)
UPDATE_CERTIFICATE_SIGN_IN = _op(
    "certificate-sign-in.update", "v1.0", "PATCH", _CERTIFICATE, "Policy.ReadWrite.AuthenticationMethod",
    about="let certificates of our issuer sign in",
)
LIST_PKI = _op(
    "pki.list", "v1.0", "GET", _PKI, "PublicKeyInfrastructure.Read.All", about="trusted authorities, by container",
)
CREATE_PKI = _op(
    "pki.create", "v1.0", "POST", _PKI, "PublicKeyInfrastructure.ReadWrite.All",
    about="make a container of authorities", effect=Effect.CREATE,
)
UPDATE_PKI = _op(
    "pki.update", "v1.0", "PATCH", _PKI + "/{id}", "PublicKeyInfrastructure.ReadWrite.All",
    about="name a container of ours",
)
DELETE_PKI = _op(
    "pki.delete", "v1.0", "DELETE", _PKI + "/{id}", "PublicKeyInfrastructure.ReadWrite.All",
    about="delete a container of ours",
)
LIST_AUTHORITIES = _op(
    "authorities.list", "v1.0", "GET", _PKI + "/{pki}/certificateAuthorities", "PublicKeyInfrastructure.Read.All",
    about="authorities of a container",
)
CREATE_AUTHORITY = _op(
    "authorities.create", "v1.0", "POST", _PKI + "/{pki}/certificateAuthorities",
    "PublicKeyInfrastructure.ReadWrite.All", about="trust an authority", effect=Effect.CREATE,
)
UPDATE_AUTHORITY = _op(
    "authorities.update", "v1.0", "PATCH", _PKI + "/{pki}/certificateAuthorities/{id}",
    "PublicKeyInfrastructure.ReadWrite.All", about="change where its revocation list lies",
)
DELETE_AUTHORITY = _op(
    "authorities.delete", "v1.0", "DELETE", _PKI + "/{pki}/certificateAuthorities/{id}",
    "PublicKeyInfrastructure.ReadWrite.All", about="no longer trust an authority",
)

LIST_MDM_SCOPE = _op(
    "mdm-scope.list", "beta", "GET", _MDM, "Policy.Read.All", about="who enrolls automatically",
    delegated_only=True,
)
UPDATE_MDM_SCOPE = _op(
    "mdm-scope.update", "beta", "PATCH", _MDM + "/{id}", "Policy.ReadWrite.MobilityManagement",
    about="all, none or selected groups enroll", delegated_only=True,
)
LIST_MDM_GROUPS = _op(
    "mdm-scope.list-groups", "beta", "GET", _MDM + "/{id}/includedGroups", "Policy.ReadWrite.MobilityManagement",
    about="groups that enroll", delegated_only=True,
)
ADD_MDM_GROUP = _op(
    "mdm-scope.add-group", "beta", "POST", _MDM + "/{id}/includedGroups/$ref",
    "Policy.ReadWrite.MobilityManagement", about="let a group enroll", effect=Effect.REPLACE,
    delegated_only=True, already=("added object references already exist",),
)
REMOVE_MDM_GROUP = _op(
    "mdm-scope.remove-group", "beta", "DELETE", _MDM + "/{id}/includedGroups/{group}/$ref",
    "Policy.ReadWrite.MobilityManagement", about="no longer let a group enroll", delegated_only=True,
)

GET_JOIN_POLICY = _op(
    "join-policy.get", "v1.0", "GET", "/policies/deviceRegistrationPolicy", "Policy.Read.DeviceConfiguration",
    about="who may join devices, and how many",
)
REPLACE_JOIN_POLICY = _op(
    "join-policy.replace", "v1.0", "PUT", "/policies/deviceRegistrationPolicy",
    "Policy.ReadWrite.DeviceConfiguration", about="change who may join devices (sent whole)",
)
GET_AUTHORIZATION_POLICY = _op(
    "authorization-policy.get", "v1.0", "GET", "/policies/authorizationPolicy", "Policy.Read.All",
    about="what users may do by default",
)
UPDATE_AUTHORIZATION_POLICY = _op(
    "authorization-policy.update", "v1.0", "PATCH", "/policies/authorizationPolicy",
    "Policy.ReadWrite.Authorization", about="change what users may do by default",
)
# fmt: on

OPERATIONS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
"""All of this file."""
