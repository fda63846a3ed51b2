"""Certificate policy: which key and which hash a certificate request must have (GetPolicies of MS-XCEP).

Windows reads the minimal key length, the hash and the providers of the policy, and nothing else of it.

Source: [MS-XCEP] section 3.1.4.1; [MS-MDE2] section 3.3. The default providers, trusted module first: other
implementations.
"""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.protocols import soap
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.mde2.credentials import Credentials, parse_security, render_security
from holofleet.protocols.mde2.faults import raise_fault
from holofleet.protocols.soap import RefusableMessageError
from holofleet.protocols.xml import Element, escape, text_of

NAMESPACE = "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
REQUEST_ACTION = f"{NAMESPACE}/IPolicy/GetPolicies"
RESPONSE_ACTION = f"{NAMESPACE}/IPolicy/GetPoliciesResponse"
SHA256 = "2.16.840.1.101.3.4.2.1"
_HASH_NAMES = {SHA256: "szOID_NIST_sha256"}
_HASH_GROUP = 1


@dataclass(frozen=True, slots=True)
class GetPoliciesRequest:
    """What a headset asks; the TPM's maker and firmware are claims and may be empty."""

    message_id: str
    to: str = ""
    credentials: Credentials | None = None
    tpm_manufacturer: str = ""
    tpm_firmware_version: str = ""


@dataclass(frozen=True, slots=True)
class CertificatePolicy:
    """The policy. ``validity_s`` and ``renewal_s`` are seconds: life, and the time before its end to renew."""

    policy_id: str
    validity_s: int
    renewal_s: int
    friendly_name: str = ""
    minimal_key_length: int = 2_048
    hash_oid: str = SHA256
    crypto_providers: tuple[str, ...] = (
        "Microsoft Platform Crypto Provider",
        "Microsoft Software Key Storage Provider",
    )
    next_update_hours: int = 8


def parse_request(body: bytes) -> GetPoliciesRequest:
    """Parse GetPolicies.

    Raises:
        MalformedMessageError: Not a SOAP envelope.
        RefusableMessageError: An envelope with something else inside.
    """
    envelope = soap.parse(body)
    payload = envelope.expect(REQUEST_ACTION, (_tag("GetPolicies"),))
    try:
        credentials = parse_security(envelope.security)
    except MalformedMessageError as error:
        raise RefusableMessageError(error.summary, message_id=envelope.message_id) from None
    return GetPoliciesRequest(
        message_id=envelope.message_id,
        to=envelope.to,
        credentials=credentials,
        tpm_manufacturer=text_of(payload.find(f"{_tag('client')}/{_tag('TPMManufacturer')}")),
        tpm_firmware_version=text_of(payload.find(f"{_tag('client')}/{_tag('TPMFirmwareVersion')}")),
    )


def render_request(request: GetPoliciesRequest) -> bytes:
    """Render GetPolicies as a headset sends it."""
    tpm = ""
    if request.tpm_manufacturer:
        tpm = (
            f"<TPMManufacturer>{escape(request.tpm_manufacturer)}</TPMManufacturer>"
            f"<TPMFirmwareVersion>{escape(request.tpm_firmware_version)}</TPMFirmwareVersion>"
        )
    payload = (
        f'<GetPolicies xmlns="{NAMESPACE}"><client>{_nil("lastUpdate", "preferredLanguage")}{tpm}</client>'
        f"{_nil('requestFilter')}</GetPolicies>"
    )
    return soap.render_request(
        action=REQUEST_ACTION,
        message_id=request.message_id,
        to=request.to,
        payload=payload,
        security=render_security(request.credentials),
    )


