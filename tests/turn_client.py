"""A TURN client of the tests' own, over UDP or TLS, written from RFC 8489 (STUN) and RFC 8656 (TURN)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
from dataclasses import dataclass, field
from ipaddress import ip_address

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, PERMISSION, BIND = 0x0001, 0x0003, 0x0004, 0x0008, 0x0009
USERNAME, INTEGRITY, ERROR, PEER, REALM, NONCE, RELAYED, TRANSPORT, FAMILY = (
    0x0006,
    0x0008,
    0x0009,
    0x0012,
    0x0014,
    0x0015,
    0x0016,
    0x0019,
    0x0017,
)
UDP = 17
SEND_INDICATION, DATA_INDICATION, DATA = 0x0016, 0x0017, 0x0013


def credential(secret: str, expires: int, user: str = "call:party") -> tuple[str, str]:
    """Return user name and password as the TURN REST scheme makes them."""
    name = f"{expires}:{user}"
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()


class RefusedError(Exception):
    """An error answer; ``code`` as in the RFC, 0 where no answer came."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused: {code}")
        self.code = code


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + b"\x00" * (-len(value) % 4)


def _address(host: str, port: int, transaction: bytes) -> bytes:
    address = ip_address(host)
    mask = struct.pack("!I", COOKIE) + transaction
    packed = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, port ^ (COOKIE >> 16)) + packed


@dataclass
class TurnClient:
    """One client on one socket; ``tls``: how a relay proves itself, where it is reached over TLS."""

    server: tuple[str, int]
    name: str
    password: str
    timeout_s: float = 3.0
    realm: bytes = b""
    nonce: bytes = b""
    relayed: tuple[str, int] | None = None
    tls: ssl.SSLContext | None = None
    socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        if self.tls is None:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.connect(self.server)
        else:
            raw = socket.create_connection(self.server, self.timeout_s)
            self.socket = self.tls.wrap_socket(raw, server_hostname="localhost")
        self.socket.settimeout(self.timeout_s)

    def __enter__(self) -> TurnClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def allocate(self, *, ipv6: bool = False) -> tuple[str, int]:
        """Ask for a relayed address; the first answer is a challenge."""
        wanted = [(TRANSPORT, struct.pack("!BBH", UDP, 0, 0))]
        if ipv6:
            wanted.append((FAMILY, struct.pack("!BBH", 2, 0, 0)))
        answer = self._ask(ALLOCATE, wanted)
        value = answer[RELAYED][0]
        transaction = answer[-1][0]
        port = struct.unpack("!H", value[2:4])[0] ^ (COOKIE >> 16)
        mask = struct.pack("!I", COOKIE) + transaction
        packed = bytes(a ^ b for a, b in zip(value[4:], mask, strict=False))
        self.relayed = str(ip_address(packed)), port
        return self.relayed

    def permit(self, host: str) -> None:
        """Ask to exchange data with a peer."""
        self._ask(PERMISSION, [], peer=(host, 0))

    def bind(self, host: str, port: int) -> None:
        """Ask for a channel to a peer."""
        self._ask(BIND, [(0x000C, struct.pack("!HH", 0x4000, 0))], peer=(host, port))

    def send(self, host: str, port: int, data: bytes) -> None:
        """Send to a peer through the relay; nothing answers."""
        transaction = os.urandom(12)
        body = _attribute(PEER, _address(host, port, transaction)) + _attribute(DATA, data)
        self.socket.sendall(struct.pack("!HHI", SEND_INDICATION, len(body), COOKIE) + transaction + body)

    def receive(self) -> bytes:
        """Return data that a peer sent."""
        return _attributes(self._message())[DATA][0]

    def _message(self) -> bytes:
        """Return the next message: a datagram, or as much of a stream as its head says."""
        raw = self.socket.recv(65536)
        while self.tls is not None and len(raw) < 20 + int.from_bytes(raw[2:4]):
            raw += self.socket.recv(65536)
        return raw

    def _ask(
        self, method: int, attributes: list[tuple[int, bytes]], *, peer: tuple[str, int] | None = None
    ) -> dict[int, list[bytes]]:
        for _ in range(3):
            transaction = os.urandom(12)
            body = b"".join(_attribute(kind, value) for kind, value in attributes)
            if peer is not None:
                body += _attribute(PEER, _address(*peer, transaction))
            if self.nonce:
                body += _attribute(USERNAME, self.name.encode())
                body += _attribute(REALM, self.realm) + _attribute(NONCE, self.nonce)
                header = struct.pack("!HHI", method, len(body) + 24, COOKIE) + transaction
                key = hashlib.md5(f"{self.name}:{self.realm.decode()}:{self.password}".encode()).digest()
                body += _attribute(INTEGRITY, hmac.new(key, header + body, hashlib.sha1).digest())
            self.socket.sendall(struct.pack("!HHI", method, len(body), COOKIE) + transaction + body)
            try:
                raw = self._message()
            except TimeoutError as error:
                raise RefusedError(0) from error
            found = _attributes(raw)
            kind = struct.unpack("!H", raw[:2])[0]
            if kind == method | 0x0100:
                return found | {-1: [transaction]}
            code = found[ERROR][0][2] * 100 + found[ERROR][0][3]
            fresh = found.get(NONCE, [b""])[0]
            if code in (401, 438) and fresh and not (code == 401 and self.nonce):
                self.nonce, self.realm = fresh, found[REALM][0]
                continue
            raise RefusedError(code)
        raise RefusedError(438)


def _attributes(raw: bytes) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {}
    at = 20
    while at + 4 <= len(raw):
        kind, length = struct.unpack("!HH", raw[at : at + 4])
        found.setdefault(kind, []).append(raw[at + 4 : at + 4 + length])
        at += 4 + length + (-length % 4)
    return found
