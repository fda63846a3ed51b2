"""One request and one answer in bare ASGI, for the paths that headsets call.

Everything is judged in the order of its cost: name, rate, identity, length, type, and only then the body is read
(PAR-1). A refusal is an exception that carries its answer; it is never a SOAP message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Any

from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.media import check_content_type

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; its length is always known."""

    status: int
    body: bytes = b""
    content_type: str = PLAIN
    headers: tuple[Header, ...] = ()


class RefusalError(Exception):
    """The request goes no further."""

    def __init__(self, status: HTTPStatus, text: str = "", *headers: Header) -> None:
        super().__init__(status.phrase)
        body = (text or status.phrase).encode() + b"\n"
        self.reply = Reply(status.value, body, headers=headers)


class GoneError(Exception):
    """The peer closed the connection in the middle of its request."""


def too_many(wait_s: float) -> RefusalError:
    """Return the refusal for a peer above its rate, with the time after which it may come again."""
    return RefusalError(HTTPStatus.TOO_MANY_REQUESTS, "", (b"retry-after", b"%d" % max(1, ceil(wait_s))))


class Request:
    """What an endpoint may ask of a request; nothing is read before it is asked for."""

    __slots__ = ("_fields", "_receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self._receive = receive
        self._fields: dict[bytes, bytes | None] = {}
        for name, value in scope["headers"]:
            # A header that stands twice counts as unreadable, see `header`.
            self._fields[name] = None if name in self._fields else value

    @property
    def method(self) -> str:
        """The method, upper case."""
        return str(self.scope["method"])

    @property
    def peer(self) -> str:
        """The address of the socket's other end; no header is believed (DOS-1)."""
        client = self.scope.get("client")
        return client[0] if client else ""

    def header(self, name: bytes) -> str | None:
        """Return a header that may stand once; ``name`` is lower case.

        Raises:
            RefusalError: it stands twice (400).
        """
        value = self._fields.get(name, b"")
        if value is None:
            raise RefusalError(HTTPStatus.BAD_REQUEST, f"The header {name.decode()} stands twice.")
        return value.decode("latin-1") if name in self._fields else None

    def require_method(self, *allowed: str) -> None:
        """Refuse other methods (405)."""
        if self.method not in allowed:
            allow = ", ".join(allowed).encode()
            raise RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, "", (b"allow", allow))

    def length(self, limit: int) -> int:
        """Return the declared length of the body, which has to be declared (411) and within ``limit`` (413)."""
        declared = self.header(b"content-length")
        if declared is None:
            raise RefusalError(HTTPStatus.LENGTH_REQUIRED)
        if not (declared.isascii() and declared.isdigit()):
            raise RefusalError(HTTPStatus.BAD_REQUEST)
        if len(declared) > 12 or int(declared) > limit:
            raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {limit} bytes are taken here.")
        return int(declared)

    def require_content_type(self, *accepted: str) -> None:
        """Refuse other media types and charsets (415)."""
        try:
            check_content_type(self.header(b"content-type"), *accepted)
        except MalformedMessageError as error:
            raise RefusalError(HTTPStatus(error.http_status), error.summary) from error

    async def body(self, limit: int) -> bytes:
        """Read the body, whose length was already judged with the same ``limit``.

        Raises:
            GoneError: the peer went away.
            RefusalError: more came than was announced (413).
        """
        message = await self._receive()
        parts: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise GoneError
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)
            message = await self._receive()


async def send_reply(send: Send, reply: Reply, *, extra: tuple[Header, ...] = ()) -> None:
    """Send an answer whole, with its length."""
    headers: list[Header] = [(b"content-length", b"%d" % len(reply.body))]
    if reply.body:
        headers.append((b"content-type", reply.content_type.encode("latin-1")))
    headers.extend(reply.headers)
    headers.extend(extra)
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
