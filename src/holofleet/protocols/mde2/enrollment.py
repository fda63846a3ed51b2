"""Certificate issue: RequestSecurityToken, Issue and Renew, and its answer (WSTEP inside MS-MDE2).

Source: [MS-WSTEP], [MS-MDE2] section 3.4. Line-wrapped base64, repeated and untrimmed context items, and both
spellings of the PKCS#7 type: recorded clients and other implementations.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum

from holofleet.protocols import soap
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.mde2.credentials import (
    BASE64,
    Credentials,
    parse_security,
    render_security,
    render_timestamp,
)
from holofleet.protocols.mde2.faults import ENROLLMENT, raise_fault
from holofleet.protocols.soap import WSSE, RefusableMessageError
from holofleet.protocols.xml import Element, attribute, decode_base64, escape, escape_attribute, text_of

WST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
AC = "http://schemas.xmlsoap.org/ws/2006/12/authorization"
REQUEST_ACTION = f"{ENROLLMENT}/RST/wstep"
RESPONSE_ACTION = f"{ENROLLMENT}/RSTRC/wstep"
TOKEN_TYPE = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/DeviceEnrollmentToken"  # noqa: S105
PROVISION_DOC = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/DeviceEnrollmentProvisionDoc"
PKCS10 = f"{ENROLLMENT}#PKCS10"
PKCS7 = f"{ENROLLMENT}#PKCS7"
_PKCS7_TYPES = (PKCS7, f"{WSSE}#PKCS7")

_MAX_REQUEST_BYTES = 32 * 1024
_MAX_ITEMS = 200
_MAX_VALUE = 16 * 1024
_LINE = 64


class RequestKind(StrEnum):
    """What is asked for."""

    ISSUE = "Issue"
    RENEW = "Renew"


@dataclass(frozen=True, slots=True)
class Context:
    """AdditionalContext: what the client says about itself, all of it claims, names may repeat."""

    items: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """Return the first value of a name, trimmed; "" when it is missing or says ``null``."""
        value = next((value for key, value in self.items if key == name), "").strip()
        return "" if value == "null" else value

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a name once, trimmed, in order; ``MAC`` comes up to 13 times."""
        return tuple(dict.fromkeys(value.strip() for key, value in self.items if key == name and value.strip()))

    def flag(self, name: str) -> bool:
        """Return whether a name says true, in whichever case."""
        return self.get(name).lower() == "true"


@dataclass(frozen=True, slots=True)
class SecurityTokenRequest:
    """RequestSecurityToken.

    Args:
        message_id: For the reply's RelatesTo.
        kind: Issue or Renew.
        request: The certificate request as DER: PKCS#10 for Issue, CMS for Renew (not verified here).
        context: What the client says about itself.
        credentials: What the security header held; None for none.
        to: The address it thinks it talks to.
        is_cms: Whether ``request`` was declared as PKCS#7.
    """

    message_id: str
    kind: RequestKind
    request: bytes
    context: Context = Context()
    credentials: Credentials | None = None
    to: str = ""
    is_cms: bool = False

    @property
    def device_id(self) -> str:
        """DeviceID: names this enrollment; it is the Source of every later management message."""
        return self.context.get("DeviceID")

    @property
    def hardware_id(self) -> str:
        """HWDevID: a claim about the hardware that survives re-enrollment."""
        return self.context.get("HWDevID")


def parse_request(body: bytes) -> SecurityTokenRequest:
    """Parse RequestSecurityToken.

    Raises:
        MalformedMessageError: Not a SOAP envelope.
        RefusableMessageError: An envelope whose content cannot be used.
    """
    envelope = soap.parse(body)
    token = envelope.expect(REQUEST_ACTION, (_wst("RequestSecurityToken"),))
    try:
        return _request(envelope, token)
    except RefusableMessageError:
        raise
    except MalformedMessageError as error:
        raise RefusableMessageError(error.summary, message_id=envelope.message_id) from None


def _request(envelope: soap.Envelope, token: Element) -> SecurityTokenRequest:
    kind = text_of(token.find(_wst("RequestType"))).removeprefix(f"{WST}/")
    if kind not in set(RequestKind):
        raise MalformedMessageError("RequestType is neither Issue nor Renew")
    if text_of(token.find(_wst("TokenType"))) != TOKEN_TYPE:
        raise MalformedMessageError("TokenType is not that of a device enrollment")
    binary = token.find(f"{{{WSSE}}}BinarySecurityToken")
    if binary is None:
        raise MalformedMessageError("there is no certificate request")
    value_type = attribute(binary, "ValueType").strip()
    if value_type not in (PKCS10, *_PKCS7_TYPES):
        raise MalformedMessageError("the certificate request is of an unknown type")
    request = decode_base64(text_of(binary), max_bytes=_MAX_REQUEST_BYTES, what="the certificate request")
    is_cms = value_type != PKCS10
    if is_cms and request[:1] != b"\x30":
        # A renewal by hand wraps the CMS into base64 a second time; an automatic one does not.
        inner = request.decode("ascii", errors="replace")
        request = decode_base64(inner, max_bytes=_MAX_REQUEST_BYTES, what="the certificate request")
    if not request:
        raise MalformedMessageError("the certificate request is empty")
    return SecurityTokenRequest(
        message_id=envelope.message_id,
        kind=RequestKind(kind),
        request=request,
        context=_context(token.find(f"{{{AC}}}AdditionalContext")),
        credentials=parse_security(envelope.security),
        to=envelope.to,
        is_cms=is_cms,
    )


