"""Certificate sign-in: the one configuration object of the tenant, and the authorities behind it.

Other teams use the same object, and a change replaces its lists whole.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from holofleet.clock import render_utc
from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing, part_of, visible_value
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Family, Response, bad, missing
from holofleet.emulator.routing import NO_CONTENT, Area, Quota, Route, ok
from holofleet.emulator.tenant import Item

_READ = ("Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All")
_AREA = Area(Quota.IDENTITY, Family.DIRECTORY, _READ, ("Policy.ReadWrite.AuthenticationMethod",))
_PKI = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    ("PublicKeyInfrastructure.Read.All", "PublicKeyInfrastructure.ReadWrite.All"),
    ("PublicKeyInfrastructure.ReadWrite.All",),
)
_STORE = "certificateBasedAuthConfigurations"
_LISTING = Listing(_STORE, "certificateBasedAuthPki")
_TYPE = "x509CertificateAuthenticationMethodConfiguration"
_FIELDS = frozenset(
    {
        "PrincipalName",
        "RFC822Name",
        "SubjectKeyIdentifier",
        "SHA1PublicKey",
        "IssuerAndSubject",
        "IssuerAndSerialNumber",
        "Subject",
    }
)
_MAX_BINDINGS = 3


def routes() -> Iterator[Route]:
    """Return the routes of certificate sign-in."""
    base = "/policies/authenticationMethodsPolicy"
    one = f"{base}/authenticationMethodConfigurations/x509Certificate"
    yield Route("GET", base, _policy, _AREA, _AREA.read)
    yield Route("GET", one, _get, _AREA, _AREA.read)
    yield Route("PATCH", one, _update, _AREA, _AREA.write)
    store = f"/directory/publicKeyInfrastructure/{_STORE}"
    yield Route("GET", store, _stores, _PKI, _PKI.read)
    yield Route("POST", store, _create_store, _PKI, _PKI.write)
    yield Route("GET", f"{store}/{{id}}", _store, _PKI, _PKI.read)
    yield Route("PATCH", f"{store}/{{id}}", _update_store, _PKI, _PKI.write)
    yield Route("DELETE", f"{store}/{{id}}", _delete_store, _PKI, _PKI.write)
    authorities = f"{store}/{{id}}/certificateAuthorities"
    yield Route("GET", authorities, _authorities, _PKI, _PKI.read)
    yield Route("POST", authorities, _create_authority, _PKI, _PKI.write)
    yield Route("GET", f"{authorities}/{{authority}}", _authority, _PKI, _PKI.read)
    yield Route("PATCH", f"{authorities}/{{authority}}", _update_authority, _PKI, _PKI.write)
    yield Route("DELETE", f"{authorities}/{{authority}}", _delete_authority, _PKI, _PKI.write)


def _policy(call: Call) -> Response:
    value = {
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "policyVersion": "1.5",
        "authenticationMethodConfigurations": [
            visible_value(call, _TYPE, call.tenant.singletons["x509Certificate"])
        ],
    }
    return ok({"@odata.context": call.context("authenticationMethodsPolicy"), **value})


def _get(call: Call) -> Response:
    context = call.context("authenticationMethodConfigurations/$entity")
    return ok({"@odata.context": context, **visible_value(call, _TYPE, call.tenant.singletons["x509Certificate"])})


def _update(call: Call) -> Response:
    body = call.body("authenticationMethodConfiguration", Mode.UPDATE, tagged=True)
    if body.type != _TYPE:
        raise bad(f"The configuration is a '{_TYPE}'.")
    properties = body.properties
    if not properties:
        raise bad("The body of an update says nothing.")
    _check_bindings(properties.get("certificateUserBindings"))
    for rule in (properties.get("authenticationModeConfiguration") or {}).get("rules", ()):
        if not rule.get("x509CertificateRuleType") or not (
            rule.get("identifier") or rule.get("issuerSubjectIdentifier") or rule.get("policyOidIdentifier")
        ):
            raise bad("A rule has 'x509CertificateRuleType' and 'identifier'.")
    for target in [*properties.get("includeTargets", ()), *properties.get("excludeTargets", ())]:
        if target.get("id") != "all_users":
            call.tenant.find("groups" if target["targetType"] == "group" else "users", str(target["id"]))
    call.tenant.singletons["x509Certificate"] |= properties
    return NO_CONTENT


def _check_bindings(bindings: list[dict[str, Any]] | None) -> None:
    if bindings is None:
        return
    if len(bindings) > _MAX_BINDINGS or len({b["priority"] for b in bindings if "priority" in b}) != len(bindings):
        raise bad(f"There are at most {_MAX_BINDINGS} user bindings, of different priorities.")
    for binding in bindings:
        if binding.get("x509CertificateField") not in _FIELDS or not binding.get("userProperty"):
            raise bad("A user binding has a known 'x509CertificateField' and a 'userProperty'.")


def _stores(call: Call) -> Response:
    return _LISTING.many(call, call.tenant.seen(_STORE))


def _store(call: Call) -> Response:
    return _LISTING.one(call, call.tenant.find(_STORE, call.id()))


def _create_store(call: Call) -> Response:
    properties = call.body("certificateBasedAuthPki", Mode.CREATE).properties
    served = {"lastModifiedDateTime": call.tenant.stamp(), "status": "succeeded", "statusDetails": None}
    item = call.tenant.create(_STORE, "certificateBasedAuthPki", {**properties, **served})
    return Response(201, {"@odata.context": call.context(f"{_STORE}/$entity"), **_LISTING.render(call, item)})


def _update_store(call: Call) -> Response:
    properties = call.body("certificateBasedAuthPki", Mode.UPDATE).properties
    if not properties:
        raise bad("The body of an update says nothing.")
    item = call.tenant.find(_STORE, call.id())
    call.tenant.update(_STORE, item, {**properties, "lastModifiedDateTime": call.tenant.stamp()})
    return NO_CONTENT


def _delete_store(call: Call) -> Response:
    call.tenant.delete(_STORE, call.tenant.find(_STORE, call.id()))
    return NO_CONTENT


def _held(call: Call) -> dict[str, Item]:
    return call.tenant.find(_STORE, call.id()).contained("certificateAuthorities")


def _find(call: Call) -> Item:
    part = _held(call).get(call.id("authority"))
    if part is None:
        raise missing(call.id("authority"))
    return part


def _authorities(call: Call) -> Response:
    return ok({"value": [part_of(call, part) for part in _held(call).values()]})


def _authority(call: Call) -> Response:
    return ok(part_of(call, _find(call)))


def _create_authority(call: Call) -> Response:
    held = _held(call)
    properties = call.body("certificateAuthorityDetail", Mode.CREATE).properties
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(properties["certificate"]))
    except ValueError as error:
        raise bad("'certificate' is not a certificate in DER form.") from error
    thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - how the service names it
    if any(part.properties["thumbprint"] == thumbprint for part in held.values()):
        raise bad("The certificate authority is known already.")
    served = {
        "thumbprint": thumbprint,
        "issuer": certificate.issuer.rfc4514_string(),
        "createdDateTime": call.tenant.stamp(),
        "expirationDateTime": render_utc(certificate.not_valid_after_utc),
    }
    part = Item(call.tenant.new_id(), "certificateAuthorityDetail", {**properties, **served}, 0, call.now)
    held[part.id] = part
    call.tenant.touch(_STORE, call.tenant.find(_STORE, call.id()))
    return Response(201, part_of(call, part))


def _update_authority(call: Call) -> Response:
    part = _find(call)
    part.properties |= call.body("certificateAuthorityDetail", Mode.UPDATE).properties
    return NO_CONTENT


def _delete_authority(call: Call) -> Response:
    del _held(call)[_find(call).id]
    return NO_CONTENT
