"""The HTTP/1.1 client of a simulated headset: asyncio streams, TLS with a client certificate, strict reading.

A real headset cannot read chunked replies from enrollment services, so neither can this client: a reply has a
``Content-Length`` or it is refused. One :class:`Link` is one connection to one host; it is reused while the
server keeps it open. No redirects, no proxies, no cookies, no compression: a headset sends none of them here.

Source: MS-MDE2 and 'MDM enrollment protocol' documentation (Microsoft); RFC 9112 for the framing.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from holofleet.errors import PeerError
from holofleet.simulator.faults import FairWeather, FaultKind, NetworkFault, Weather

MAX_HEAD_BYTES = 32 * 1024
MAX_BODY_BYTES = 4 * 1024 * 1024


class ConnectionLostError(PeerError):
    """The connection could not be made or broke off: the server may or may not have seen the request.

    ``lost_reply`` is the body that was lost on its way, where the simulation knows it: the server said it, the
    headset never saw it.
    """

    def __init__(self, summary: str, *, lost_reply: bytes | None = None) -> None:
        super().__init__(summary)
        self.lost_reply = lost_reply


class UntrustedServerError(PeerError):
    """The server's certificate does not chain to the roots on the headset, or has another name."""


class UnreadableReplyError(PeerError):
    """The reply breaks the framing rules: chunked, without a length, or no HTTP at all."""


class ServerBusyError(PeerError):
    """The server asks to come again later (HTTP 429 or 503): no fault of anybody; ``wait_s`` as it said, or 1."""

    def __init__(self, reply: HTTPReply) -> None:
        super().__init__(f"the server is busy: HTTP {reply.status}")
        self.wait_s = retry_after_s(reply)


class PowerLostError(Exception):
    """The headset lost power; whatever it was doing is over. A fault of the simulation, not of a peer."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An https URL, taken apart."""

    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Parse an absolute https URL.

        Raises:
            UnreadableReplyError: another scheme, no host, or a port that is none.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError as error:
            raise UnreadableReplyError(f"not a URL: {url!r}") from error
        if parts.scheme.lower() != "https" or not parts.hostname:
            raise UnreadableReplyError(f"a headset talks to absolute https addresses only, not to {url!r}")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.hostname, port, target)

    @property
    def authority(self) -> str:
        """Host and port as the Host header spells them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class HTTPReply:
    """A reply, read to its last byte. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_busy(reply: HTTPReply) -> bool:
    """Tell whether the server asks to come again later."""
    return reply.status in (429, 503)


def retry_after_s(reply: HTTPReply) -> float:
    """Return the seconds of Retry-After, 1 where it is missing or no number."""
    text = reply.headers.get("retry-after", "")
    return float(text) if _is_number(text) else 1.0


