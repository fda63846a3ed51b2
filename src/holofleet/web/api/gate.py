"""What every call of the API passes before its route: origin, token, rate, size, and a place among the workers.

A stranger's body is never read: the token is judged first. Cookies mean nothing here, so another site's page can
do nothing with them (WEB-2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import unquote

from starlette.applications import Starlette as Router
from starlette.responses import Response
from starlette.routing import BaseRoute

from holofleet.server.audit import done_at_the_machine
from holofleet.server.authorization import LOCAL_ADMIN, Principal
from holofleet.web.api.problem import ProblemError
from holofleet.web.exchange import Receive, RefusalError, Request, Scope, Send
from holofleet.web.limits import Limits, TokenBuckets, address_key

PrincipalOf = Callable[[str], Awaitable[Principal | None]]
STATE_PATH_END = "/state"
OS_USER_HEADER = b"holofleet-os-user"
LONGEST_OS_USER = 64


class Gate:
    """Wraps the API.

    Args:
        app: The routes.
        principal_of: Turns the text of a bearer token into who it is, or ``None``.
        limits: Sizes, rates, workers.
        fixed: Who every caller is: only for calls inside our own process.
    """

    def __init__(
        self, app: Router, *, principal_of: PrincipalOf, limits: Limits, fixed: Principal | None = None
    ) -> None:
        self._app = app
        self.routes: tuple[BaseRoute, ...] = tuple(app.routes)
        self._principal_of = principal_of
        self._limits = limits
        self._fixed = fixed
        self._per_token = TokenBuckets(limits.api.rate)
        self._per_address = TokenBuckets(limits.api.rate)
        self._workers = asyncio.Semaphore(limits.api_workers)
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            principal = await self._admit(request)
            scope["state"] = {**scope.get("state", {}), "principal": principal}
            user = _os_user(request) if principal == LOCAL_ADMIN else ""
            self._check_size(request)
        except RefusalError as refusal:
            await _answer(ProblemError(HTTPStatus(refusal.reply.status)).response(), scope, receive, send)
            return
        except _HeldError as held:
            await _answer(held.response, scope, receive, send)
            return
        with done_at_the_machine(user):
            await self._work(scope, receive, send)

    async def _admit(self, request: Request) -> Principal:
        if self._fixed is not None:
            return self._fixed
        if request.header(b"origin") is not None:
            # No page may call the API: pages have their own routes, and programs send no Origin.
            raise _HeldError(
                ProblemError(HTTPStatus.FORBIDDEN, "no page of a browser may call the API").response()
            )
        kind, _, token = (request.header(b"authorization") or "").partition(" ")
        principal = await self._principal_of(token.strip()) if kind.lower() == "bearer" and token else None
        if principal is None:
            self._count(self._per_address, address_key(request.peer))
            raise _HeldError(_unauthorized())
        self._count(self._per_token, principal.id or principal.actor)
        return principal

    def _count(self, buckets: TokenBuckets, key: str) -> None:
        wait_s = buckets.take(key)
        if wait_s:
            headers = {"retry-after": str(max(1, round(wait_s)))}
            raise _HeldError(ProblemError(HTTPStatus.TOO_MANY_REQUESTS).response(headers))

    def _check_size(self, request: Request) -> None:
        if request.header(b"content-length") is None:
            return
        is_import = request.method == "PUT" and str(request.scope["path"]).endswith(STATE_PATH_END)
        limit = self._limits.import_bytes if is_import else self._limits.api.body_bytes
        try:
            request.length(limit)
        except RefusalError as refusal:
            status = HTTPStatus(refusal.reply.status)
            text = refusal.reply.body.decode().strip()
            raise _HeldError(ProblemError(status, status.phrase.lower(), detail=text).response()) from refusal

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._inside >= self._limits.api_workers + self._limits.api_waiting:
            busy = ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE, "the server is busy", mend="Try again in a moment."
            )
            await _answer(busy.response({"retry-after": "1"}), scope, receive, send)
            return
        self._inside += 1
        try:
            async with self._workers:
                await self._app(scope, receive, send)
        finally:
            self._inside -= 1


def _os_user(request: Request) -> str:
    """Return whom a command of this machine says that it runs as (SECURITY CLI-1)."""
    said = unquote(request.header(OS_USER_HEADER) or "")[:LONGEST_OS_USER]
    return said if said.isprintable() else ""


def _unauthorized() -> Response:
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "no valid token",
        detail="The API takes a bearer token that is known, in date and not revoked.",
        mend="Issue one with `holofleet tokens issue` and send it as Authorization: Bearer hf_...",
    ).response({"www-authenticate": "Bearer"})


async def _answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    await response(scope, receive, send)


class _HeldError(Exception):
    """Carries the answer out of the checks."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response
