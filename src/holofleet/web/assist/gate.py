"""What an upgrade passes before anything is read from it: path, Host, exact Origin, subprotocol, rate (WEB-2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from holofleet.protocols.signaling import SUBPROTOCOL
from holofleet.server.authorization import Action
from holofleet.web.exchange import RefusalError, Request, Scope, Send
from holofleet.web.hosts import Hosts, parse_authority
from holofleet.web.limits import Limits, TokenBuckets, address_key
from holofleet.web.mdm.endpoint import require_host

SOCKET_PATH: Final = "/assist/socket"


@dataclass(frozen=True)
class SocketRoute:
    """The socket in the inventory of routes."""

    path: str = SOCKET_PATH
    holofleet_actions: frozenset[Action] = frozenset(
        {Action.PLACE_CALL, Action.ANSWER_CALLS, Action.JOIN_AS_GUEST}
    )


class SocketGate:
    """Judges upgrades."""

    def __init__(self, *, hosts: Hosts, limits: Limits, origins: Iterable[str] = ()) -> None:
        """Take what is needed.

        Args:
            hosts: Our names.
            limits: Upgrades of one address count like calls of the API.
            origins: Further origins whose pages may open sockets, such as that of the call pages alone.
        """
        self._hosts = hosts
        self._origins = frozenset(origins)
        self._buckets = TokenBuckets(limits.api.rate)

    def judge(self, scope: Scope) -> None:
        """Let an upgrade pass.

        Raises:
            RefusalError: it goes no further.
        """
        request = _Upgrade(scope)
        authority = require_host(request, self._hosts)
        wait_s = self._buckets.take(address_key(request.peer))
        if wait_s:
            raise RefusalError(HTTPStatus.TOO_MANY_REQUESTS)
        origin = request.header(b"origin") or ""
        if origin not in self._origins and not self._is_ours(origin, {authority, self._hosts.public}):
            raise RefusalError(HTTPStatus.FORBIDDEN, "This socket was not opened by a page of this server.")
        if SUBPROTOCOL not in scope.get("subprotocols", ()):
            raise RefusalError(HTTPStatus.BAD_REQUEST, f"This socket speaks {SUBPROTOCOL}.")

    @staticmethod
    def _is_ours(origin: str, known: Iterable[object]) -> bool:
        # A socket can be opened by any page of any site, with our cookies: no Origin is as bad as a foreign one.
        if not origin.startswith("https://"):
            return False
        authority = parse_authority(origin.removeprefix("https://"))
        return authority is not None and authority in known


class _Upgrade(Request):
    """The head of an upgrade; there is nothing to read behind it."""

    def __init__(self, scope: Scope) -> None:
        async def nothing() -> dict[str, object]:
            return {"type": "http.disconnect"}

        super().__init__(scope, nothing)


def cookies_of(scope: Scope) -> Mapping[str, str]:
    """Return the cookies of a request; none where they cannot be read, or stand twice."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, equals, text = part.strip().partition("=")
                if not equals or key in found:
                    return {}
                found[key] = text
    return found


async def refuse(send: Send, refusal: RefusalError) -> None:
    """Answer an upgrade with a status instead of a socket."""
    reply = refusal.reply
    headers = [(b"content-type", reply.content_type.encode()), (b"cache-control", b"no-store")]
    await send({"type": "websocket.http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": reply.body})
