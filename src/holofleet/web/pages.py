"""What every page request passes before its route: Host, origin of changes, size and rate (AUTHZ-2, WEB-2)."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from holofleet.web.exchange import ASGIApp, Receive, RefusalError, Request, Scope, Send, send_reply, too_many
from holofleet.web.hosts import Authority, Hosts, parse_authority
from holofleet.web.limits import Limits, TokenBuckets, address_key
from holofleet.web.mdm.endpoint import require_host

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class PageGate:
    """Wraps the pages and whatever else is not for headsets or programs."""

    def __init__(self, app: ASGIApp, *, hosts: Hosts, limits: Limits) -> None:
        self._app = app
        self._hosts = hosts
        self._limits = limits
        self._buckets = TokenBuckets(limits.api.rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            self._check(request)
        except RefusalError as refusal:
            await send_reply(send, refusal.reply)
            return
        await self._app(scope, receive, send)

    def _check(self, request: Request) -> None:
        authority = require_host(request, self._hosts)
        wait_s = self._buckets.take(_key(request))
        if wait_s:
            raise too_many(wait_s)
        if request.header(b"content-length") is not None:
            request.length(self._limits.api.body_bytes)
        if request.method not in _SAFE and not self._is_own_page(request, authority):
            raise RefusalError(HTTPStatus.FORBIDDEN, "This change did not come from a page of this server.")

    def _is_own_page(self, request: Request, asked: Authority) -> bool:
        """Whether a change comes from our own page: by Origin, else by what the browser says of the fetch.

        A browser writes ``null`` for a form on a page without referrer, which all ours are; pages in a sandbox of
        somebody else write it too, and the browser calls those ``cross-site``.
        """
        origin = request.header(b"origin")
        if origin is None or origin == "null":
            return request.header(b"sec-fetch-site") == "same-origin"
        authority = parse_authority(origin.removeprefix("https://")) if origin.startswith("https://") else None
        return authority is not None and authority in (asked, self._hosts.public)


def _key(request: Request) -> str:
    """Count per session where there is one, so that a site behind one address is not one person."""
    cookie = request.header(b"cookie")
    if cookie:
        return hashlib.sha256(cookie.encode("latin-1")).hexdigest()
    return address_key(request.peer)
