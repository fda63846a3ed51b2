"""The socket of a party: messages in, answers and what the party is told out.

One task reads and one writes. Messages of one socket are done in the order in which they came: one after the
other, but for signals, which go together (:mod:`holofleet.web.assist.post`) and are waited for by whatever comes
behind them. What waits for the database does so in a thread. Whoever is on the socket is asked again while it is
open: a session that ended, a pairing or a role that was withdrawn closes it (SECURITY AUTHZ-3).
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from holofleet.clock import Clock, monotonic_s
from holofleet.errors import HolofleetError
from holofleet.protocols.signaling import (
    CLOSE_RATE,
    CLOSE_REFUSED,
    CLOSE_REPLACED,
    CLOSE_SIGNED_OUT,
    CLOSE_SLOW,
    CLOSE_UNREADABLE,
    SUBPROTOCOL,
    VERSION,
    MessageError,
    messages,
    read,
    write,
)
from holofleet.server.assist import Line, Party
from holofleet.server.assist.signals import SIGNALS, SignalMessage
from holofleet.web.assist.gate import SocketGate, cookies_of, refuse
from holofleet.web.assist.hub import Hub
from holofleet.web.assist.who import WhoIsThere
from holofleet.web.exchange import Receive, RefusalError, Scope, Send
from holofleet.web.limits import Rate

_LOG = logging.getLogger("holofleet.web.assist")
HELLO_S: Final = 10.0
CHECK_S: Final = 5.0
"""How often it is asked again who is on a socket."""
SOCKETS: Final = 2
"""Of one session; the oldest gives way."""
MESSAGES: Final = Rate(30, 60)
MOST_ERRORS: Final = 20
BACKLOG_BYTES: Final = 1024 * 1024
GOING_AWAY: Final = 1001
_ASKS_AGAIN = (messages.CallInvite, messages.CallAccept)


class AssistSocket:
    """The ASGI application of the socket."""

    def __init__(self, hub: Hub, gate: SocketGate, who: WhoIsThere, clock: Clock) -> None:
        self.hub = hub
        self._gate = gate
        self._who = who
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._gate.judge(scope)
            cookies = cookies_of(scope)
            parties = await self.hub.in_thread(self._who.parties, cookies)
            if not parties:
                raise RefusalError(HTTPStatus.FORBIDDEN, "Nobody who takes part in calls is signed in here.")
        except RefusalError as refusal:
            await refuse(send, refusal)
            return
        except HolofleetError:
            await refuse(send, RefusalError(HTTPStatus.SERVICE_UNAVAILABLE))
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        stopping = scope.get("state", {}).get("stopping")
        connection = Connection(self.hub, self._who, self._clock, cookies, parties)
        try:
            await connection.run(receive, send, stopping)
        except asyncio.CancelledError:
            # The server ends and waited long enough; what was in work is done or not, like after a lost socket.
            if stopping is None or not stopping.is_set():
                raise


class _ClosedError(Exception):
    """The connection ends, with a code and a word for the page."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One open socket."""

    def __init__(
        self,
        hub: Hub,
        who: WhoIsThere,
        clock: Clock,
        cookies: Mapping[str, str],
        parties: Mapping[str, Party],
    ) -> None:
        self.id = uuid.uuid4().hex
        self._hub = hub
        self._who = who
        self._clock = clock
        self._cookies = cookies
        self._parties = parties
        self._page = ""
        self._sent: dict[str, int] = {}
        self._left = -1  # how many messages wait for the party; it was told none yet
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._waiting = 0
        self._errors = 0
        self._posted: set[asyncio.Future[Mapping[str, Any]]] = set()
        self._tokens, self._counted = float(MESSAGES.burst), monotonic_s()
        self._ended: asyncio.Future[_ClosedError] | None = None

    @property
    def party(self) -> Party:
        """Who is on it, once it has said hello."""
        return self._parties[self._page]

    @property
    def who(self) -> str:
        return self.party.who

    def has(self, call: str) -> int:
        return self._sent.get(call, 0)

    def send_lines(self, call: str, lines: Sequence[Line]) -> None:
        for line in lines:
            if line.seq <= self.has(call):
                continue
            self._sent[call] = line.seq
            self._say({"type": line.type, "call": call, **line.body, "seq": line.seq})

    def tell_left(self, waiting: int) -> None:
        if waiting != self._left:
            self._left = waiting
            self._say({"type": "left", "waiting": waiting})

    def end(self, code: int, reason: str) -> None:
        """Close it, from wherever."""
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(_ClosedError(code, reason))

    async def run(self, receive: Receive, send: Send, stopping: asyncio.Event | None) -> None:
        """Serve it to its end."""
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        work = [
            loop.create_task(self._read(receive)),
            loop.create_task(self._write(send)),
            loop.create_task(self._check()),
        ]
        if stopping is not None:
            work.append(loop.create_task(self._stop(stopping)))
        try:
            waited: list[asyncio.Future[Any]] = [*work, self._ended]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            closed = self._closed(work)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            if self._page:
                self._hub.leave(self)
        if closed is not None:
            with suppress(Exception):
                await asyncio.wait_for(self._part(send, closed), 2)

    def _closed(self, work: Sequence[asyncio.Task[None]]) -> _ClosedError | None:
        """Return why it ends; ``None`` where the peer went."""
        if self._ended is not None and self._ended.done():
            return self._ended.result()
        for task in work:
            error = task.exception() if task.done() and not task.cancelled() else None
            if isinstance(error, _ClosedError):
                return error
            if error is not None and not isinstance(error, OSError):  # what a peer that goes leaves behind
                _LOG.error("a socket failed", exc_info=error)
                return _ClosedError(1011, "mistake")
        return None

    async def _part(self, send: Send, closed: _ClosedError) -> None:
        bye = {"v": VERSION, "type": "bye", "ts": self._ms(), "reason": closed.reason}
        if closed.code != CLOSE_SLOW:
            await send({"type": "websocket.send", "text": write(bye)})
        await send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})

    # The tasks of a socket

    async def _read(self, receive: Receive) -> None:
        while True:
            try:
                frame = await asyncio.wait_for(receive(), None if self._page else HELLO_S)
            except TimeoutError:
                raise _ClosedError(CLOSE_REFUSED, "no hello") from None
            if frame["type"] == "websocket.disconnect":
                return
            self._count()
            text = frame.get("text")
            if text is None:
                self._wrong(MessageError("not-json", "Messages are text."))
                continue
            try:
                message = read(text)
            except MessageError as error:
                self._wrong(error)
                continue
            await self._take(message)

    async def _write(self, send: Send) -> None:
        while True:
            text = await self._outbox.get()
            self._waiting -= len(text)
            await send({"type": "websocket.send", "text": text})

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                await self._ask_again()
            except HolofleetError:
                _LOG.warning("who is on a socket cannot be asked now", exc_info=True)

    async def _stop(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        raise _ClosedError(GOING_AWAY, "the server stops")

    # What messages do

    async def _take(self, message: messages.Message) -> None:
        try:
            if isinstance(message, messages.Hello):
                await self._greet(message)
                return
            if not self._page:
                self._wrong(MessageError("hello", "The first message is hello.", message.id))
                return
            if isinstance(message, SIGNALS):
                self._pass_on(message)
                return
            if self._posted:
                await asyncio.wait(self._posted)
            if isinstance(message, _ASKS_AGAIN):
                await self._ask_again()
            outcome = await self._hub.in_thread(self._hub.rooms.desk.take, self.party, message)
        except HolofleetError as error:
            self._later(message, error)
            return
        self._say({**outcome.answer, "re": message.id})
        self._hub.wake(outcome.woken)

    def _pass_on(self, message: SignalMessage) -> None:
        def answered(answer: asyncio.Future[Mapping[str, Any]]) -> None:
            self._posted.discard(answer)
            error = None if answer.cancelled() else answer.exception()
            if isinstance(error, HolofleetError):
                self._later(message, error)
            elif error is not None:
                _LOG.error("a socket failed", exc_info=error)
                self.end(1011, "mistake")
            elif not answer.cancelled():
                self._say({**answer.result(), "re": message.id})

        posted = self._hub.post.put(self.party, message)
        self._posted.add(posted)
        posted.add_done_callback(answered)

    def _later(self, message: messages.Message, error: HolofleetError) -> None:
        _LOG.warning("a message has to be said again: %s", error.summary)
        self._say({"type": "error", "re": message.id, "code": "later", "words": "Try again in a moment."})

    async def _greet(self, message: messages.Hello) -> None:
        if message.page not in self._parties or (self._page and self._page != message.page):
            raise _ClosedError(CLOSE_REFUSED, "this page is not for you")
        first = not self._page
        self._page = message.page
        if first:
            await self._hub.join(self, message.page)
            self._give_way()
        # Numbers before views: what is told in between comes twice rather than never.
        store = self._hub.rooms.store
        calls = await self._hub.in_thread(store.calls_of, self.who)
        resumed = {one.call: one.seq for one in message.resume}
        for call in (*(one.id for one in calls), *resumed):
            seats = await self._hub.in_thread(store.seats, call)
            _, newest = seats.get(self.who, ("", 0))
            self._sent[call] = min(resumed.get(call, newest), newest)
        outcome = await self._hub.in_thread(self._hub.rooms.desk.take, self.party, message)
        self._say({**outcome.answer, "re": message.id})
        self._hub.wake({*outcome.woken, *resumed})

    def _give_way(self) -> None:
        """Close the oldest sockets of this party's session beyond the two that it may have."""
        own = [one for one in self._hub.of(self.who) if isinstance(one, Connection)]
        same = [one for one in own if one.party.session == self.party.session]
        for old in same[:-SOCKETS]:
            old.end(CLOSE_REPLACED, "opened elsewhere")

    async def _ask_again(self) -> None:
        parties = await self._hub.in_thread(self._who.still, self._cookies, self._parties)
        if not parties:
            raise _ClosedError(CLOSE_SIGNED_OUT, "signed out")
        if self._page and (self._page not in parties or parties[self._page].who != self.who):
            raise _ClosedError(CLOSE_SIGNED_OUT, "signed out")
        self._parties = parties

    def _count(self) -> None:
        now = monotonic_s()
        self._tokens = min(float(MESSAGES.burst), self._tokens + (now - self._counted) * MESSAGES.per_s)
        self._counted = now
        if self._tokens < 1:
            raise _ClosedError(CLOSE_RATE, "too many messages")
        self._tokens -= 1

    def _wrong(self, error: MessageError) -> None:
        self._errors += 1
        if self._errors >= MOST_ERRORS:
            raise _ClosedError(CLOSE_UNREADABLE, "too many errors")
        self._say({"type": "error", "re": error.re, "code": error.code, "words": error.words})

    def _say(self, body: Mapping[str, Any]) -> None:
        text = write({"v": VERSION, "ts": self._ms(), **body})
        self._waiting += len(text)
        if self._waiting > BACKLOG_BYTES:
            self.end(CLOSE_SLOW, "too slow")
            return
        self._outbox.put_nowait(text)

    def _ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
