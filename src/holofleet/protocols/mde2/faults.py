"""Faults: why an enrollment was refused, in the words that Windows shows to its user.

Source: [MS-MDE2] section 3 (fault tables); 'Mobile device enrollment', error codes (Microsoft).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from holofleet.errors import PeerError
from holofleet.protocols import soap
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.soap import S
from holofleet.protocols.xml import escape, text_of

ACTION = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/rstr/wstep"
ENROLLMENT = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"


class FaultKind(Enum):
    """A reason: the fault's subcode, its ErrorType (may be empty), and the HRESULT that the headset shows."""

    MESSAGE_FORMAT = ("s:MessageFormat", "", 0x80180001)
    AUTHENTICATION = ("s:Authentication", "", 0x80180002)
    AUTHORIZATION = ("s:Authorization", "", 0x80180003)
    CERTIFICATE_REQUEST = ("s:CertificateRequest", "", 0x80180004)
    ENROLLMENT_SERVER = ("s:EnrollmentServer", "", 0x80180005)
    INTERNAL_SERVICE_FAULT = ("a:InternalServiceFault", "", 0x80180006)
    INVALID_SECURITY = ("a:InvalidSecurity", "", 0x80180007)
    DEVICE_CAP_REACHED = ("s:Authorization", "DeviceCapReached", 0x80180013)
    DEVICE_NOT_SUPPORTED = ("s:Authorization", "DeviceNotSupported", 0x80180014)
    NOT_SUPPORTED = ("s:Authorization", "NotSupported", 0x80180015)
    NOT_ELIGIBLE_TO_RENEW = ("s:Authorization", "NotEligibleToRenew", 0x80180016)
    IN_MAINTENANCE = ("s:EnrollmentServer", "InMaintenance", 0x80180017)
    USER_LICENSE = ("s:Authorization", "UserLicense", 0x80180018)
    INVALID_ENROLLMENT_DATA = ("s:EnrollmentServer", "InvalidEnrollmentData", 0x80180019)

    @property
    def subcode(self) -> str:
        """The qualified name in Subcode, with the conventional prefix."""
        return self.value[0]

    @property
    def error_type(self) -> str:
        """The ErrorType in the detail; "" where the subcode says it all."""
        return self.value[1]

    @property
    def hresult(self) -> int:
        """What the headset shows, such as 0x80180002."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal. ``reason`` is read by people at the headset; ``trace_id`` finds it in the log again."""

    kind: FaultKind
    reason: str
    trace_id: str = ""


class FaultReceivedError(PeerError):
    """The server answered with a fault; ``fault`` says which."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"the server refused: {fault.kind.subcode} {fault.kind.error_type}".rstrip())
        self.fault = fault


def render_fault(fault: Fault, *, relates_to: str, action: str = ACTION, activity_id: str = "") -> bytes:
    """Render a fault as a reply to the request with this MessageID.

    The subcodes are written in the mixed case of the tables of [MS-MDE2]; one sample there has lower case.
    """
    kind = fault.kind
    detail = ""
    if kind.error_type or fault.trace_id:
        detail = (
            f'<s:Detail><DeviceEnrollmentServiceError xmlns="{ENROLLMENT}">'
            f"<ErrorType>{kind.error_type or kind.subcode[2:]}</ErrorType>"
            f"<Message>{escape(fault.reason)}</Message><TraceId>{escape(fault.trace_id)}</TraceId></DeviceEnrollmentServiceError></s:Detail>"
        )
    payload = (
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{kind.subcode}</s:Value></s:Subcode>"
        f'</s:Code><s:Reason><s:Text xml:lang="en-us">{escape(fault.reason)}</s:Text></s:Reason>{detail}</s:Fault>'
    )
    return soap.render_reply(action=action, relates_to=relates_to, payload=payload, activity_id=activity_id)


def parse_fault(body: bytes) -> tuple[Fault, str]:
    """Parse a fault and return it with the MessageID it relates to.

    Raises:
        MalformedMessageError: Not a SOAP fault.
    """
    envelope = soap.parse(body)
    fault = fault_of(envelope)
    if fault is None:
        raise MalformedMessageError("the message is not a SOAP fault")
    return fault, envelope.relates_to


def fault_of(envelope: soap.Envelope) -> Fault | None:
    """Return the fault that an envelope holds, or None; an unknown subcode counts as an internal fault."""
    element = envelope.payload
    if element is None or element.tag != f"{{{S}}}Fault":
        return None
    subcode = text_of(element.find(f"{{{S}}}Code/{{{S}}}Subcode/{{{S}}}Value")).rpartition(":")[2]
    reason = text_of(element.find(f"{{{S}}}Reason/{{{S}}}Text"))
    detail = f"{{{S}}}Detail/{{{ENROLLMENT}}}DeviceEnrollmentServiceError/{{{ENROLLMENT}}}"
    error_type = text_of(element.find(f"{detail}ErrorType"))
    return Fault(_kind(subcode, error_type), reason, text_of(element.find(f"{detail}TraceId")))


def _kind(subcode: str, error_type: str) -> FaultKind:
    for kind in FaultKind:
        if kind.error_type and kind.error_type.lower() == error_type.lower():
            return kind
    for kind in FaultKind:
        if not kind.error_type and kind.subcode[2:].lower() == subcode.lower():
            return kind
    return FaultKind.INTERNAL_SERVICE_FAULT


def raise_fault(envelope: soap.Envelope) -> None:
    """Raise the fault that an envelope holds, if it holds one.

    Raises:
        FaultReceivedError: It does.
    """
    fault = fault_of(envelope)
    if fault is not None:
        raise FaultReceivedError(fault)
