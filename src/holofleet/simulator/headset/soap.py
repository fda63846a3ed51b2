"""The three SOAP requests of an enrollment, and a strict reading of their replies.

Written after MS-MDE2 (discovery), MS-XCEP (certificate policy) and MS-WSTEP (certificate), and after recordings
of real clients where those differ: prefixed attributes on the credential, line-wrapped base64, a repeated MAC.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from holofleet.simulator.headset import markup
from holofleet.simulator.headset.markup import Element, MarkupError, content, text

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
AC = "http://schemas.xmlsoap.org/ws/2006/12/authorization"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DISCOVERY = "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
XCEP = "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
ENROLLMENT = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"
_CM = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment"

DISCOVER = f"{DISCOVERY}/IDiscoveryService/Discover"
GET_POLICIES = f"{XCEP}/IPolicy/GetPolicies"
REQUEST_TOKEN = f"{ENROLLMENT}/RST/wstep"
REPLY_ACTION = {
    DISCOVER: f"{DISCOVERY}/IDiscoveryService/DiscoverResponse",
    GET_POLICIES: f"{XCEP}/IPolicy/GetPoliciesResponse",
    REQUEST_TOKEN: f"{ENROLLMENT}/RSTRC/wstep",
}
SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault as the headset shows it: subcode and, if there is one, the enrollment error type."""

    subcode: str
    reason: str
    error_type: str

    def __str__(self) -> str:
        return f"{self.subcode}{f' ({self.error_type})' if self.error_type else ''}: {self.reason}"


def envelope(*, action: str, to: str, message_id: str, security: str, body: str) -> bytes:
    """Render a request envelope."""
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:u="{WSU}" xmlns:wsse="{WSSE}" xmlns:wst="{WST}" '
        f'xmlns:ac="{AC}"><s:Header><a:Action s:mustUnderstand="1">{action}</a:Action>'
        f"<a:MessageID>{message_id}</a:MessageID><a:ReplyTo><a:Address>{A}/anonymous</a:Address></a:ReplyTo>"
        f'<a:To s:mustUnderstand="1">{text(to)}</a:To>{security}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def security_header(username: str, password: str) -> str:
    """Render the on-premise credential as real clients write it."""
    kind = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
    return (
        '<wsse:Security s:mustUnderstand="1">'
        '<wsse:UsernameToken u:Id="uuid-cc1ccc1f-2fba-4bcf-b063-ffc0cac77917-4">'
        f'<wsse:Username>{text(username)}</wsse:Username><wsse:Password wsse:Type="{kind}">{text(password)}'
        "</wsse:Password></wsse:UsernameToken></wsse:Security>"
    )


def discover_body(*, email: str, request_version: str, application_version: str, os_edition: int) -> str:
    """Render the body of Discover; only the on-premise door is offered."""
    return (
        f'<Discover xmlns="{DISCOVERY}"><request xmlns:i="{XSI}"><EmailAddress>{text(email)}</EmailAddress>'
        f"<RequestVersion>{request_version}</RequestVersion><DeviceType>CIMClient_Windows</DeviceType>"
        f"<ApplicationVersion>{application_version}</ApplicationVersion><OSEdition>{os_edition}</OSEdition>"
        "<AuthPolicies><AuthPolicy>OnPremise</AuthPolicy></AuthPolicies></request></Discover>"
    )


def policies_body() -> str:
    """Render the body of GetPolicies."""
    return (
        f'<GetPolicies xmlns="{XCEP}"><client><lastUpdate xmlns:i="{XSI}" i:nil="true"/>'
        f'<preferredLanguage xmlns:i="{XSI}" i:nil="true"/></client>'
        f'<requestFilter xmlns:i="{XSI}" i:nil="true"/></GetPolicies>'
    )


def token_body(request: bytes, context: Iterable[tuple[str, str]]) -> str:
    """Render the body of RequestSecurityToken: the request in wrapped base64, and the context items in order."""
    items = "".join(
        f'<ac:ContextItem Name="{name}"><ac:Value>{text(value)}</ac:Value></ac:ContextItem>'
        for name, value in context
    )
    wrapped = base64.encodebytes(request).decode().replace("\n", "\r\n")
    return (
        f"<wst:RequestSecurityToken><wst:TokenType>{_CM}/DeviceEnrollmentToken</wst:TokenType>"
        f"<wst:RequestType>{WST}/Issue</wst:RequestType>"
        f'<wsse:BinarySecurityToken ValueType="{ENROLLMENT}#PKCS10" EncodingType="{WSSE}#base64binary">'
        f"{text(wrapped)}</wsse:BinarySecurityToken>"
        f'<ac:AdditionalContext xmlns="{AC}">{items}</ac:AdditionalContext></wst:RequestSecurityToken>'
    )


@dataclass(frozen=True, slots=True)
class Envelope:
    """A reply, taken apart: what it claims to answer, and its payload or fault."""

    action: str
    relates_to: str
    payload: Element | None
    fault: Fault | None


