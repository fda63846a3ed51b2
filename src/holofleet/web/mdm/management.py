"""The management endpoint: a SyncML message of a headset that showed its certificate."""

from __future__ import annotations

from http import HTTPStatus

from holofleet.protocols import media
from holofleet.server.authorization import Action
from holofleet.server.management.service import Refusal
from holofleet.web.exchange import RefusalError, Reply, Request, too_many
from holofleet.web.mdm.endpoint import require_host
from holofleet.web.mdm.identity import require_certificate
from holofleet.web.services import ManagementPort
from holofleet.web.settings import WebSettings


class ManagementEndpoint:
    """POST ``/ManagementServer/Manage.svc`` on the device listener.

    The certificate leads to an enrollment before a byte of the body is read, on every request: a connection or a
    TLS session outlives a revocation (MGT-1).
    """

    action = Action.CHECK_IN

    def __init__(self, management: ManagementPort, settings: WebSettings) -> None:
        self._management = management
        self._settings = settings
        self._limit = settings.limits.management_bytes
        self._in_flight: set[bytes] = set()

    async def answer(self, request: Request) -> Reply:
        request.require_method("POST")
        require_host(request, self._settings.hosts)
        certificate = require_certificate(request, self._settings.proxy)
        identity = await self._management.authenticate(certificate)
        if isinstance(identity, Refusal):
            raise RefusalError(HTTPStatus.FORBIDDEN, "This certificate is not served here.")
        request.length(self._limit)
        request.require_content_type(media.SYNCML, media.SYNCML_PLAIN)
        if certificate in self._in_flight:
            raise too_many(1)
        self._in_flight.add(certificate)
        try:
            body = await request.body(self._limit)
            answer = await self._management.handle(identity, body)
        finally:
            self._in_flight.discard(certificate)
        return Reply(answer.status, answer.body, answer.content_type)
