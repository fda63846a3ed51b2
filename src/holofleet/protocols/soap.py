"""SOAP 1.2 envelopes with WS-Addressing, as the enrollment services of Windows use them.

Read by namespace, never by prefix; written with the prefixes of the published samples (``s:``, ``a:``, ``u:``,
``o:``) and default namespaces for payloads, because the client's own reader is reported to look at prefixes.

Source: SOAP 1.2 (W3C), WS-Addressing 1.0 (W3C), [MS-MDE2] section 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.xml import SOAP_LIMITS, Element, XMLLimits, escape, escape_attribute, text_of
from holofleet.protocols.xml import parse as parse_xml

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://www.w3.org/2005/08/addressing"
U = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
DIAGNOSTICS = "http://schemas.microsoft.com/2004/09/ServiceModel/Diagnostics"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"

_MAX_ADDRESS = 2_048


class RefusableMessageError(MalformedMessageError):
    """A SOAP envelope whose content cannot be used: it gets a fault (``s:MessageFormat``), not a bare 400.

    Args:
        summary: What is wrong.
        message_id: MessageID of the request, for the fault's RelatesTo; may be empty.
    """

    def __init__(self, summary: str, *, message_id: str = "") -> None:
        super().__init__(summary)
        self.message_id = message_id


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message taken apart; ``payload`` is the first element of the body, or None when the body is empty."""

    action: str
    message_id: str
    relates_to: str
    to: str
    security: Element | None
    payload: Element | None

    def expect(self, action: str, tags: tuple[str, ...]) -> Element:
        """Return the payload of the expected message.

        Raises:
            RefusableMessageError: Another action or payload, or an empty body.
        """
        if self.payload is None:
            raise RefusableMessageError("the SOAP body is empty", message_id=self.message_id)
        if self.action != action or self.payload.tag not in tags:
            raise RefusableMessageError("the message is not one of this service", message_id=self.message_id)
        return self.payload


def parse(body: bytes, limits: XMLLimits = SOAP_LIMITS) -> Envelope:
    """Parse a SOAP 1.2 envelope.

    Raises:
        MalformedMessageError: Not XML, or no SOAP 1.2 envelope.
    """
    root = parse_xml(body, limits)
    if root.tag != f"{{{S}}}Envelope":
        raise MalformedMessageError("the document is not a SOAP 1.2 envelope")
    header, content = root.find(f"{{{S}}}Header"), root.find(f"{{{S}}}Body")
    if content is None:
        raise MalformedMessageError("the envelope has no Body")

    def address(name: str) -> str:
        text = text_of(None if header is None else header.find(f"{{{A}}}{name}"))
        if len(text) > _MAX_ADDRESS:
            raise MalformedMessageError(f"{name} is longer than {_MAX_ADDRESS} characters")
        return text

    return Envelope(
        action=address("Action"),
        message_id=address("MessageID"),
        relates_to=address("RelatesTo"),
        to=address("To"),
        security=None if header is None else header.find(f"{{{WSSE}}}Security"),
        payload=next(iter(content), None),
    )


def render_request(*, action: str, message_id: str, to: str, payload: str, security: str = "") -> bytes:
    """Render a request as a client writes it; ``payload`` and ``security`` are XML."""
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:u="{U}" xmlns:wsse="{WSSE}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{escape(action)}</a:Action>'
        f"<a:MessageID>{escape(message_id)}</a:MessageID><a:ReplyTo><a:Address>{ANONYMOUS}</a:Address></a:ReplyTo>"
        f'<a:To s:mustUnderstand="1">{escape(to)}</a:To>{security}</s:Header>'
        f'<s:Body xmlns:xsi="{XSI}">{payload}</s:Body></s:Envelope>'
    ).encode()


def render_reply(
    *, action: str, relates_to: str, payload: str, security: str = "", activity_id: str = ""
) -> bytes:
    """Render a reply as a server writes it.

    Args:
        action: The a:Action of the reply.
        relates_to: MessageID of the request; left out when the request had none.
        payload: XML inside the body.
        security: XML of the security header, or "".
        activity_id: A UUID that finds the exchange in logs again; left out when empty.
    """
    related = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    activity = (
        f'<ActivityId CorrelationId="{escape_attribute(activity_id)}" xmlns="{DIAGNOSTICS}">'
        f"{escape(activity_id)}</ActivityId>"
        if activity_id
        else ""
    )
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{A}" xmlns:u="{U}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{escape(action)}</a:Action>{activity}{related}{security}</s:Header>'
        f'<s:Body xmlns:xsi="{XSI}">{payload}</s:Body></s:Envelope>'
    ).encode()
