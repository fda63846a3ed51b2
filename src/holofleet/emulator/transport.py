"""Gives an emulator to an httpx2 client without a network: quick, deterministic, and cut as a network would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx2

from holofleet.emulator.faults import ConnectionCutError, NoAnswerError
from holofleet.emulator.message import Request, Response

if TYPE_CHECKING:
    from holofleet.emulator.emulator import Emulator


class InProcess(httpx2.AsyncBaseTransport, httpx2.BaseTransport):
    """A transport that answers from an emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._handled(request, request.read())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._handled(request, await request.aread())

    def _handled(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        url = request.url
        given = Request(
            method=request.method,
            path=unquote(url.raw_path.decode("ascii").partition("?")[0]),
            query=url.query.decode("ascii"),
            headers={name.casefold(): value for name, value in request.headers.items()},
            body=body,
            origin=f"{url.scheme}://{url.netloc.decode('ascii')}",
        )
        try:
            return _answer(self._emulator.handle(given), request)
        except NoAnswerError as error:
            raise httpx2.ReadTimeout("no answer in time", request=request) from error
        except ConnectionCutError as error:
            raise httpx2.RemoteProtocolError("the peer closed the connection without an answer") from error


def _answer(response: Response, request: httpx2.Request) -> httpx2.Response:
    headers = dict(response.headers)
    if response.body is None:
        return httpx2.Response(response.status, headers=headers, request=request)
    if isinstance(response.body, bytes):
        return httpx2.Response(response.status, headers=headers, content=response.body, request=request)
    headers["Content-Type"] = "application/json"
    content = json.dumps(response.body).encode()
    return httpx2.Response(response.status, headers=headers, content=content, request=request)
