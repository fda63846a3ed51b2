"""Connections that come through a proxy of ours: who is behind it, as the PROXY protocol (version 2) says.

A proxy that passes TLS on unread hides who calls: every limit by address would then count all callers as one. So
the proxies that an operator names put a small binary header before the TLS of each connection. It is believed from
them alone and demanded of them; from anybody else a connection begins with TLS as ever.

Source: 'The PROXY protocol, versions 1 & 2', HAProxy's specification.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from holofleet.errors import InputError

_SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_HEAD: Final = struct.Struct("!12sBBH")
_LOCAL, _PROXY = 0x20, 0x21
_TCP4_BYTES, _TCP6_BYTES = 12, 36
_MOST_BYTES: Final = 1024
"""Addresses and whatever else a proxy adds; ours."""
Peer = tuple[str, int]


class ProxyHeaderError(Exception):
    """A proxy does not say who is behind it."""


class Proxies:
    """The proxies whose word counts.

    Args:
        networks: Their addresses, or networks in which there is nothing else.

    Raises:
        InputError: one of them is no address.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        try:
            self._networks = tuple(ip_network(text) for text in networks)
        except ValueError as error:
            raise InputError(
                f"not an address of a proxy: {error}", mend="Write such as 10.0.0.5 or 10.0.0.0/29."
            ) from error

    def has(self, address: str) -> bool:
        """Whether a peer is one of them."""
        if not self._networks:
            return False
        found = ip_address(address.partition("%")[0])
        return any(found in network for network in self._networks)

    async def behind(self, accepted: socket.socket, proxy: Peer, *, timeout_s: float) -> Peer:
        """Read the header from a connection of a proxy, and nothing behind it; return who is behind the proxy.

        Where the proxy speaks for itself (to see whether we are there), that is the proxy.

        Raises:
            ProxyHeaderError: there is no such header, or not in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await _read(accepted, proxy)
        except (OSError, TimeoutError) as error:
            raise ProxyHeaderError from error


async def _read(accepted: socket.socket, proxy: Peer) -> Peer:
    signature, command, family, length = _HEAD.unpack(await _exactly(accepted, _HEAD.size))
    if signature != _SIGNATURE or command not in (_LOCAL, _PROXY) or length > _MOST_BYTES:
        raise ProxyHeaderError
    rest = await _exactly(accepted, length)
    if command == _LOCAL:
        return proxy
    match family:
        case 0x11 if length >= _TCP4_BYTES:
            return str(IPv4Address(rest[:4])), int.from_bytes(rest[8:10])
        case 0x21 if length >= _TCP6_BYTES:
            return _plain(IPv6Address(rest[:16])), int.from_bytes(rest[32:34])
        case _:
            raise ProxyHeaderError


def _plain(address: IPv6Address) -> str:
    """Return one spelling for one caller: IPv4 within IPv6 is IPv4."""
    return str(address.ipv4_mapped or address)


async def _exactly(accepted: socket.socket, count: int) -> bytes:
    loop, found = asyncio.get_running_loop(), b""
    while len(found) < count:
        more = await loop.sock_recv(accepted, count - len(found))
        if not more:
            raise ProxyHeaderError
        found += more
    return found