def render_response(policy: CertificatePolicy, *, relates_to: str, activity_id: str = "") -> bytes:
    """Render GetPoliciesResponse with one policy; schema 3 is what lets it name a hash."""
    providers = "".join(f"<provider>{escape(name)}</provider>" for name in policy.crypto_providers)
    key = (
        f"<minimalKeyLength>{policy.minimal_key_length}</minimalKeyLength>"
        f"{_nil('keySpec', 'keyUsageProperty', 'permissions', 'algorithmOIDReference')}"
        f"<cryptoProviders>{providers}</cryptoProviders>"
    )
    attributes = (
        f"<commonName>{escape(policy.friendly_name or policy.policy_id)}</commonName>"
        f"<policySchema>3</policySchema><certificateValidity><validityPeriodSeconds>{policy.validity_s}</validityPeriodSeconds>"
        f"<renewalPeriodSeconds>{policy.renewal_s}</renewalPeriodSeconds></certificateValidity>"
        "<permission><enroll>true</enroll><autoEnroll>false</autoEnroll></permission>"
        f"<privateKeyAttributes>{key}</privateKeyAttributes>"
        "<revision><majorRevision>101</majorRevision><minorRevision>0</minorRevision></revision>"
        f"{_nil('supersededPolicies', 'privateKeyFlags', 'subjectNameFlags', 'enrollmentFlags', 'generalFlags')}"
        "<hashAlgorithmOIDReference>0</hashAlgorithmOIDReference>"
        f"{_nil('rARequirements', 'keyArchivalAttributes', 'extensions')}"
    )
    hash_name = _HASH_NAMES.get(policy.hash_oid, policy.hash_oid)
    payload = (
        f'<GetPoliciesResponse xmlns="{NAMESPACE}"><response><policyID>{escape(policy.policy_id)}</policyID>'
        f"<policyFriendlyName>{escape(policy.friendly_name)}</policyFriendlyName>"
        f"<nextUpdateHours>{policy.next_update_hours}</nextUpdateHours>{_nil('policiesNotChanged')}"
        f"<policies><policy><policyOIDReference>0</policyOIDReference>{_nil('cAs')}"
        f"<attributes>{attributes}</attributes></policy></policies></response>{_nil('cAs')}"
        f"<oIDs><oID><value>{escape(policy.hash_oid)}</value><group>{_HASH_GROUP}</group>"
        f"<oIDReferenceID>0</oIDReferenceID><defaultName>{escape(hash_name)}</defaultName></oID></oIDs>"
        "</GetPoliciesResponse>"
    )
    return soap.render_reply(
        action=RESPONSE_ACTION, relates_to=relates_to, payload=payload, activity_id=activity_id
    )


def parse_response(body: bytes) -> tuple[CertificatePolicy, str]:
    """Parse GetPoliciesResponse and return its first policy, with the MessageID it relates to.

    Raises:
        FaultReceivedError: The server refused.
        MalformedMessageError: Not a GetPoliciesResponse, or one without what a client reads.
    """
    envelope = soap.parse(body)
    raise_fault(envelope)
    payload = envelope.expect(RESPONSE_ACTION, (_tag("GetPoliciesResponse"),))
    response = payload.find(_tag("response"))
    attributes = payload.find("/".join(map(_tag, ("response", "policies", "policy", "attributes"))))
    if response is None or attributes is None:
        raise RefusableMessageError("GetPoliciesResponse has no policy")
    key = attributes.find(_tag("privateKeyAttributes"))
    validity = attributes.find(_tag("certificateValidity"))
    if key is None or validity is None:
        raise RefusableMessageError("the policy lacks its key attributes or its validity")
    reference = text_of(attributes.find(_tag("hashAlgorithmOIDReference")))
    oids = {
        text_of(oid.find(_tag("oIDReferenceID"))): text_of(oid.find(_tag("value")))
        for oid in payload.iterfind(f"{_tag('oIDs')}/{_tag('oID')}")
    }
    policy = CertificatePolicy(
        policy_id=text_of(response.find(_tag("policyID"))),
        validity_s=_number(validity, "validityPeriodSeconds"),
        renewal_s=_number(validity, "renewalPeriodSeconds"),
        friendly_name=text_of(response.find(_tag("policyFriendlyName"))),
        minimal_key_length=_number(key, "minimalKeyLength"),
        hash_oid=oids.get(reference, ""),
        crypto_providers=tuple(
            text_of(provider) for provider in key.iterfind(f"{_tag('cryptoProviders')}/{_tag('provider')}")
        ),
        next_update_hours=_number(response, "nextUpdateHours", default=8),
    )
    return policy, envelope.relates_to


def _number(parent: Element, name: str, *, default: int | None = None) -> int:
    text = text_of(parent.find(_tag(name)))
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise RefusableMessageError(f"{name} is not a number")
    return int(text)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _nil(*names: str) -> str:
    return "".join(f'<{name} xsi:nil="true"/>' for name in names)
