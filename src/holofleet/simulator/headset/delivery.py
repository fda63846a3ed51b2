"""Carries the messages of a management session over the network, as the HTTP layer of a real client does.

A message that was not answered is sent again with the same bytes; a server that is busy or failing is asked again
after growing pauses. A repeated message has to get the same answer: where the simulation knows the lost one, it
compares.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from holofleet.simulator.headset.session import End, ManagementSession, SessionRecord
from holofleet.simulator.network import (
    ConnectionLostError,
    HTTPReply,
    Network,
    PowerLostError,
    UnreadableReplyError,
    is_busy,
    retry_after_s,
)
from holofleet.simulator.violation import Rule

ATTEMPTS = 4
_MEDIA_TYPES = ("application/vnd.syncml.dm+xml", "application/vnd.syncml+xml")
_HEADERS = (
    "Accept: application/vnd.syncml.dm+xml, application/vnd.syncml.dm+wbxml, application/octet-stream\r\n"
    "Accept-Charset: UTF-8\r\nUser-Agent: MSFT OMA DM Client/1.2.0.1\r\nClient-Request-Id: 0\r\n"
    "Content-Type: application/vnd.syncml.dm+xml\r\n"
)
Pause = Callable[[float], Awaitable[object]]
"""Waits for so many seconds."""


class Delivery:
    """The way from a headset to the management address of its server.

    Args:
        network: With the headset's certificate.
        address: ADDR of the provisioning document.
        pause: Waits before a retry.
    """

    def __init__(self, network: Network, address: str, *, pause: Pause) -> None:
        self._network = network
        self._url = f"{address}{'&' if '?' in address else '?'}mode=Maintenance&Platform=WoA"
        self._pause = pause

    async def run(self, session: ManagementSession) -> SessionRecord:
        """Run a session to its end; how it ended is in its record.

        Raises:
            UntrustedServerError: the server's certificate is not trusted.
        """
        message: bytes | None = session.open()
        try:
            while message is not None:
                reply = await self._post(session, message)
                message = None if reply is None else session.receive(reply)
        except PowerLostError:
            session.record.end = End.POWER_LOST
        except ConnectionLostError:
            session.record.end = End.INTERRUPTED
        except UnreadableReplyError as error:
            session.note(Rule.LENGTH, str(error))
            session.record.end = End.BROKEN
        return session.record

    async def _post(self, session: ManagementSession, message: bytes) -> bytes | None:
        """Send a message until it is answered: the same bytes again after a lost reply or a server error."""
        lost: bytes | None = None
        for attempt in range(1, ATTEMPTS + 1):
            try:
                reply = await self._network.exchange(
                    "POST", self._url, headers=_HEADERS, body=message, certified=True
                )
            except ConnectionLostError as error:
                lost = error.lost_reply or lost
                if attempt == ATTEMPTS:
                    raise
                wait_s = 2.0 ** (attempt - 1)
            else:
                if reply.status < 500 and not is_busy(reply):
                    return self._accept(session, reply, lost)
                wait_s = max(2.0 ** (attempt - 1), retry_after_s(reply))
            await self._pause(wait_s)
        raise ConnectionLostError(f"the server answered {ATTEMPTS} times with an error")

    def _accept(self, session: ManagementSession, reply: HTTPReply, lost: bytes | None) -> bytes | None:
        if reply.status != 200:
            if reply.status != 403:
                session.note(Rule.HTTP_STATUS, f"HTTP {reply.status}")
            session.record.end = End.REFUSED
            return None
        if reply.content_type not in _MEDIA_TYPES:
            session.note(Rule.CONTENT_TYPE, f"{reply.content_type!r} is no SyncML")
        if lost is not None and lost != reply.body:
            session.note(Rule.REPEAT, "the message was repeated and got another answer than the lost one")
        return reply.body