def _context(element: Element | None) -> Context:
    if element is None:
        return Context()
    found = element.findall(f"{{{AC}}}ContextItem")
    if len(found) > _MAX_ITEMS:
        raise MalformedMessageError(f"more than {_MAX_ITEMS} context items")
    items = []
    for item in found:
        value = item.find(f"{{{AC}}}Value")
        text = "" if value is None else (value.text or "")
        if len(text) > _MAX_VALUE:
            raise MalformedMessageError("a context item is too long")
        items.append((attribute(item, "Name").strip()[:128], text))
    return Context(tuple(items))


def render_request(request: SecurityTokenRequest) -> bytes:
    """Render RequestSecurityToken as a headset sends it: base64 wrapped into lines."""
    text = b64encode(request.request).decode()
    wrapped = "\r\n".join(text[n : n + _LINE] for n in range(0, len(text), _LINE)).replace("\r", "&#13;")
    items = "".join(
        f'<ac:ContextItem Name="{escape_attribute(name)}"><ac:Value>{escape(value)}</ac:Value></ac:ContextItem>'
        for name, value in request.context.items
    )
    payload = (
        f'<wst:RequestSecurityToken xmlns:wst="{WST}"><wst:TokenType>{TOKEN_TYPE}</wst:TokenType>'
        f"<wst:RequestType>{WST}/{request.kind}</wst:RequestType>"
        f'<wsse:BinarySecurityToken ValueType="{PKCS7 if request.is_cms else PKCS10}" EncodingType="{BASE64}">'
        f"{wrapped}</wsse:BinarySecurityToken>"
        f'<ac:AdditionalContext xmlns:ac="{AC}">{items}</ac:AdditionalContext></wst:RequestSecurityToken>'
    )
    return soap.render_request(
        action=REQUEST_ACTION,
        message_id=request.message_id,
        to=request.to,
        payload=payload,
        security=render_security(request.credentials),
    )


@dataclass(frozen=True, slots=True)
class SecurityTokenResponse:
    """The answer. ``provisioning`` is the provisioning document as UTF-8 XML.

    ``created`` and ``expires`` bound the reply, as ``2024-06-27T12:00:00.000Z``.
    """

    provisioning: bytes
    created: str
    expires: str
    request_id: int = 0


def render_response(response: SecurityTokenResponse, *, relates_to: str, activity_id: str = "") -> bytes:
    """Render RequestSecurityTokenResponseCollection."""
    payload = (
        f'<RequestSecurityTokenResponseCollection xmlns="{WST}"><RequestSecurityTokenResponse>'
        f'<TokenType>{TOKEN_TYPE}</TokenType><DispositionMessage xmlns="{ENROLLMENT}"></DispositionMessage>'
        f'<RequestedSecurityToken><BinarySecurityToken ValueType="{PROVISION_DOC}" EncodingType="{BASE64}" '
        f'xmlns="{WSSE}">{b64encode(response.provisioning).decode()}</BinarySecurityToken></RequestedSecurityToken>'
        f'<RequestID xmlns="{ENROLLMENT}">{response.request_id}</RequestID>'
        "</RequestSecurityTokenResponse></RequestSecurityTokenResponseCollection>"
    )
    return soap.render_reply(
        action=RESPONSE_ACTION,
        relates_to=relates_to,
        payload=payload,
        security=render_timestamp(response.created, response.expires),
        activity_id=activity_id,
    )


def parse_response(body: bytes) -> tuple[SecurityTokenResponse, str]:
    """Parse RequestSecurityTokenResponseCollection and return it with the MessageID it relates to.

    Raises:
        FaultReceivedError: The server refused.
        MalformedMessageError: Not such a message, or one without a provisioning document.
    """
    envelope = soap.parse(body)
    raise_fault(envelope)
    payload = envelope.expect(RESPONSE_ACTION, (_wst("RequestSecurityTokenResponseCollection"),))
    response = payload.find(_wst("RequestSecurityTokenResponse"))
    requested = None if response is None else response.find(_wst("RequestedSecurityToken"))
    token = None if requested is None else requested.find(f"{{{WSSE}}}BinarySecurityToken")
    if response is None or token is None or attribute(token, "ValueType") != PROVISION_DOC:
        raise RefusableMessageError("the answer holds no provisioning document")
    document = decode_base64(text_of(token), max_bytes=64 * 1024, what="the provisioning document")
    stamp = None if envelope.security is None else envelope.security.find(f"{{{soap.U}}}Timestamp")
    created, expires = (
        text_of(None if stamp is None else stamp.find(f"{{{soap.U}}}{name}")) for name in ("Created", "Expires")
    )
    number = text_of(response.find(f"{{{ENROLLMENT}}}RequestID"))
    request_id = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    return SecurityTokenResponse(document, created, expires, request_id), envelope.relates_to


def _wst(name: str) -> str:
    return f"{{{WST}}}{name}"
