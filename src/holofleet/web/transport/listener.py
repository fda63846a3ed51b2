"""A listening address: accepts, counts per address before the handshake, and makes connections."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from holofleet.errors import InputError
from holofleet.web.limits import ConnectionLimits, TokenBuckets, address_key
from holofleet.web.transport.protocol import LimitedProtocol
from holofleet.web.transport.proxied import Peer, Proxies, ProxyHeaderError
from holofleet.web.transport.sockets import SocketPaths

_BACKLOG = 2048
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_NO_MORE_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Listener:
    """One address with one application behind it.

    Args:
        name: What the command line and tests call it (``people``, ``device``).
        app: The ASGI application; may also be set after :meth:`bind`, when the port is known.
        host, port: Where to listen; port 0 takes a free one, see :attr:`port`.
        tls: The context of this listener and of no other (DEP-3).
        limits: What a connection may cost.
        allow_chunked: Whether answers may be of unknown length; never for headsets.
        share_port: Whether several processes listen on the same address (SO_REUSEPORT).
        sockets: Where WebSockets are taken; nowhere unless told.
        proxies: Proxies of ours, which say who is behind them.
    """

    def __init__(
        self,
        name: str,
        app: Any,
        *,
        host: str,
        port: int,
        tls: ssl.SSLContext,
        limits: ConnectionLimits | None = None,
        allow_chunked: bool = True,
        share_port: bool = False,
        sockets: SocketPaths | None = None,
        proxies: Proxies | None = None,
    ) -> None:
        self.name = name
        self.app = app
        self.host = host
        self.port = port
        self._tls = tls
        self._limits = limits or ConnectionLimits()
        self._allow_chunked = allow_chunked
        self._share_port = share_port
        self._socket_paths = sockets or SocketPaths()
        self._proxies = proxies or Proxies()
        self._handshakes = TokenBuckets(self._limits.handshakes)
        self._sockets: list[socket.socket] = []
        self._accepting: list[asyncio.Task[None]] = []
        self._pending: set[asyncio.Task[None]] = set()
        self.state = ServerState()
        self.refused_connections = 0
        self.failed_handshakes = 0

    @property
    def address(self) -> str:
        """``HOST:PORT`` as it was bound."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    async def bind(self) -> None:
        """Take the address; connections queue up until :meth:`start`.

        Raises:
            InputError: the address is in use, not ours, or no address.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            for family, _, _, _, address in dict.fromkeys(found):
                self._sockets.append(self._open(family, (address[0], self.port, *address[2:])))
                self.port = self._sockets[0].getsockname()[1]
        except OSError as error:
            self._close_sockets()
            mend = {
                errno.EADDRINUSE: "Choose another address, or stop the program that holds it.",
                errno.EACCES: "Choose a port from 1024 on, or give the service CAP_NET_BIND_SERVICE.",
            }.get(error.errno or 0, "Choose an address of this machine.")
            raise InputError(f"cannot listen on {self.address}: {error.strerror or error}", mend=mend) from error

    def _open(self, family: int, address: Any) -> socket.socket:
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if self._share_port:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.bind(address)
            opened.listen(_BACKLOG)
            opened.setblocking(False)
        except OSError:
            opened.close()
            raise
        return opened

    def start(self, app_state: dict[str, Any]) -> None:
        """Begin to accept; ``app_state`` is copied into the ``state`` of each request."""
        config = self._configure()

        def connect(peer: Peer) -> LimitedProtocol:
            return LimitedProtocol(
                config,
                self.state,
                app_state,
                limits=self._limits,
                allow_chunked=self._allow_chunked,
                sockets=self._socket_paths,
                peer=peer,
            )

        self._accepting = [
            asyncio.create_task(self._accept(opened, connect), name=f"accept-{self.name}")
            for opened in self._sockets
        ]

    def _configure(self) -> Config:
        """Return uvicorn's configuration with everything off that is ours or that nobody asked for.

        Its trace level, too, whatever the level of the root logger: it writes query strings (LOG-1).
        """
        config = Config(
            self.app,
            interface="asgi3",
            lifespan="off",
            ws="none",
            ws_max_size=self._socket_paths.message_bytes,
            ws_ping_interval=self._socket_paths.ping_s,
            ws_ping_timeout=self._socket_paths.ping_s,
            ws_per_message_deflate=False,
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=int(self._limits.keep_alive_s),
        )
        config.load()
        return config

    async def _accept(self, listening: socket.socket, connect: Callable[[Peer], LimitedProtocol]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, peer = await loop.sock_accept(listening)
            except OSError as error:
                # Out of files: wait for some to be closed. Anything else is one peer's lost connection.
                await asyncio.sleep(0.1 if error.errno in _NO_MORE_FILES else 0)
                continue
            if self._is_full() or not (self._proxies.has(peer[0]) or self._may_come(peer[0])):
                self._refuse(accepted)
                continue
            task = loop.create_task(self._connect(accepted, peer[:2], connect))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    def _is_full(self) -> bool:
        pending = len(self._pending)
        return (
            pending >= self._limits.pending_handshakes
            or pending + len(self.state.connections) >= self._limits.connections
        )

    def _may_come(self, address: str) -> bool:
        return not self._handshakes.take(address_key(address))

    def _refuse(self, accepted: socket.socket) -> None:
        self.refused_connections += 1
        _reset(accepted)

    async def _connect(
        self, accepted: socket.socket, peer: Peer, connect: Callable[[Peer], LimitedProtocol]
    ) -> None:
        try:
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._proxies.has(peer[0]):
                proxy, timeout_s = peer, self._limits.handshake_timeout_s
                peer = await self._proxies.behind(accepted, proxy, timeout_s=timeout_s)
                if peer != proxy and not self._may_come(peer[0]):
                    self._refuse(accepted)
                    return
            await asyncio.get_running_loop().connect_accepted_socket(
                partial(connect, peer),
                accepted,
                ssl=self._tls,
                ssl_handshake_timeout=self._limits.handshake_timeout_s,
                ssl_shutdown_timeout=self._limits.linger_s,
            )
        except (OSError, ssl.SSLError, ProxyHeaderError):
            # A peer that does not speak TLS, is not trusted, or went away: its own affair, counted and no more.
            self.failed_handshakes += 1
            accepted.close()

    async def stop_accepting(self) -> None:
        """Close the address; open connections go on."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        self._accepting = []
        self._close_sockets()

    async def stop(self, grace_s: float) -> None:
        """Let answers in progress finish for ``grace_s``, then end what is left."""
        for task in list(self._pending):
            task.cancel()
        for connection in list(self.state.connections):
            connection.shutdown()
        deadline = asyncio.get_running_loop().time() + grace_s
        # uvicorn tells nobody when a connection goes, so this looks.
        while self.state.connections and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        left = list(self.state.tasks)
        for running in left:
            running.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for connection in list(self.state.connections):
            connection.transport.abort()

    def _close_sockets(self) -> None:
        for opened in self._sockets:
            opened.close()
        self._sockets = []


def _reset(accepted: socket.socket) -> None:
    """Close at once and leave nothing behind in the kernel."""
    try:
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    finally:
        accepted.close()