def read_envelope(body: bytes) -> Envelope:
    """Read a reply envelope.

    Raises:
        MarkupError: no SOAP 1.2 envelope with one Body.
    """
    root = markup.parse(body)
    if root.tag != f"{{{S}}}Envelope":
        raise MarkupError(f"not a SOAP 1.2 envelope but {root.tag}")
    bodies = root.findall(f"{{{S}}}Body")
    if len(bodies) != 1:
        raise MarkupError(f"a SOAP envelope with {len(bodies)} bodies")
    payload = bodies[0][0] if len(bodies[0]) else None
    fault = None
    if payload is not None and payload.tag == f"{{{S}}}Fault":
        fault, payload = _read_fault(payload), None
    header = f"{{{S}}}Header/{{{A}}}"
    return Envelope(
        action=content(root.find(f"{header}Action")),
        relates_to=content(root.find(f"{header}RelatesTo")),
        payload=payload,
        fault=fault,
    )


def _read_fault(element: Element) -> Fault:
    return Fault(
        subcode=content(element.find(f"{{{S}}}Code/{{{S}}}Subcode/{{{S}}}Value")),
        reason=content(element.find(f"{{{S}}}Reason/{{{S}}}Text")),
        error_type=content(element.find(f".//{{{ENROLLMENT}}}ErrorType")),
    )


@dataclass(frozen=True, slots=True)
class DiscoveryResult:
    """What the discovery service answered."""

    auth_policy: str
    version: str
    policy_url: str
    enrollment_url: str
    authentication_url: str
    order: tuple[str, ...]


def read_discovery(payload: Element) -> DiscoveryResult:
    """Read DiscoverResponse; both spellings of its namespace are accepted.

    Raises:
        MarkupError: something else.
    """
    space = markup.namespace(payload)
    result = payload.find(f"{{{space}}}DiscoverResult")
    if space.rstrip("/") != DISCOVERY or markup.local_name(payload) != "DiscoverResponse" or result is None:
        raise MarkupError(f"not a DiscoverResponse with a DiscoverResult: {payload.tag}")
    values = {markup.local_name(child): content(child) for child in result}
    return DiscoveryResult(
        auth_policy=values.get("AuthPolicy", ""),
        version=values.get("EnrollmentVersion", ""),
        policy_url=values.get("EnrollmentPolicyServiceUrl", ""),
        enrollment_url=values.get("EnrollmentServiceUrl", ""),
        authentication_url=values.get("AuthenticationServiceUrl", ""),
        order=tuple(values),
    )


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What the policy service asks of the certificate request."""

    schema: str
    minimal_key_length: str
    hash_oid: str
    providers: tuple[str, ...]


def read_policies(payload: Element) -> PolicyResult:
    """Read GetPoliciesResponse.

    Raises:
        MarkupError: something else, or no policy in it.
    """
    x = f"{{{XCEP}}}"
    attributes = payload.find(f"{x}response/{x}policies/{x}policy/{x}attributes")
    if payload.tag != f"{x}GetPoliciesResponse" or attributes is None:
        raise MarkupError(f"not a GetPoliciesResponse with a policy: {payload.tag}")
    keys = attributes.find(f"{x}privateKeyAttributes")
    reference = content(attributes.find(f"{x}hashAlgorithmOIDReference"))
    oids = {
        content(oid.find(f"{x}oIDReferenceID")): content(oid.find(f"{x}value")) for oid in payload.iter(f"{x}oID")
    }
    providers = () if keys is None else tuple(content(p) for p in keys.iterfind(f"{x}cryptoProviders/{x}provider"))
    return PolicyResult(
        schema=content(attributes.find(f"{x}policySchema")),
        minimal_key_length="" if keys is None else content(keys.find(f"{x}minimalKeyLength")),
        hash_oid=oids.get(reference, "") if reference else "",
        providers=providers,
    )


def read_token(payload: Element) -> bytes:
    """Read RequestSecurityTokenResponseCollection and return the provisioning document's bytes.

    Raises:
        MarkupError: something else, or a token of another type.
    """
    w = f"{{{WST}}}"
    token = payload.find(
        f"{w}RequestSecurityTokenResponse/{w}RequestedSecurityToken/{{{WSSE}}}BinarySecurityToken"
    )
    if payload.tag != f"{w}RequestSecurityTokenResponseCollection" or token is None:
        raise MarkupError(f"not a RequestSecurityTokenResponseCollection with a token: {payload.tag}")
    kind = token.get("ValueType") or token.get(f"{{{WSSE}}}ValueType")
    if kind != f"{_CM}/DeviceEnrollmentProvisionDoc":
        raise MarkupError(f"the token is no provisioning document but {kind}")
    try:
        return base64.b64decode("".join((token.text or "").split()), validate=True)
    except ValueError as error:
        raise MarkupError(f"the token is no base64: {error}") from error