def client_context(ca_file: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the given roots and nothing else; no HTTP/2 is offered."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Link:
    """One connection of one headset to one host, made when first needed and again when it was lost.

    Args:
        endpoint: Host and port to talk to; the target is given per exchange.
        context: TLS settings with the client certificate, if there is one.
        timeout_s: For making the connection and for each whole exchange.
    """

    def __init__(self, endpoint: Endpoint, context: ssl.SSLContext, *, timeout_s: float = 30.0) -> None:
        self._endpoint = endpoint
        self._context = context
        self._timeout_s = timeout_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.connections = 0

    async def exchange(
        self,
        method: str,
        target: str,
        *,
        headers: str = "",
        body: bytes = b"",
        fault: NetworkFault | None = None,
    ) -> HTTPReply:
        """Send one request and return its reply.

        Args:
            method, target: Request line.
            headers: Further header lines, each ending in CR LF.
            body: Request body; its length is always stated.
            fault: What shall go wrong on the way.

        Raises:
            ConnectionLostError: no connection, a broken one, or no reply in time.
            UntrustedServerError: the server's certificate is not trusted.
            UnreadableReplyError: the reply breaks the framing rules.
            PowerLostError: the fault says so.
        """
        kind = fault.kind if fault else None
        if kind is FaultKind.POWER_LOST_BEFORE:
            self.close()
            raise PowerLostError
        if kind is FaultKind.DROP_REQUEST:
            self.close()
            raise ConnectionLostError("the connection was lost before the request left")
        if fault and kind is FaultKind.DELAY:
            await asyncio.sleep(fault.delay_s)
        head = (
            f"{method} {target} HTTP/1.1\r\nHost: {self._endpoint.authority}\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        request = head.encode("ascii") + body
        if kind is FaultKind.CUT_REQUEST:
            request = request[: len(head) + len(body) // 2]
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(request, kind)
        except (UnreadableReplyError, UntrustedServerError):
            self.close()
            raise
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            raise ConnectionLostError(
                f"no reply from {self._endpoint.authority}: {error or 'time ran out'}"
            ) from error

    async def _send(self, request: bytes, kind: FaultKind | None) -> HTTPReply:
        reader, writer = self._streams or await self._connect()
        writer.write(request)
        await writer.drain()
        if kind is FaultKind.CUT_REQUEST:
            raise EOFError("the request was cut")
        reply, keep = await _read_reply(reader)
        if kind is FaultKind.CUT_REPLY:
            self.close()
            raise ConnectionLostError("the reply was cut", lost_reply=reply.body)
        if kind is FaultKind.DROP_REPLY:
            self.close()
            raise ConnectionLostError("the reply was lost", lost_reply=reply.body)
        if kind is FaultKind.POWER_LOST_AFTER:
            self.close()
            raise PowerLostError
        if not keep:
            self.close()
        return reply

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            self._streams = await asyncio.open_connection(
                self._endpoint.host, self._endpoint.port, ssl=self._context, limit=MAX_HEAD_BYTES
            )
        except ssl.SSLCertVerificationError as error:
            raise UntrustedServerError(
                f"the certificate of {self._endpoint.authority} is not trusted: {error.verify_message}"
            ) from error
        self.connections += 1
        return self._streams

    def close(self) -> None:
        """Close the connection, if there is one. Not waiting for the peer's goodbye is what a headset does."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].transport.abort()


async def _read_reply(reader: asyncio.StreamReader) -> tuple[HTTPReply, bool]:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise UnreadableReplyError("the head of the reply is too long") from error
    status, headers = _parse_head(head)
    if "transfer-encoding" in headers:
        raise UnreadableReplyError("the reply is chunked; a headset cannot read that")
    length = headers.get("content-length", "")
    if not _is_number(length):
        raise UnreadableReplyError(f"the reply states no usable Content-Length: {length!r}")
    if int(length) > MAX_BODY_BYTES:
        raise UnreadableReplyError(f"the reply has {length} bytes; a headset takes {MAX_BODY_BYTES}")
    body = await reader.readexactly(int(length))
    keep = headers.get("connection", "").lower() != "close"
    return HTTPReply(status, headers, body), keep


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    code = rest[:3]
    if version != "HTTP/1.1" or not _is_number(code):
        raise UnreadableReplyError(f"not an HTTP/1.1 reply: {lines[0]!r}")
    headers: dict[str, str] = {}
    for line in lines[1:-2]:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or not name or name != name.strip():
            raise UnreadableReplyError(f"not a header line: {line!r}")
        if key == "content-length" and key in headers:
            raise UnreadableReplyError("Content-Length is stated twice")
        headers[key] = value.strip()
    return int(code), headers


class Network:
    """What one headset sees of the network: its links by host, its roots, and the weather.

    Args:
        ca_file: The roots that were put on the headset beforehand, as PEM.
        serial: Whose exchanges the weather is asked about.
        weather: Decides what goes wrong.
        timeout_s: Per exchange.
        anonymous: TLS settings without a client certificate; headsets of a fleet share one (22 kB each).
    """

    def __init__(
        self,
        ca_file: str,
        *,
        serial: str,
        weather: Weather | None = None,
        timeout_s: float = 30.0,
        anonymous: ssl.SSLContext | None = None,
    ) -> None:
        self._ca_file = ca_file
        self._serial = serial
        self.weather: Weather = weather or FairWeather()
        self._timeout_s = timeout_s
        self._links: dict[tuple[str, int, bool], Link] = {}
        self._anonymous = anonymous or client_context(ca_file)
        self._certified: ssl.SSLContext | None = None
        self.exchanges = 0

    @property
    def connections(self) -> int:
        """How many connections the open links have made."""
        return sum(link.connections for link in self._links.values())

    def present(self, certificate_file: str | None) -> None:
        """Present this certificate (PEM with its key) from now on, or none; open links are closed."""
        self.close()
        self._certified = None
        if certificate_file is not None:
            self._certified = client_context(self._ca_file)
            self._certified.load_cert_chain(certificate_file)

    async def exchange(
        self, method: str, url: str, *, headers: str = "", body: bytes = b"", certified: bool = False
    ) -> HTTPReply:
        """Send one request to an absolute URL; ``certified`` uses the headset's own certificate.

        Raises:
            As :meth:`Link.exchange`.
        """
        endpoint = Endpoint.parse(url)
        self.exchanges += 1
        context = self._certified if certified and self._certified else self._anonymous
        key = (endpoint.host, endpoint.port, context is self._certified)
        link = self._links.get(key)
        if link is None:
            link = self._links[key] = Link(endpoint, context, timeout_s=self._timeout_s)
        fault = self.weather.fault(self._serial, self.exchanges)
        return await link.exchange(method, endpoint.target, headers=headers, body=body, fault=fault)

    def close(self) -> None:
        """Close all links; the next exchange makes new ones."""
        for link in self._links.values():
            link.close()
        self._links.clear()
