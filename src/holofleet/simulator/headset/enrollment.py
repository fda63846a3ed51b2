"""The enrollment of a headset by the on-premise door: discovery, policy, certificate, provisioning document.

The steps and refusals are those of 'Mobile device enrollment' (MS-MDE2); the shape of the messages is that of
recorded clients. A reply that cannot be used ends the enrollment with its reason; what is wrong but bearable is
noted as a violation.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa

from holofleet.errors import PeerError
from holofleet.simulator.headset import soap
from holofleet.simulator.headset.csr import render_request
from holofleet.simulator.headset.identity import (
    MANUFACTURER,
    MODEL,
    OS_EDITION_HOLOGRAPHIC_FOR_BUSINESS,
    DeviceName,
    Dialect,
    Hardware,
)
from holofleet.simulator.headset.markup import Element, MarkupError, is_number
from holofleet.simulator.headset.provisioning import Provisioning, ProvisioningRefusedError, read_provisioning
from holofleet.simulator.network import (
    Endpoint,
    HTTPReply,
    Network,
    ServerBusyError,
    UnreadableReplyError,
    is_busy,
)
from holofleet.simulator.violation import Rule

DISCOVERY_PATH = "/EnrollmentServer/Discovery.svc"
Note = Callable[[Rule, str], None]
_T = TypeVar("_T")
_R = TypeVar("_R")
_HEADERS = "User-Agent: ENROLLClient\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"


class EnrollmentRefusedError(PeerError):
    """The server refused the enrollment with a fault; ``fault`` holds it."""

    def __init__(self, fault: soap.Fault) -> None:
        super().__init__(f"the server refused the enrollment: {fault}")
        self.fault = fault


class UnusableReplyError(PeerError):
    """A reply of the enrollment services cannot be used; ``rule`` says what it broke."""

    def __init__(self, rule: Rule, detail: str) -> None:
        super().__init__(f"the enrollment cannot go on: {detail}")
        self.rule = rule
        self.why = detail


@dataclass(frozen=True, slots=True)
class Credential:
    """What ``holofleet credentials issue`` prints: a user name in the form of a UPN, and a password."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credential({self.username!r})"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks for enrollment, with what."""

    hardware: Hardware
    name: DeviceName
    device_name: str
    build: str
    dialect: Dialect
    credential: Credential
    key: rsa.RSAPrivateKey


class EnrollmentClient:
    """Runs one enrollment.

    Args:
        network: How to reach the server.
        server_url: Address that the technician typed, ``https://host[:port]``.
        applicant: Who asks.
        note: Takes violations that do not end the enrollment.
    """

    def __init__(self, network: Network, server_url: str, *, applicant: Applicant, note: Note) -> None:
        self._network = network
        self._server_url = server_url.rstrip("/")
        self._applicant = applicant
        self._note = note

    async def run(self, now: datetime) -> Provisioning:
        """Enroll and return what the headset was given.

        Args:
            now: By the headset's clock.

        Raises:
            EnrollmentRefusedError: a SOAP fault.
            UnusableReplyError: a reply that breaks the protocol.
            ServerBusyError: the server asks to come again later.
            ConnectionLostError, UntrustedServerError, UnreadableReplyError, PowerLostError: from the network.
        """
        discovery = await self._discover()
        sha256 = await self._ask_policy(discovery.policy_url) if discovery.policy_url else False
        if not discovery.policy_url:
            self._note(Rule.DISCOVERY, "no EnrollmentPolicyServiceUrl: the client falls back to SHA-1")
        document = await self._request_token(discovery.enrollment_url, sha256=sha256)
        try:
            return read_provisioning(document, key=self._applicant.key.public_key(), now=now)
        except ProvisioningRefusedError as error:
            raise UnusableReplyError(Rule.PROVISIONING, str(error)) from error

    async def _discover(self) -> soap.DiscoveryResult:
        url = f"{self._server_url}{DISCOVERY_PATH}"
        probe = await self._network.exchange("GET", url, headers="User-Agent: ENROLLClient\r\n")
        if is_busy(probe):
            raise ServerBusyError(probe)
        if probe.status != 200 or probe.body:
            self._note(Rule.DISCOVERY, f"the probe by GET got HTTP {probe.status} with {len(probe.body)} bytes")
        windows_11 = self._applicant.dialect is Dialect.WINDOWS_11
        body = soap.discover_body(
            email=self._applicant.credential.username,
            request_version="5.0" if windows_11 else "4.0",
            application_version=self._applicant.build,
            os_edition=OS_EDITION_HOLOGRAPHIC_FOR_BUSINESS,
        )
        result = self._read(soap.read_discovery, await self._call(url, soap.DISCOVER, security="", body=body))
        self._check_discovery(result)
        return result

    def _check_discovery(self, result: soap.DiscoveryResult) -> None:
        if result.auth_policy != "OnPremise":
            raise UnusableReplyError(Rule.DISCOVERY, f"AuthPolicy {result.auth_policy!r} was not offered")
        if not result.enrollment_url or not result.version:
            raise UnusableReplyError(Rule.DISCOVERY, "EnrollmentServiceUrl or EnrollmentVersion is missing")
        if result.authentication_url:
            self._note(Rule.DISCOVERY, "AuthenticationServiceUrl belongs to federated enrollment only")
        expected = ("AuthPolicy", "EnrollmentVersion", "EnrollmentPolicyServiceUrl", "EnrollmentServiceUrl")
        if (order := tuple(name for name in result.order if name in expected)) != tuple(
            name for name in expected if name in order
        ):
            self._note(Rule.DISCOVERY, f"the elements of DiscoverResult stand in the order {', '.join(order)}")
        for url in filter(None, (result.enrollment_url, result.policy_url)):
            try:
                Endpoint.parse(url)
            except UnreadableReplyError as error:
                raise UnusableReplyError(Rule.DISCOVERY, str(error)) from error
        if result.policy_url and urlsplit(result.policy_url).hostname != urlsplit(result.enrollment_url).hostname:
            raise UnusableReplyError(Rule.DISCOVERY, "policy and enrollment services are on different hosts")

    async def _ask_policy(self, url: str) -> bool:
        """Return whether the policy names SHA-256; Windows honors only key length, hash and providers."""
        payload = await self._call(url, soap.GET_POLICIES, security=self._security(), body=soap.policies_body())
        policy = self._read(soap.read_policies, payload)
        if policy.schema != "3":
            self._note(Rule.POLICY, f"policySchema {policy.schema!r}: only schema 3 names a hash")
        if (
            not is_number(policy.minimal_key_length)
            or int(policy.minimal_key_length) > self._applicant.key.key_size
        ):
            raise UnusableReplyError(Rule.POLICY, f"minimalKeyLength {policy.minimal_key_length!r} cannot be met")
        if policy.hash_oid != soap.SHA256:
            self._note(Rule.POLICY, f"hash {policy.hash_oid!r} is not SHA-256: the client falls back to SHA-1")
        return policy.hash_oid == soap.SHA256

    async def _request_token(self, url: str, *, sha256: bool) -> bytes:
        who = self._applicant
        request = render_request(who.name, who.key, dialect=who.dialect, sha256=sha256)
        body = soap.token_body(request, self._context_items())
        payload = await self._call(url, soap.REQUEST_TOKEN, security=self._security(), body=body)
        return self._read(soap.read_token, payload)

    def _context_items(self) -> list[tuple[str, str]]:
        who = self._applicant
        items = [
            ("UXInitiated", "True"),
            ("HWDevID", who.hardware.hardware_id),
            ("Locale", "en-US"),
            ("TargetedUserLoggedIn", "True"),
            ("OSEdition", str(OS_EDITION_HOLOGRAPHIC_FOR_BUSINESS)),
            ("DeviceName", who.device_name),
            *[("MAC", who.hardware.mac)] * 6,
            ("DeviceID", who.name.device_id),
            ("EnrollmentType", "Full"),
            ("DeviceType", "CIMClient_Windows"),
            ("OSVersion", who.build),
            ("ApplicationVersion", who.build),
            ("NotInOobe", "false"),
        ]
        if who.dialect is Dialect.WINDOWS_11:
            items += [
                ("RequestVersion", "9.0"),
                ("Manufacturer", MANUFACTURER),
                ("DeviceModel", MODEL),
                ("SerialNumber", who.hardware.serial),
            ]
        else:
            items.append(("RequestVersion", "4.0"))
        return items

    def _security(self) -> str:
        return soap.security_header(self._applicant.credential.username, self._applicant.credential.password)

    async def _call(self, url: str, action: str, *, security: str, body: str) -> Element:
        message_id = f"urn:uuid:{uuid.uuid4()}"
        # Recorded clients write the port into To, and the host in the case in which it was typed.
        to = url if urlsplit(url).port else url.replace(urlsplit(url).netloc, f"{urlsplit(url).netloc}:443", 1)
        request = soap.envelope(action=action, to=to, message_id=message_id, security=security, body=body)
        reply = await self._network.exchange("POST", url, headers=_HEADERS, body=request)
        self._check_http(reply)
        envelope = self._read(soap.read_envelope, reply.body)
        if envelope.fault is not None:
            raise EnrollmentRefusedError(envelope.fault)
        if envelope.relates_to != message_id:
            self._note(Rule.ADDRESSING, f"RelatesTo {envelope.relates_to!r} is not the MessageID of the request")
        if envelope.action != soap.REPLY_ACTION[action]:
            self._note(Rule.ADDRESSING, f"action {envelope.action!r} does not answer {action}")
        if envelope.payload is None:
            raise UnusableReplyError(Rule.WELL_FORMED, "the reply has an empty body")
        return envelope.payload

    def _check_http(self, reply: HTTPReply) -> None:
        is_soap = reply.content_type == "application/soap+xml"
        if reply.status == 500 and is_soap:
            return  # a fault; reading it says more than the status
        if is_busy(reply):
            raise ServerBusyError(reply)
        if reply.status != 200:
            raise UnusableReplyError(Rule.HTTP_STATUS, f"HTTP {reply.status} (0x80190{reply.status:03X})")
        if not is_soap:
            self._note(Rule.CONTENT_TYPE, f"{reply.content_type!r} is not application/soap+xml")

    @staticmethod
    def _read(reader: Callable[[_T], _R], value: _T) -> _R:
        try:
            return reader(value)
        except MarkupError as error:
            raise UnusableReplyError(Rule.WELL_FORMED, str(error)) from error
