"""Real TLS listeners for tests: certificates made once, servers on free ports, raw and well-behaved clients."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from holofleet.server.pki import Certificate, DeviceCA, KeyKind, ServerCA, make_device_ca, make_key, make_server_ca
from holofleet.web.limits import ConnectionLimits
from holofleet.web.transport import Listener, Proxies, Server, device_context, people_context

NAMES = ("localhost", ip_address("127.0.0.1"))
HEADSET_ID = "4f0c" * 8


def _pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, as files too."""

    certificate: Certificate
    certificate_file: Path
    key_file: Path


@dataclass(frozen=True)
class Trust:
    """Everything with a key that a test may need; made once per test run."""

    server_ca: ServerCA
    device_ca: DeviceCA
    folder: Path
    server: Identity
    headset: Identity

    def identity(self, name: str, certificate: Certificate, key: Any) -> Identity:
        certificate_file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate_file.write_text(certificate.pem)
        key_file.write_text(_pem(key))
        return Identity(certificate, certificate_file, key_file)

    def headset_identity(self, name: str, *, at: datetime | None = None, ca: DeviceCA | None = None) -> Identity:
        key = make_key(KeyKind.P256)
        signed = (ca or self.device_ca).sign(key.public_key(), name, at or datetime.now(UTC))
        return self.identity(f"headset-{name}-{id(key)}", signed, key)

    def client_context(self, identity: Identity | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=self.server_ca.certificate.pem)
        if identity is not None:
            context.load_cert_chain(identity.certificate_file, identity.key_file)
        return context


@lru_cache(maxsize=1)
def trust() -> Trust:
    now = datetime.now(UTC)
    server_ca, device_ca = (
        make_server_ca(NAMES, now - timedelta(days=1)),
        make_device_ca(now - timedelta(days=1000)),
    )
    bare = Trust(server_ca, device_ca, Path(mkdtemp(prefix="holofleet-tests-")), None, None)  # type: ignore[arg-type]
    server = bare.identity("server", *server_ca.issue(NAMES, now))
    return replace(bare, server=server, headset=bare.headset_identity(HEADSET_ID))


def key_of(identity: Identity) -> str:
    """Return the SHA-256 of a certificate's public key, as browsers pin it."""
    certificate = x509.load_pem_x509_certificate(Path(identity.certificate_file).read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


@asynccontextmanager
async def listening(
    app: Any,
    *,
    device: bool = False,
    limits: ConnectionLimits | None = None,
    grace_s: float = 0.2,
    behind: tuple[str, ...] = (),
) -> AsyncIterator[Listener]:
    """One listener on a free port of loopback."""
    files = trust().server
    if device:
        context = device_context(
            files.certificate_file, files.key_file, device_ca_pem=trust().device_ca.certificate.pem
        )
    else:
        context = people_context(files.certificate_file, files.key_file)
    listener = Listener(
        "device" if device else "people",
        app,
        host="127.0.0.1",
        port=0,
        tls=context,
        limits=limits,
        allow_chunked=not device,
        proxies=Proxies(behind),
    )
    async with Server([listener], grace_s=grace_s):
        yield listener


@dataclass
class Answer:
    """One HTTP answer as it came, plus whether the connection was closed after it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key == name.lower()]
        assert len(found) <= 1, f"{name} stands twice"
        return found[0] if found else None


class Wire:
    """A connection on which a test writes bytes of its own making."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(
        cls, port: int, *, identity: Identity | None = None, context: ssl.SSLContext | None = None
    ) -> Wire:
        chosen = context or trust().client_context(identity)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=chosen, server_hostname="localhost", limit=2**20
        )
        return cls(reader, writer)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, timeout_s: float = 30) -> Answer:
        async with asyncio.timeout(timeout_s):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")[:-2]
            headers = [
                (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])
            ]
            found = dict(headers)
            if "transfer-encoding" in found:
                body = b"".join([piece async for piece in self._chunks()])
            else:
                body = await self.reader.readexactly(int(found.get("content-length", "0")))
        return Answer(int(lines[0].split(" ")[1]), headers, body)

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self.reader.readline(), 16):
            yield await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()

    async def ask(self, data: bytes, timeout_s: float = 30) -> Answer:
        await self.send(data)
        return await self.answer(timeout_s)

    async def is_closed(self, within_s: float = 30) -> bool:
        """Whether the server ends the connection within a time, without another byte."""
        try:
            async with asyncio.timeout(within_s):
                return await self.reader.read(1) == b""
        except TimeoutError:
            return False
        except (ConnectionError, ssl.SSLError):
            return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await self.writer.wait_closed()


async def exchange(port: int, data: bytes, *, identity: Identity | None = None) -> Answer:
    """Send one request over a connection of its own."""
    wire = await Wire.open(port, identity=identity)
    try:
        return await wire.ask(data)
    finally:
        await wire.close()


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers with what it was sent."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
