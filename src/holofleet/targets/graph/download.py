"""Fetch what a report export or a log collection left behind: another host, and never our token (GRA-1)."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import httpx2

from holofleet.errors import PeerError
from holofleet.targets.graph.origin import Origin

LARGEST: Final = 256 * 1024 * 1024


async def download(http: httpx2.AsyncClient, url: str, *, origin: Origin, largest: int = LARGEST) -> bytes:
    """Return the bytes behind an address that the Graph gave.

    The address holds its own permission and ends soon; it is never logged and never part of a message.

    Args:
        http: A client without any authorization of its own.
        url: As the Graph gave it.
        origin: The Graph; only an emulator over plain http may give a plain address, and only its own.
        largest: Bytes at most.

    Raises:
        PeerError: not https, a redirect, a refusal, too large, or no connection.
    """
    try:
        parts = urlsplit(url)
        own = (parts.scheme, parts.hostname, parts.port or 80) == (origin.scheme, origin.host, origin.port)
    except ValueError:
        raise PeerError("the Graph gave an address that is none") from None
    if parts.scheme != "https" and not (own and not origin.carries_token):
        raise PeerError("the Graph gave an address that is not https; it is not fetched")
    try:
        async with http.stream("GET", url, follow_redirects=False) as answer:
            if answer.status_code != 200:
                raise PeerError(f"{parts.hostname} answered {answer.status_code} instead of the file")
            return await _read(answer, largest)
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise PeerError(f"the file at {parts.hostname} cannot be fetched ({type(error).__name__})") from None


async def _read(answer: httpx2.Response, largest: int) -> bytes:
    data = bytearray()
    async for part in answer.aiter_bytes():
        data += part
        if len(data) > largest:
            raise PeerError(f"the file is larger than {largest} bytes; it is not read on")
    return bytes(data)
