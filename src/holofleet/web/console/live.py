"""Live pages: one stream of events a page, and the parts of the page that changed.

Events are numbered in the database, so several processes see the same ones. While somebody listens, one task asks
for new events, once a second; what changed is rendered once for everybody who sees the same clients, and a page
gets at most one message a second. Scope and session are checked when a stream opens and again while it runs.
Without script nothing of this is needed: every page is whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from holofleet.clock import monotonic_s
from holofleet.errors import HolofleetError
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import Principal, Scope
from holofleet.server.events import Event
from holofleet.server.fleet.views import Overview
from holofleet.web.console.regions import VIEWS, View
from holofleet.web.console.shell import Console
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

_LOG = logging.getLogger("holofleet.web.console.live")
STEP_S = 1.0
BATCH = 500
QUIET_S = 30.0
"""Without an event the page is made again this often: ages pass and headsets become late without any event."""
BEAT_S = 4.0
"""A comment keeps the connection open, and session, roles and scope are looked at again (SECURITY AUTHZ-3)."""
MOST_STREAMS = 200
MOST_OF_ONE = 12
"""Streams of one session: a browser opens six to a host, and nobody takes the places of everybody else."""


@dataclass
class _Listener:
    """One open stream: what it waits for."""

    scope: Scope
    serial: str
    woken: asyncio.Event
    session: str

    def concerns(self, event: Event) -> bool:
        """Whether the page has to be made again because of an event."""
        if not self.scope.includes(event.client):
            return False
        of_all = not event.serial and not event.enrollment
        return not self.serial or of_all or event.serial == self.serial


class Pulse:
    """Asks for new events while anybody listens, and wakes those whom they concern."""

    def __init__(self, read: Callable[[int], list[Event]], step_s: float = STEP_S) -> None:
        self._read = read
        self._step_s = step_s
        self._by_id: dict[int, _Listener] = {}
        self._task: asyncio.Task[None] | None = None
        self.sequence = 0
        self.turn = 0

    @property
    def listening(self) -> int:
        """How many streams are open."""
        return len(self._by_id)

    def of(self, session: str) -> int:
        """Return how many of them are of one session."""
        return sum(listener.session == session for listener in self._by_id.values())

    def join(self, listener: _Listener, after: int) -> None:
        """Start to wake a listener; ``after`` is the newest event that its page has seen."""
        if not self._by_id:
            self.sequence = after
        elif after < self.sequence:
            listener.woken.set()
        self._by_id[id(listener)] = listener
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self, listener: _Listener) -> None:
        """Wake it no more; the last one stops the asking."""
        self._by_id.pop(id(listener), None)
        if not self._by_id and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                events = await run_in_threadpool(self._read, self.sequence)
            except HolofleetError:
                _LOG.warning("events cannot be read now; live pages wait", exc_info=True)
                events = []
            if events:
                self.sequence = max(event.sequence for event in events)
                self.turn += 1
                for listener in list(self._by_id.values()):
                    if any(listener.concerns(event) for event in events):
                        listener.woken.set()
            await asyncio.sleep(self._step_s)


class Live:
    """The route ``/events``."""

    def __init__(self, console: Console, *, step_s: float = STEP_S) -> None:
        self._console = console
        self._pulse = Pulse(self._events_after, step_s)
        self._step_s = step_s
        self._made: dict[tuple[object, ...], asyncio.Task[str]] = {}
        self._made_at = (-1, -1)

    def route(self) -> Route:
        """Return the route."""

        @declares(*sorted({view.action for view in VIEWS.values()}))
        async def events(request: Request) -> Response:
            return await self._open(request)

        return Route("/events", events, methods=["GET"])

    async def _open(self, request: Request) -> Response:
        principal = await self._console.visitor(request)
        if principal is None:
            return Response(status_code=401)
        view = VIEWS.get(request.query_params.get("view", ""))
        if view is None:
            return Response(status_code=404)
        visit = self._visit(request, principal)
        if not visit.may(view.action):
            return Response(status_code=403)
        if self._pulse.of(principal.id) >= MOST_OF_ONE:
            return Response(status_code=429, headers={"retry-after": "30"})
        if self._pulse.listening >= MOST_STREAMS:
            return Response(status_code=503, headers={"retry-after": "30"})
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        seen = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
        if not self._pulse.listening:
            # The number is the browser's word; a wrong one must not make everybody deaf.
            seen = min(seen, await run_in_threadpool(self._newest_event))
        return StreamingResponse(
            self._stream(request, view, principal, seen),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def _stream(self, request: Request, view: View, principal: Principal, seen: int) -> AsyncIterator[str]:
        listener = _Listener(principal.scope, view.serial(request), asyncio.Event(), principal.id)
        stopping: asyncio.Event | None = getattr(request.state, "stopping", None)
        self._pulse.join(listener, seen)
        if self._pulse.of(principal.id) > MOST_OF_ONE:  # several came at one moment
            self._pulse.leave(listener)
            return
        sent, beat, made = "", monotonic_s(), monotonic_s()
        try:
            yield ": live\n\n"
            while stopping is None or not stopping.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(listener.woken.wait(), self._step_s)
                now = monotonic_s()
                if now - beat >= BEAT_S:
                    beat = now
                    if await self._console.visitor(request, touch=False) != principal:
                        yield "event: signed-out\ndata:\n\n"
                        return
                    yield ":\n\n"
                if not listener.woken.is_set() and now - made < QUIET_S:
                    continue
                listener.woken.clear()
                made = now
                # Read first: what is rendered may be newer than this number, never older.
                sequence = self._pulse.sequence
                html = await self._fragments(request, view, principal)
                if html and html != sent:
                    sent = html
                    yield _message(sequence, html)
                    await asyncio.sleep(self._step_s)
        finally:
            self._pulse.leave(listener)

    async def _fragments(self, request: Request, view: View, principal: Principal) -> str:
        """Return the parts of a page; one rendering serves all who would see the same."""
        moment = (self._pulse.turn, int(monotonic_s() // QUIET_S))
        if moment != self._made_at:
            self._made, self._made_at = {}, moment
        visit = self._visit(request, principal)
        query = tuple(sorted((k, v) for k, v in request.query_params.items() if k != "after"))
        owner = visit.csrf if view.personal or self._console.demo else ""
        key = (query, principal.scope, principal.roles, owner)
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = asyncio.create_task(run_in_threadpool(self._render, view, visit))
        return await asyncio.shield(task)

    def _render(self, view: View, visit: Visit) -> str:
        try:
            return view.render(visit)
        except HolofleetError:
            # The page keeps what it shows, with its age; the next event tries again.
            _LOG.info("a live part of %s could not be made", visit.request.url.path, exc_info=True)
            return ""

    def _visit(self, request: Request, principal: Principal) -> Visit:
        cookie = request.cookies.get(COOKIE_NAME, "")
        services = self._console.services
        return Visit(self._console, request, principal, services.access.csrf_token(cookie), services.clock.now())

    def _newest_event(self) -> int:
        overview: Overview = self._console.services.fleet.overview(Scope.every())
        return overview.newest_event

    def _events_after(self, sequence: int) -> list[Event]:
        return list(self._console.services.fleet.events_after(Scope.every(), sequence, BATCH))


def _message(sequence: int, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line)
    return f"id: {sequence}\n{lines}\n"
