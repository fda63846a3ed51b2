"""Callers behind a proxy: who they are is the proxy's to say, and only a proxy's that was named."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

import pytest
from tests.web_server import listening, trust

from holofleet.errors import InputError
from holofleet.web.limits import ConnectionLimits, Rate
from holofleet.web.transport import Listener, Proxies

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
PROXY = ("127.0.0.1",)


async def who_calls(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the address of the caller."""
    body = str(scope["client"][0]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def header(address: str, *, extra: bytes = b"", command: int = 0x21) -> bytes:
    """Return the header of the PROXY protocol 2, written from its specification."""
    packed = ip_address(address).packed
    family = 0x11 if len(packed) == 4 else 0x21
    body = packed + ip_address(address).packed + b"\x30\x39\x01\xbb" + extra
    return SIGNATURE + bytes((command, family)) + len(body).to_bytes(2) + body


async def asked(listener: Listener, *parts: bytes) -> str:
    """Send bytes before TLS, ask who calls, and return the answer; empty where none came."""
    loop, raw = asyncio.get_running_loop(), socket.socket()
    raw.setblocking(False)
    try:
        await loop.sock_connect(raw, ("127.0.0.1", listener.port))
        for part in parts:
            await loop.sock_sendall(raw, part)
        reader, writer = await asyncio.open_connection(
            sock=raw, ssl=trust().client_context(), server_hostname="localhost"
        )
    except OSError:
        raw.close()
        return ""
    writer.write(GET)
    try:
        found = await reader.read()
    except OSError:
        found = b""
    writer.close()
    return found.rpartition(b"\r\n\r\n")[2].decode()


async def test_a_caller_behind_a_named_proxy_is_who_the_proxy_says() -> None:
    async with listening(who_calls, behind=PROXY) as listener:
        assert await asked(listener, header("203.0.113.9")) == "203.0.113.9"
        assert await asked(listener, header("2001:db8::9")) == "2001:db8::9"
        assert await asked(listener, header("::ffff:203.0.113.9")) == "203.0.113.9"
        # Whatever else the proxy adds is read over; a header in pieces is one header.
        whole = header("203.0.113.9", extra=b"\x03\x00\x04abcd")
        assert await asked(listener, whole[:7], whole[7:20], whole[20:]) == "203.0.113.9"


async def test_a_proxy_that_only_looks_whether_the_server_is_there_speaks_for_itself() -> None:
    async with listening(who_calls, behind=PROXY) as listener:
        assert await asked(listener, SIGNATURE + b"\x20\x00\x00\x00") == "127.0.0.1"


@pytest.mark.parametrize(
    "begins",
    [
        b"",
        b"PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n",
        SIGNATURE + b"\x31\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\x00\x04" + bytes(4),
        SIGNATURE + b"\x21\x31\x00\xd8" + bytes(216),
        SIGNATURE + b"\x21\x11\xff\xff" + bytes(2000),
    ],
    ids=["no header", "version 1", "version 3", "too short", "a file", "too long"],
)
async def test_DOS_1_a_proxy_that_does_not_say_who_calls_gets_nothing(begins: bytes) -> None:
    limits = ConnectionLimits(handshake_timeout_s=1)
    async with listening(who_calls, behind=PROXY, limits=limits) as listener:
        assert await asked(listener, begins) == ""
        assert await asked(listener, header("203.0.113.9")) == "203.0.113.9"


async def test_DOS_1_nobody_else_may_say_who_calls() -> None:
    async with listening(who_calls, behind=("10.0.0.5", "192.0.2.0/24")) as listener:
        assert await asked(listener) == "127.0.0.1"
        assert await asked(listener, header("203.0.113.9")) == ""


async def test_DOS_1_callers_behind_one_proxy_are_limited_each_for_themselves() -> None:
    limits = ConnectionLimits(handshakes=Rate(0.001, 2))
    async with listening(who_calls, behind=PROXY, limits=limits) as listener:
        greedy = [await asked(listener, header("203.0.113.9")) for _ in range(4)]
        assert greedy == ["203.0.113.9", "203.0.113.9", "", ""]
        assert await asked(listener, header("203.0.113.10")) == "203.0.113.10"


def test_what_is_no_address_is_no_proxy() -> None:
    with pytest.raises(InputError):
        Proxies(("proxy.contoso.com",))
