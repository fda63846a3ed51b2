"""What the paths for headsets share: dispatch by exact path, the Host check, and the answer to a refusal."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Protocol

from holofleet.errors import StorageError
from holofleet.server.authorization import Action
from holofleet.web.exchange import (
    ASGIApp,
    GoneError,
    Header,
    Receive,
    RefusalError,
    Reply,
    Request,
    Scope,
    Send,
    send_reply,
)
from holofleet.web.hosts import Authority, Hosts

_HEADERS: tuple[Header, ...] = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


_LATER: tuple[Header, ...] = ((b"retry-after", b"60"),)
_LOG = logging.getLogger("holofleet.web.mdm")


class Endpoint(Protocol):
    """One path: what it does, and its answer to a request."""

    action: Action

    async def answer(self, request: Request) -> Reply:
        """Return the answer.

        Raises:
            RefusalError: the request goes no further.
            GoneError: the peer went away.
        """
        ...


class Path:
    """An endpoint at its path, with the shape of a route for the inventory of routes."""

    def __init__(self, path: str, endpoint: Endpoint) -> None:
        self.path = path
        self.endpoint = endpoint
        self.holofleet_actions = frozenset({endpoint.action})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            reply = await self.endpoint.answer(request)
        except RefusalError as refusal:
            reply = refusal.reply
        except GoneError:
            return
        except StorageError as error:
            _LOG.error("the database cannot be used: %s", error.summary)
            reply = Reply(HTTPStatus.SERVICE_UNAVAILABLE.value, b"Try again later.\n", headers=_LATER)
        await send_reply(send, reply, extra=_HEADERS)


class Paths:
    """Dispatches by exact path, or by the path in lower case; everything else goes to ``otherwise``.

    Case does not count because the service that headsets know ignores it, and people type these addresses.
    """

    def __init__(self, paths: Iterable[Path], *, otherwise: ASGIApp | None = None) -> None:
        self.paths = tuple(paths)
        self._by_path = {path.path: path for path in self.paths}
        self._by_path |= {path.path.lower(): path for path in self.paths}
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = str(scope["path"])
            found = self._by_path.get(path) or self._by_path.get(path.lower())
            if found is not None:
                await found(scope, receive, send)
                return
        if self._otherwise is not None:
            await self._otherwise(scope, receive, send)
        elif scope["type"] == "http":
            await send_reply(send, Reply(HTTPStatus.NOT_FOUND.value, b"Not Found\n"), extra=_HEADERS)


def require_host(request: Request, hosts: Hosts) -> Authority:
    """Return the checked Host of a request, or refuse (400)."""
    authority = hosts.accept(request.header(b"host") or "")
    if authority is None:
        raise RefusalError(HTTPStatus.BAD_REQUEST, "This server does not go by that name.")
    return authority
