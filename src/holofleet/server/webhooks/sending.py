"""One delivery: a POST over TLS to an address that was looked at, without redirects, within 5 seconds (CON-2).

Of the answer only the status is read: what a receiver writes is shown to nobody, so nothing is read through us.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from holofleet.server.webhooks.addresses import Networks, Place, require_sound
from holofleet.server.webhooks.values import Answer, Trouble

TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 64 * 1024
"""Of the head of an answer."""
MOST_ADDRESSES: Final = 4
"""Of one name, tried one after the other."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class _Failed(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that is asked for a tunnel (CONNECT) to the address that was looked at."""

    host: str
    port: int


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as this machine finds them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)  # a stream
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Sender:
    """Sends messages."""

    def __init__(
        self,
        *,
        networks: Networks | None = None,
        context: ssl.SSLContext | None = None,
        resolve: Resolve = resolve,
        proxy: Proxy | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Take where it may go, whom it trusts (the system's certificates), how names are found, and a proxy."""
        self._networks = networks or Networks()
        self._context = context or ssl.create_default_context()
        self._resolve = resolve
        self._proxy = proxy
        self._timeout_s = timeout_s

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a message once and say what came of it; never raises for what is elsewhere."""
        place = require_sound(url)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(place, headers, body)
        except TimeoutError:
            return Answer(trouble=Trouble.SLOW)
        except _Failed as failed:
            return Answer(trouble=failed.trouble)

    async def _post(self, place: Place, headers: Mapping[str, str], body: bytes) -> Answer:
        reader, writer = await self._connect(place, await self._addresses(place))
        try:
            writer.write(_request(place, headers, body))
            await writer.drain()
            return _answer(await _status(reader))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            raise _Failed(Trouble.ANSWER) from error
        finally:
            writer.transport.abort()  # nothing more is wanted, not even an orderly end

    async def _addresses(self, place: Place) -> Sequence[str]:
        try:
            found = await self._resolve(place.host, place.port)
        except OSError as error:
            raise _Failed(Trouble.NAME) from error
        if not found:
            raise _Failed(Trouble.NAME)
        if not all(self._networks.allow(address) for address in found):
            raise _Failed(Trouble.ADDRESS)
        return found[:MOST_ADDRESSES]

    async def _connect(
        self, place: Place, addresses: Sequence[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for address in addresses:
            try:
                if self._proxy is not None:
                    return await self._through(self._proxy, place, address)
                return await asyncio.open_connection(
                    address, place.port, ssl=self._context, server_hostname=place.host, limit=MOST_BYTES
                )
            except ssl.SSLError as error:
                raise _Failed(Trouble.TLS) from error
            except (OSError, EOFError, asyncio.LimitOverrunError):
                continue
        raise _Failed(Trouble.CONNECTION)

    async def _through(
        self, proxy: Proxy, place: Place, address: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port, limit=MOST_BYTES)
        try:
            to = f"[{address}]:{place.port}" if ":" in address else f"{address}:{place.port}"
            writer.write(f"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n".encode("ascii"))
            await writer.drain()
            if await _status(reader) != 200:
                raise _Failed(Trouble.CONNECTION)
            await writer.start_tls(self._context, server_hostname=place.host)
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer


def _request(place: Place, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = {
        "host": place.authority,
        "user-agent": "holofleet",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {place.target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


async def _status(reader: asyncio.StreamReader) -> int:
    """Read the head of an answer; heads that only say that it is coming are passed over."""
    read = 0
    while read < MOST_BYTES:
        head = await reader.readuntil(b"\r\n\r\n")
        read += len(head)
        found = _STATUS.match(head)
        if found is None:
            raise _Failed(Trouble.ANSWER)
        status = int(found.group(1))
        if status >= 200:
            return status
    raise _Failed(Trouble.ANSWER)


def _answer(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(status)
    if 300 <= status < 400:
        return Answer(status, Trouble.REDIRECT)
    return Answer(status, Trouble.GONE if status == 410 else Trouble.STATUS)
