"""uvicorn's HTTP/1.1 protocol with limits in time and size, and with the client certificate.

It overrides internals of uvicorn, which is therefore pinned below its next minor version; the tests drive it
over real TLS sockets. What llhttp already refuses (both Content-Length and Transfer-Encoding, doubled or odd
lengths, folded headers, bare line feeds; RFC 9112) is answered with 400 here and ends the connection.

Rules, with their answers: a head above its limits 431, too slow a head or body 408 or a close, any
Transfer-Encoding 411, CONNECT, a target that is no path or holds a NUL 400, an upgrade too, but for a WebSocket at
a path that takes one (``sockets.py``).
"""

from __future__ import annotations

import asyncio
import urllib.parse
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from holofleet.web.limits import ConnectionLimits
from holofleet.web.transport.cycle import Cycle
from holofleet.web.transport.sockets import LimitedSocket, SocketPaths
from holofleet.web.transport.tls import tls_extension

_LINGER_IDLE_S = 1.0


class LimitedProtocol(HttpToolsProtocol):
    """One connection.

    Args:
        config: uvicorn's configuration, loaded.
        server_state: Shared by the connections of one listener.
        app_state: Copied into each request's ``state``.
        limits: See :class:`ConnectionLimits`.
        allow_chunked: Whether answers may be of unknown length.
        sockets: Where WebSockets are taken.
        peer: Who calls; not always who is connected (``proxied.py``).
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        *,
        limits: ConnectionLimits,
        allow_chunked: bool = True,
        sockets: SocketPaths | None = None,
        peer: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._sockets = sockets or SocketPaths()
        self._peer = peer
        self._upgrading = False
        self._limits = limits
        self._allow_chunked = allow_chunked
        self._tls: dict[str, Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._refusal: HTTPStatus | None = None
        self._head_open = False
        self._head_seen = 0
        self._body_open = False
        self._body_seen = 0
        self._body_since = 0.0
        self._dropping = False
        self._dropped = 0
        self._drop_until: float = 0.0
        self._expected_body = 0

    # Connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self.client = self._peer or self.client
        self._tls = tls_extension(transport.get_extra_info("ssl_object"))
        self._arm(self._limits.head_timeout_s, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._disarm_stall()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._dropping:
            self._drop(len(data))
            return
        self._unset_keepalive_if_required()
        started_before = self._head_open
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(self._refusal or HTTPStatus.BAD_REQUEST)
            return
        except httptools.HttpParserUpgrade:
            self._upgrade()
            return
        self._watch(len(data), started_before=started_before)

    def _watch(self, size: int, *, started_before: bool) -> None:
        """Arm the timer that fits what is still missing of the request, if anything is."""
        if self._head_open:
            self._head_seen += size if started_before else 0
            if self._head_seen > self._limits.head_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            elif self._timer is None:
                self._arm(self._limits.head_timeout_s, self._head_is_late)
        elif self._body_open:
            if self._timer is None:
                self._body_since = self.loop.time()
                self._body_seen = 0
                self._arm(self._limits.body_rate_window_s, self._judge_body)
            else:
                self._body_seen += size

    # Parser callbacks

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_open = True
        self._head_seen = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= self._limits.head_fields:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_open = False
        self._disarm()
        self._check_head()
        self._body_open = True
        scope: Any = self.scope
        target = httptools.parse_url(self.url)
        path = target.path.decode("ascii")
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["http_version"] = self.parser.get_http_version()
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        scope["raw_path"] = target.path
        scope["query_string"] = target.query or b""
        if self._tls is not None:
            scope["extensions"] = {"tls": self._tls}
        if not self._upgrading:
            self._begin_cycle()

    def _check_head(self) -> None:
        """Refuse what no application of ours could want; see the module for the list."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._limits.head_bytes:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        version = self.parser.get_http_version()
        spoken = version in ("1.1", "1.0")
        upgrade = self.parser.should_upgrade()
        # Nothing may be in progress: what follows on this connection is no HTTP any more.
        idle = self.cycle is None or self.cycle.response_complete
        self._upgrading = bool(upgrade and version == "1.1" and idle and self._is_for_socket())
        # No path or value of ours holds a NUL, and PostgreSQL takes none.
        odd = not self.url.startswith(b"/") or b"%00" in self.url
        if not spoken or (upgrade and not self._upgrading) or odd:
            self._stop(HTTPStatus.BAD_REQUEST)
        self._expected_body = 0
        for name, value in self.headers:
            if name == b"transfer-encoding":
                self._stop(HTTPStatus.LENGTH_REQUIRED)
            if name == b"content-length":
                self._expected_body = int(value)
        if len(self.pipeline) >= self._limits.pipelined:
            self._stop(HTTPStatus.TOO_MANY_REQUESTS)

    def _is_for_socket(self) -> bool:
        return self._sockets.takes(self.parser.get_method(), self.url, self.headers)

    def _upgrade(self) -> None:
        """Hand the connection over, with the head that was read, or refuse."""
        if not self._upgrading:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        self._disarm()
        self._disarm_stall()
        self.connections.discard(self)
        config, limits = self.config, self._limits
        socket = LimitedSocket(
            config=config,
            server_state=self.server_state,
            app_state=self.app_state,
            write_stall_s=limits.write_stall_s,
            backlog_bytes=self._sockets.backlog_bytes,
        )
        head = [b"GET ", self.url, b" HTTP/1.1\r\n"]
        head += [part for name, value in self.headers for part in (name, b": ", value, b"\r\n")]
        socket.connection_made(self.transport)
        socket.client = self.client
        self.transport.set_protocol(socket)
        socket.data_received(b"".join([*head, b"\r\n"]))

    def _begin_cycle(self) -> None:
        previous = self.cycle
        cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=self.scope["http_version"] != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        cycle.allow_chunked = self._allow_chunked
        self.cycle = cycle
        if previous is None or previous.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_body(self, body: bytes) -> None:
        self._expected_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._body_open = False
        self._disarm()
        if not self._upgrading:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        cycle = self.cycle
        if isinstance(cycle, Cycle) and cycle.lingers and cycle.response_complete:
            self.server_state.total_requests += 1
            self.flow.resume_reading()
            if self._body_open:
                self._start_dropping(self._expected_body)
            else:
                self.transport.close()
            return
        super().on_response_complete()

    def shutdown(self) -> None:
        """End the connection as soon as nothing is in progress on it."""
        if self._dropping:
            self.transport.close()
        super().shutdown()

    # Time

    def _arm(self, delay_s: float, then: Any) -> None:
        self._disarm()
        self._timer = self.loop.call_later(delay_s, then)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _head_is_late(self) -> None:
        self._timer = None
        if self._head_open:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _judge_body(self) -> None:
        """Close a connection whose body arrives too slowly, or has taken too long altogether."""
        self._timer = None
        window_s = self._limits.body_rate_window_s
        # While we ourselves stopped reading, the sender is not to blame for the rate.
        slow = self._body_seen < self._limits.body_bytes_per_s * window_s and not self.flow.read_paused
        late = self.loop.time() - self._body_since + window_s > self._limits.body_timeout_s
        if slow or late:
            self._abandon_body()
            return
        self._body_seen = 0
        self._arm(window_s, self._judge_body)

    def _abandon_body(self) -> None:
        if self.cycle is not None and not self.cycle.response_started:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._disarm_stall()
        self._stall_timer = self.loop.call_later(self._limits.write_stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._disarm_stall()

    def _disarm_stall(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    # Refusal

    def _stop(self, status: HTTPStatus) -> None:
        """Leave the parser; :meth:`data_received` then refuses with ``status``."""
        self._refusal = status
        raise _RefusalError

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer for ourselves, without any application, and end the connection."""
        self._disarm()
        if self.transport.is_closing() or self._dropping:
            return
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if cycle.response_started or self.pipeline or not self._body_open:
                # An earlier request is still being answered: words of ours would be read as part of it.
                self.transport.abort()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        body = status.phrase.encode() + b"\n"
        head = [b"HTTP/1.1 %d %s" % (status.value, status.phrase.encode())]
        head.extend(name + b": " + value for name, value in self.server_state.default_headers)
        head.append(b"content-type: text/plain; charset=utf-8")
        head.append(b"content-length: %d" % len(body))
        head.append(b"connection: close")
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        self._start_dropping(None)

    def _start_dropping(self, expected: int | None) -> None:
        """Read on and drop, within bounds, until the peer closes or ``expected`` bytes have come."""
        self._disarm()
        self._dropping = True
        self._dropped = 0
        self._drop_until = self.loop.time() + self._limits.linger_s
        self._expected_body = self._limits.linger_bytes if expected is None else expected
        self._arm(min(_LINGER_IDLE_S, self._limits.linger_s), self.transport.close)

    def _drop(self, size: int) -> None:
        self._dropped += size
        most = min(self._limits.linger_bytes, self._expected_body)
        left_s = self._drop_until - self.loop.time()
        if self._dropped >= most or left_s <= 0:
            self._disarm()
            self.transport.close()
            return
        self._arm(min(_LINGER_IDLE_S, left_s), self.transport.close)


class _RefusalError(Exception):
    """Carries nothing: it only unwinds the parser."""
