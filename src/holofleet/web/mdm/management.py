"""The management endpoint: a SyncML message of a headset that showed its certificate."""

from __future__ import annotations

import logging
from http import HTTPStatus

from holofleet.protocols import media
from holofleet.server.authorization import Action
from holofleet.server.management.cursor import Cursor
from holofleet.server.management.service import Identity, Refusal
from holofleet.web.exchange import RefusalError, Reply, Request, too_many
from holofleet.web.limits import TokenBuckets
from holofleet.web.mdm.endpoint import require_host
from holofleet.web.mdm.identity import require_certificate
from holofleet.web.services import ManagementPort
from holofleet.web.settings import WebSettings

_LOG = logging.getLogger("holofleet.web.mdm")


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
        self._sessions = TokenBuckets(settings.limits.sessions)

    async def answer(self, request: Request) -> Reply:
        request.require_method("POST")
        require_host(request, self._settings.hosts)
        certificate = require_certificate(request, self._settings.proxy)
        identity = await self._management.authenticate(certificate)
        if isinstance(identity, Refusal):
            _LOG.info("no service for a certificate: %s", identity.reason)
            raise RefusalError(HTTPStatus.FORBIDDEN, "This certificate is not served here.")
        request.length(self._limit)
        request.require_content_type(media.SYNCML, media.SYNCML_PLAIN)
        self._check_sessions(identity)
        if certificate in self._in_flight:
            raise too_many(1)
        self._in_flight.add(certificate)
        try:
            answer = await self._management.handle(identity, await request.body(self._limit))
        finally:
            self._in_flight.discard(certificate)
        if answer.opened:
            self._sessions.charge(identity.row.id)
        if answer.status == HTTPStatus.FORBIDDEN:
            # MGT-2: a headset that speaks for another one is worth a look; nothing of it was stored.
            _LOG.warning("enrollment %s from %s: %s", identity.row.id, request.peer, answer.note)
        elif answer.note:
            _LOG.debug("enrollment %s: %s", identity.row.id, answer.note)
        return Reply(answer.status, answer.body, answer.content_type)

    def _check_sessions(self, identity: Identity) -> None:
        """Refuse a headset that begins sessions faster than its rate.

        Whether a message begins one is known only when it was read. A headset in the middle of a session is let
        through, so that what was begun is finished, within as many sessions again.
        """
        key = identity.row.id
        wait_s = self._sessions.wait_s(key)
        if not wait_s:
            return
        burst = self._settings.limits.sessions.burst
        if not Cursor.parse(identity.row.cursor).open or self._sessions.wait_s(key, debt=burst - 1):
            raise too_many(wait_s)
