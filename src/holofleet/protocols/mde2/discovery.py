"""Discovery: where to enroll, and with which kind of credentials.

Source: [MS-MDE2] section 3.1. Trailing slash of the namespace, empty e-mail and mixed-case ``a:To``: published
samples and recorded clients.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from holofleet.protocols import soap
from holofleet.protocols.mde2.faults import raise_fault
from holofleet.protocols.soap import RefusableMessageError
from holofleet.protocols.xml import Element, XMLLimits, escape, text_of

NAMESPACE = "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
REQUEST_ACTION = f"{NAMESPACE}/IDiscoveryService/Discover"
RESPONSE_ACTION = f"{NAMESPACE}/IDiscoveryService/DiscoverResponse"
LIMITS = XMLLimits(max_body_bytes=16 * 1024, max_tags=4_000)
"""Discovery is open to strangers: its bodies are smaller than those of the other services (SECURITY 5.5)."""

_NAMESPACES = (NAMESPACE, NAMESPACE + "/")


class AuthPolicy(StrEnum):
    """Kinds of credentials, spelt as in the protocol."""

    ON_PREMISE = "OnPremise"
    FEDERATED = "Federated"
    CERTIFICATE = "Certificate"


@dataclass(frozen=True, slots=True)
class DiscoverRequest:
    """What a headset asks. All but the offered policies is a claim, and each part may be empty.

    Args:
        message_id: For the reply's RelatesTo.
        to: The address it thinks it talks to; compare no strings with it.
        email_address: What was typed or provisioned; not always an address.
        request_version: Such as ``4.0``.
        device_type: ``CIMClient_Windows`` on PCs.
        application_version: Build of Windows, such as ``10.0.22621.1250``.
        os_edition: 136 is Holographic for Business.
        auth_policies: Kinds it offers; kinds that nobody knows are left out.
    """

    message_id: str
    to: str = ""
    email_address: str = ""
    request_version: str = ""
    device_type: str = ""
    application_version: str = ""
    os_edition: int | None = None
    auth_policies: tuple[AuthPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscoverResponse:
    """Where to go on. ``authentication_url`` is for Federated only.

    The policy URL is optional in the protocol, but a client without it makes a request signed with SHA-1.
    """

    auth_policy: AuthPolicy
    enrollment_version: str
    policy_url: str
    enrollment_url: str
    authentication_url: str = ""


def parse_request(body: bytes) -> DiscoverRequest:
    """Parse Discover.

    Raises:
        MalformedMessageError: Not a SOAP envelope.
        RefusableMessageError: An envelope with something else inside.
    """
    envelope = soap.parse(body, LIMITS)
    discover = envelope.expect(REQUEST_ACTION, tuple(f"{{{ns}}}Discover" for ns in _NAMESPACES))
    request = _child(discover, "request")
    if request is None:
        raise RefusableMessageError("Discover has no request", message_id=envelope.message_id)
    edition = _text(request, "OSEdition")
    offered = _child(request, "AuthPolicies")
    names = [] if offered is None else [text_of(policy) for policy in offered]
    return DiscoverRequest(
        message_id=envelope.message_id,
        to=envelope.to,
        email_address=_text(request, "EmailAddress"),
        request_version=_text(request, "RequestVersion"),
        device_type=_text(request, "DeviceType"),
        application_version=_text(request, "ApplicationVersion"),
        os_edition=int(edition) if edition.isascii() and edition.isdigit() and len(edition) < 10 else None,
        auth_policies=tuple(AuthPolicy(name) for name in names if name in set(AuthPolicy)),
    )


def render_request(request: DiscoverRequest) -> bytes:
    """Render Discover as a headset sends it."""
    policies = "".join(f"<AuthPolicy>{policy}</AuthPolicy>" for policy in request.auth_policies)
    edition = "" if request.os_edition is None else f"<OSEdition>{request.os_edition}</OSEdition>"
    payload = (
        f'<Discover xmlns="{NAMESPACE}"><request>'
        f"<EmailAddress>{escape(request.email_address)}</EmailAddress>"
        f"<RequestVersion>{escape(request.request_version)}</RequestVersion>"
        f"<DeviceType>{escape(request.device_type)}</DeviceType>"
        f"<ApplicationVersion>{escape(request.application_version)}</ApplicationVersion>"
        f"{edition}<AuthPolicies>{policies}</AuthPolicies></request></Discover>"
    )
    return soap.render_request(
        action=REQUEST_ACTION, message_id=request.message_id, to=request.to, payload=payload
    )


def render_response(response: DiscoverResponse, *, relates_to: str, activity_id: str = "") -> bytes:
    """Render DiscoverResponse; the elements stand in the order of the specification."""
    authentication = (
        f"<AuthenticationServiceUrl>{escape(response.authentication_url)}</AuthenticationServiceUrl>"
        if response.authentication_url
        else ""
    )
    payload = (
        f'<DiscoverResponse xmlns="{NAMESPACE}"><DiscoverResult><AuthPolicy>{response.auth_policy}</AuthPolicy>'
        f"<EnrollmentVersion>{escape(response.enrollment_version)}</EnrollmentVersion>"
        f"<EnrollmentPolicyServiceUrl>{escape(response.policy_url)}</EnrollmentPolicyServiceUrl>"
        f"<EnrollmentServiceUrl>{escape(response.enrollment_url)}</EnrollmentServiceUrl>"
        f"{authentication}</DiscoverResult></DiscoverResponse>"
    )
    return soap.render_reply(
        action=RESPONSE_ACTION, relates_to=relates_to, payload=payload, activity_id=activity_id
    )


def parse_response(body: bytes) -> tuple[DiscoverResponse, str]:
    """Parse DiscoverResponse and return it with the MessageID it relates to.

    Raises:
        FaultReceivedError: The server refused.
        MalformedMessageError: Not a DiscoverResponse, or one without a mandatory element.
    """
    envelope = soap.parse(body, LIMITS)
    raise_fault(envelope)
    payload = envelope.expect(RESPONSE_ACTION, tuple(f"{{{ns}}}DiscoverResponse" for ns in _NAMESPACES))
    result = _child(payload, "DiscoverResult")
    if result is None:
        raise RefusableMessageError("DiscoverResponse has no DiscoverResult")
    policy, version, url = (
        _text(result, name) for name in ("AuthPolicy", "EnrollmentVersion", "EnrollmentServiceUrl")
    )
    if policy not in set(AuthPolicy) or not version or not url:
        raise RefusableMessageError("DiscoverResult lacks a mandatory element")
    response = DiscoverResponse(
        auth_policy=AuthPolicy(policy),
        enrollment_version=version,
        policy_url=_text(result, "EnrollmentPolicyServiceUrl"),
        enrollment_url=url,
        authentication_url=_text(result, "AuthenticationServiceUrl"),
    )
    return response, envelope.relates_to


def _child(parent: Element, name: str) -> Element | None:
    return next((c for c in parent if c.tag in (f"{{{ns}}}{name}" for ns in _NAMESPACES)), None)


def _text(parent: Element, name: str) -> str:
    return text_of(_child(parent, name))
