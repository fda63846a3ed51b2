"""Discovery, policy and enrollment: SOAP over HTTP.

Bytes that are no message of these services get a bare HTTP status; a well-formed request that is refused gets a
SOAP fault, which is what a headset can show to whoever holds it. The status of a fault is a setting, see
:class:`WebSettings`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TypeVar
from uuid import uuid4

from holofleet.protocols import media
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.mde2 import discovery, enrollment, policy
from holofleet.protocols.mde2.faults import Fault, FaultKind, render_fault
from holofleet.protocols.soap import RefusableMessageError
from holofleet.server.authorization import Action
from holofleet.server.enrollment import EnrollmentFaultError
from holofleet.web.exchange import RefusalError, Reply, Request, too_many
from holofleet.web.limits import EndpointLimits, TokenBuckets, address_key
from holofleet.web.mdm.endpoint import require_host
from holofleet.web.services import EnrollmentPort
from holofleet.web.settings import WebSettings

DISCOVERY_PATH = "/EnrollmentServer/Discovery.svc"
POLICY_PATH = "/EnrollmentServer/Policy.svc"
ENROLLMENT_PATH = "/EnrollmentServer/Enrollment.svc"
MANAGEMENT_PATH = "/ManagementServer/Manage.svc"

_LOG = logging.getLogger("holofleet.web.mdm")
Result = TypeVar("Result")


class Bench:
    """The few threads in which certificates are issued, with a short queue before them.

    Issuing verifies a request, writes to the database and signs. A stranger without a credential costs less, but
    also takes a place; when all places are taken the next one is asked to come again.
    """

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._places = at_once + waiting
        self._taken = 0
        self._pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="enrollment")

    async def run(self, call: Callable[[], Result]) -> Result:
        """Run ``call`` in a thread, or refuse (429) if too many wait already."""
        if self._taken >= self._places:
            raise too_many(1)
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self._taken -= 1


@dataclass(frozen=True)
class Door:
    """What the three services of one listener share."""

    service: EnrollmentPort
    settings: WebSettings
    bench: Bench
    on_device_listener: bool


class SoapEndpoint:
    """The HTTP of one service; each adds :meth:`serve`."""

    action = Action.ENROLL

    def __init__(self, door: Door, limits: EndpointLimits, buckets: TokenBuckets) -> None:
        self.door = door
        self.limits = limits
        self.buckets = buckets

    async def answer(self, request: Request) -> Reply:
        request.require_method("POST")
        return await self._message(request)

    async def _message(self, request: Request) -> Reply:
        wait_s = self.buckets.take(address_key(request.peer))
        if wait_s:
            raise too_many(wait_s)
        hosts = self.door.settings.hosts
        authority = require_host(request, hosts)
        request.length(self.limits.body_bytes)
        request.require_content_type(media.SOAP)
        body = await request.body(self.limits.body_bytes)
        on_device_listener = self.door.on_device_listener
        here = hosts.enrollment_origin(authority, on_device_listener=on_device_listener)
        managed_at = hosts.management_origin(authority, on_device_listener=on_device_listener)
        try:
            return _soap(200, await self.serve(body, here=here, managed_at=managed_at, peer=request.peer))
        except RefusableMessageError as error:
            fault = Fault(FaultKind.MESSAGE_FORMAT, error.summary)
            return self._fault(fault, relates_to=error.message_id)
        except MalformedMessageError as error:
            raise RefusalError(HTTPStatus(error.http_status), error.summary) from error
        except FaultError as error:
            return self._fault(error.fault, relates_to=error.relates_to)

    async def serve(self, body: bytes, *, here: str, managed_at: str, peer: str) -> bytes:
        """Return the rendered reply to a message.

        Args:
            body: The message.
            here: Origin at which the caller goes on enrolling.
            managed_at: Origin of the management endpoint.
            peer: The socket's other end.

        Raises:
            MalformedMessageError: no message of this service.
            FaultError: refused.
        """
        raise NotImplementedError

    def _fault(self, fault: Fault, *, relates_to: str) -> Reply:
        traced = fault if fault.trace_id else replace(fault, trace_id=uuid4().hex)
        _LOG.info("enrollment refused: %s, trace %s", traced.kind.name, traced.trace_id)
        return _soap(self.door.settings.soap_fault_status, render_fault(traced, relates_to=relates_to))


class FaultError(Exception):
    """A refusal by the service, with the request that it answers."""

    def __init__(self, fault: Fault, relates_to: str) -> None:
        super().__init__(fault.kind.name)
        self.fault = fault
        self.relates_to = relates_to


def _soap(status: int, body: bytes) -> Reply:
    return Reply(status, body, media.SOAP_REPLY)


class Discovery(SoapEndpoint):
    """``/EnrollmentServer/Discovery.svc``: GET says that we are here, POST where to go on."""

    async def answer(self, request: Request) -> Reply:
        request.require_method("GET", "HEAD", "POST")
        if request.method == "POST":
            return await self._message(request)
        require_host(request, self.door.settings.hosts)
        return Reply(HTTPStatus.OK.value)

    async def serve(self, body: bytes, *, here: str, managed_at: str, peer: str) -> bytes:
        asked = discovery.parse_request(body)
        try:
            found = self.door.service.discover(
                asked, policy_url=here + POLICY_PATH, enrollment_url=here + ENROLLMENT_PATH
            )
        except EnrollmentFaultError as refusal:
            raise FaultError(refusal.fault, asked.message_id) from refusal
        return discovery.render_response(found, relates_to=asked.message_id)


class Policy(SoapEndpoint):
    """``/EnrollmentServer/Policy.svc``: which certificate to ask for."""

    async def serve(self, body: bytes, *, here: str, managed_at: str, peer: str) -> bytes:
        asked = policy.parse_request(body)
        try:
            found = await self.door.bench.run(partial(self.door.service.policies, asked, peer=peer))
        except EnrollmentFaultError as refusal:
            raise FaultError(refusal.fault, asked.message_id) from refusal
        return policy.render_response(found, relates_to=asked.message_id)


class Enrollment(SoapEndpoint):
    """``/EnrollmentServer/Enrollment.svc``: a certificate and a provisioning document."""

    async def serve(self, body: bytes, *, here: str, managed_at: str, peer: str) -> bytes:
        asked = enrollment.parse_request(body)
        call = partial(self.door.service.issue, asked, management_url=managed_at + MANAGEMENT_PATH, peer=peer)
        try:
            issued = await self.door.bench.run(call)
        except EnrollmentFaultError as refusal:
            raise FaultError(refusal.fault, asked.message_id) from refusal
        return enrollment.render_response(issued, relates_to=asked.message_id)
