"""The client: one request or one batch on the wire, and what came back. It decides nothing.

TLS is always verified, redirects are never followed, and the token goes to the configured origin only, never
over plain http (SECURITY GRA-1). Only requests of registered operations are sent (SECURITY GRA-2).

Source: 'Combine multiple HTTP requests using JSON batching' (Microsoft).
"""

from __future__ import annotations

import json
import logging
import ssl
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from holofleet.errors import PeerError, RefusedError
from holofleet.targets.graph.operations import OPERATIONS, Request, Response, Version
from holofleet.targets.graph.origin import Origin
from holofleet.targets.graph.tokens import Token, TokenSource

BATCH_LIMIT: Final = 20
TIMEOUT_S: Final = 100.0
LARGEST_ANSWER: Final = 64 * 1024 * 1024
_LOG = logging.getLogger("holofleet.targets.graph")
_BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer.

    Args:
        reason: For people.
        perhaps_done: False only where the request surely never arrived.
    """

    reason: str
    perhaps_done: bool


class GraphClient:
    """One tenant's Graph.

    Args:
        origin: Where it is.
        http: Made by :func:`http_client`, or a stand-in of the tests; must not follow redirects.
        tokens: Where tokens come from; never asked for a plain-http emulator.
    """

    def __init__(self, origin: Origin, http: httpx2.AsyncClient, tokens: TokenSource | None = None) -> None:
        if origin.carries_token and tokens is None:
            raise RefusedError(f"{origin.url} wants a sign-in", mend="Say how to sign in.")
        self.origin = origin
        self.round_trips = 0
        self._http = http
        self._tokens = tokens if origin.carries_token else None
        self._renew = False

    async def token(self) -> Token | None:
        """Return the token in use; ``None`` for an emulator.

        Raises:
            SignInError: there is none.
        """
        if self._tokens is None:
            return None
        fresh, self._renew = self._renew, False
        return await self._tokens.token(fresh=fresh)

    def renew(self) -> None:
        """The token was refused: get a new one before the next request."""
        self._renew = True

    async def send(self, request: Request, url: str) -> Response | Lost:
        """Send one request; ``url`` is its own, or where its list goes on, below the version."""
        _check(request)
        operation = request.operation
        answer = await self._exchange(operation.method, f"/{operation.version}{url}", request.body)
        _note(operation.name, operation.method, request.path, answer)
        return answer

    async def batch(self, version: Version, items: Sequence[tuple[Request, str]]) -> list[Response | Lost]:
        """Send up to 20 requests of one version as one; the outcomes are in the order of the requests.

        Raises:
            ValueError: too many, or one that must not be in a batch: a fault of the caller.
        """
        if not 1 <= len(items) <= BATCH_LIMIT:
            raise ValueError(f"a batch has 1 to {BATCH_LIMIT} requests, not {len(items)}")
        requests = []
        for index, (request, url) in enumerate(items):
            _check(request)
            if request.operation.alone or request.operation.version != version:
                raise ValueError(f"{request.operation.name} cannot be in this batch")
            requests.append(_item(str(index + 1), request, url))
        answer = await self._exchange("POST", f"/{version}/$batch", {"requests": requests})
        outcomes = _outcomes(answer, len(items))
        for (request, _), outcome in zip(items, outcomes, strict=True):
            _note(request.operation.name, request.operation.method, request.path, outcome)
        return outcomes

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _exchange(self, method: str, path: str, body: Any) -> Response | Lost:
        headers = {"client-request-id": str(uuid.uuid4()), "Accept": "application/json"}
        token = await self.token()
        if token is not None:
            headers["Authorization"] = f"Bearer {token.value}"
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.round_trips += 1
        try:
            answer = await self._http.request(
                method, self.origin.url + path, content=content, headers=headers, follow_redirects=False
            )
        except httpx2.TransportError as error:
            return Lost(type(error).__name__, not isinstance(error, _BEFORE_SENDING))
        except httpx2.DecodingError:
            return Lost("an answer that cannot be decoded", perhaps_done=True)
        return _response(answer)


def http_client(origin: Origin) -> httpx2.AsyncClient:
    """Return the HTTP client for an origin: the system's trust store, no redirects; no proxy to this machine."""
    return httpx2.AsyncClient(
        verify=ssl.create_default_context(),
        follow_redirects=False,
        timeout=TIMEOUT_S,
        trust_env=origin.carries_token,
    )


def _check(request: Request) -> None:
    if OPERATIONS.get(request.operation.name) is not request.operation:
        raise RefusedError(f"{request.operation.name} is not a registered operation; it is not sent")


def _item(number: str, request: Request, url: str) -> dict[str, Any]:
    item: dict[str, Any] = {"id": number, "method": request.operation.method, "url": url}
    if request.body is not None:
        item["headers"] = {"Content-Type": "application/json"}
        item["body"] = request.body
    return item


def _response(answer: httpx2.Response) -> Response | Lost:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if 300 <= answer.status_code < 400:
        raise PeerError(
            f"the Graph answered with a redirect ({answer.status_code}); it is not followed",
            mend="Check --graph-url; a proxy that wants a sign-in may be in between.",
        )
    if len(answer.content) > LARGEST_ANSWER:
        raise PeerError(f"an answer of {len(answer.content)} bytes is more than is read")
    body: Any = None
    if answer.content:
        try:
            body = answer.json()
        except ValueError:
            if answer.status_code < 400:
                return Lost("an answer that is not JSON", perhaps_done=True)
    return Response(answer.status_code, headers, body)


def _outcomes(answer: Response | Lost, count: int) -> list[Response | Lost]:
    """Return one outcome for each item; a whole that failed is the outcome of every item."""
    if isinstance(answer, Lost) or not answer.ok:
        return [answer] * count
    listed = answer.body.get("responses") if isinstance(answer.body, Mapping) else None
    by_number: dict[str, Response] = {}
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, Mapping) and isinstance(item.get("status"), int):
            given = item.get("headers")
            headers = given if isinstance(given, Mapping) else {}
            by_number[str(item.get("id"))] = Response(
                item["status"], {str(k).lower(): str(v) for k, v in headers.items()}, item.get("body")
            )
    silent = Lost("a batch that does not say what became of it", perhaps_done=True)
    return [by_number.get(str(index + 1), silent) for index in range(count)]


def _note(name: str, method: str, path: str, outcome: Response | Lost) -> None:
    """Log one request: no query, no body, no header (SECURITY LOG-1)."""
    if isinstance(outcome, Lost):
        _LOG.info("%s %s %s: no answer (%s)", name, method, path, outcome.reason)
    else:
        _LOG.info(
            "%s %s %s: %d request-id=%s", name, method, path, outcome.status, outcome.headers.get("request-id", "")
        )
