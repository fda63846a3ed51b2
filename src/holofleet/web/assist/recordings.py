"""What an expert's page sends while it records: chunk after chunk, each answered by the number of the next one.

    POST /call-recordings {"call", "type"} -> 201 {"id", "chunk_bytes", "bits_per_s"}
    PUT /call-recordings/ID/NUMBER (bytes) -> 200 {"next"}
    POST /call-recordings/ID/end           -> 200 {}

Size, rate and Origin are judged before, as for every page. A refusal is 409 with its rule and words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from holofleet.errors import StorageError
from holofleet.server.access import COOKIE_NAME
from holofleet.server.assist import Party, Refusal
from holofleet.server.authorization import Action
from holofleet.web.assist.who import CookieParties
from holofleet.web.declaration import declares
from holofleet.web.services import Services

PATH: Final = "/call-recordings"
_NO_STORE: Final = {"cache-control": "no-store"}
_KEY: Final = re.compile(r"[0-9a-f]{32}\Z")
_NUMBER: Final = re.compile(r"[0-9]{1,6}\Z")
Act = Callable[[Party, bytes], dict[str, Any]]


def routes(services: Services) -> list[Route]:
    """Return the routes of recordings."""
    intake = services.assist.intake

    def begin(party: Party, body: bytes) -> dict[str, Any]:
        said = _object(body)
        begun = intake.begin(party, str(said.get("call", "")), str(said.get("type", "")))
        return {"id": begun.id, "chunk_bytes": begun.chunk_bytes, "bits_per_s": begun.bits_per_s}

    @declares(Action.ANSWER_CALLS)
    async def begun(request: Request) -> Response:
        return await _answer(services, request, begin, HTTPStatus.CREATED)

    @declares(Action.ANSWER_CALLS)
    async def taken(request: Request) -> Response:
        key, number = request.path_params["recording"], request.path_params["number"]

        def take(party: Party, body: bytes) -> dict[str, Any]:
            return {"next": intake.take(party, _key(key), _number(number), body)}

        return await _answer(services, request, take)

    @declares(Action.ANSWER_CALLS)
    async def ended(request: Request) -> Response:
        key = request.path_params["recording"]

        def end(party: Party, body: bytes) -> dict[str, Any]:
            intake.finish(party, _key(key))
            return {}

        return await _answer(services, request, end)

    return [
        Route(PATH, begun, methods=["POST"]),
        Route(PATH + "/{recording}/end", ended, methods=["POST"]),
        Route(PATH + "/{recording}/{number}", taken, methods=["PUT"]),
    ]


async def _answer(services: Services, request: Request, act: Act, status: HTTPStatus = HTTPStatus.OK) -> Response:
    try:
        body = await request.body()
    except ClientDisconnect:
        return Response(status_code=HTTPStatus.BAD_REQUEST)  # to nobody
    return await run_in_threadpool(_done, services, request, act, body, status)


def _done(services: Services, request: Request, act: Act, body: bytes, status: HTTPStatus) -> Response:
    proof = {COOKIE_NAME: request.cookies.get(COOKIE_NAME, "")}
    party = CookieParties(services).parties(proof).get("expert")
    if party is None:
        return _said(HTTPStatus.FORBIDDEN, "session", "Only the expert of a call records it.")
    try:
        return JSONResponse(act(party, body), status, headers=_NO_STORE)
    except Refusal as refusal:
        return _said(HTTPStatus.CONFLICT, refusal.rule, refusal.words)
    except StorageError:
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, "storage", "The server cannot keep it now.")


def _said(status: HTTPStatus, rule: str, words: str) -> Response:
    return JSONResponse({"rule": rule, "words": words}, status, headers=_NO_STORE)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Refusal("malformed", "This is no beginning of a recording.")
    return said


def _key(text: str) -> str:
    if not _KEY.match(text):
        raise Refusal("no-such-recording", "There is no such recording here.")
    return text


def _number(text: str) -> int:
    if not _NUMBER.match(text):
        raise Refusal("malformed", "That is no number of a chunk.")
    return int(text)
