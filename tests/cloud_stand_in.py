"""The cloud on this machine, under its real names: a sign-in service and a Graph over TLS, behind a proxy.

Commands run as they are: they believe that they talk to ``login.microsoftonline.com`` and ``graph.microsoft.com``.
The environment names a proxy, which leads every tunnel to the one TLS server here and notes where it was meant
to go, and the authority that signed its certificate. Each name serves its own half and nothing of the other.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from holofleet.emulator import Emulator
from holofleet.emulator.http import application, bind

LOGIN, GRAPH = "login.microsoftonline.com", "graph.microsoft.com"
_ONE_CLOUD = {"metadata": [{"preferred_network": LOGIN, "preferred_cache": LOGIN, "aliases": [LOGIN]}]}
Signed = tuple[x509.Certificate, rsa.RSAPrivateKey]


@dataclass
class Cloud:
    """What a test knows of it."""

    emulator: Emulator
    env: dict[str, str]
    tunnels: list[str] = field(default_factory=list)
    """Where tunnels were meant to go, as HOST:PORT."""
    strays: list[str] = field(default_factory=list)
    """Requests that came to the wrong name, or credentials that came where they have no business."""


def signed(name: str, *hosts: str, issuer: Signed | None = None) -> Signed:
    """Return a certificate: of an authority, or of a server with these names."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(h) for h in hosts]), critical=False
        )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def pem(one: Signed, *, key: bool = True) -> bytes:
    """Return a certificate, with its key unless told otherwise."""
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = one[1].private_bytes(serialization.Encoding.PEM, *form) if key else b""
    return one[0].public_bytes(serialization.Encoding.PEM) + private


@contextmanager
def cloud(folder: Path, emulator: Emulator) -> Iterator[Cloud]:
    """Serve an emulator under the names of the cloud; ``env`` is for the processes that use it."""
    authority = signed("Stand-in Root")
    (folder / "root.pem").write_bytes(pem(authority, key=False))
    (folder / "server.pem").write_bytes(pem(signed(GRAPH, GRAPH, LOGIN, issuer=authority)))
    listening, proxy = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
    env = {
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy.getsockname()[1]}",
        "SSL_CERT_FILE": str(folder / "root.pem"),
        "REQUESTS_CA_BUNDLE": str(folder / "root.pem"),
    }
    found = Cloud(emulator, env)
    config = uvicorn.Config(
        _halves(found), ssl_certfile=folder / "server.pem", ssl_keyfile=str(folder / "server.pem"),
        log_level="critical", access_log=False, ws="none", lifespan="off",
    )  # fmt: skip
    server = uvicorn.Server(config)
    threads = [
        threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True),
        threading.Thread(target=_tunnels, args=(proxy, listening.getsockname()[1], found.tunnels), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        server.should_exit = True
        proxy.shutdown(socket.SHUT_RDWR)
        proxy.close()
        for thread in threads:
            thread.join(timeout=30)


def _halves(found: Cloud) -> Any:
    """Return the emulator's application, each half under its own name."""
    inner = application(found.emulator)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode()
        if (host, scope["path"]) == (
            LOGIN,
            "/common/discovery/instance",
        ):  # libraries ask which names are one cloud
            await _send(send, _ONE_CLOUD)
            return
        sign_in = "/v2.0/" in scope["path"]
        if host != (LOGIN if sign_in else GRAPH) or (sign_in and b"authorization" in headers):
            found.strays.append(f"{host} {scope['method']} {scope['path']}")
        await inner(scope, receive, send)

    return app


async def _send(send: Any, value: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


def _tunnels(proxy: socket.socket, port: int, meant: list[str]) -> None:
    """Open a tunnel for each CONNECT, wherever it was meant to go."""
    while True:
        try:
            client, _ = proxy.accept()
        except OSError:
            return
        threading.Thread(target=_tunnel, args=(client, port, meant), daemon=True).start()


def _tunnel(client: socket.socket, port: int, meant: list[str]) -> None:
    with client, contextlib.suppress(OSError):
        head = b""
        while b"\r\n\r\n" not in head and (part := client.recv(4096)):
            head += part
        method, where, *_ = head.decode("latin-1").split(" ")
        meant.append(where)
        if method != "CONNECT":
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join(timeout=30)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
