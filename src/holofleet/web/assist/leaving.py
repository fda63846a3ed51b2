"""``POST /h/left``: a message that a headset leaves, and sends again until it hears that it is kept."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from holofleet.errors import HolofleetError, InputError, RefusedError, StorageError
from holofleet.server.assist.left import Draft, Part, PartKind
from holofleet.server.authorization import Action
from holofleet.web.declaration import declares
from holofleet.web.device import paired
from holofleet.web.services import Services

PATH: Final = "/h/left"
_MOST_FIELDS: Final = 6
_NO_STORE: Final = {"cache-control": "no-store"}


def route(services: Services) -> Route:
    """Return the route. Its size, rate and Origin are judged before it, like those of every page."""

    @declares(Action.PLACE_CALL)
    async def endpoint(request: Request) -> Response:
        try:
            async with request.form(max_files=len(PartKind), max_fields=_MOST_FIELDS) as read:
                fields = {name: value for name, value in read.items() if isinstance(value, str)}
                parts = [await _part(name, value) for name, value in read.items() if isinstance(value, UploadFile)]
            return await run_in_threadpool(_answer, services, request, fields, parts)
        except HTTPException:
            return _said(HTTPStatus.BAD_REQUEST, "This is no message.")
        except InputError as error:
            return _said(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))

    return Route(PATH, endpoint, methods=["POST"])


async def _part(name: str, file: UploadFile) -> Part:
    if name not in set(PartKind):
        raise InputError("a message has no such part")
    kind = (file.content_type or "").partition(";")[0].strip()
    return Part(PartKind(name), kind, await file.read())


def _answer(services: Services, request: Request, fields: dict[str, str], parts: list[Part]) -> Response:
    seconds = fields.get("voice_s", "0")
    try:
        browser = paired(services, request)
        if browser is None:
            return _said(HTTPStatus.FORBIDDEN, "This browser is not paired with a headset.")
        draft = Draft(
            key=fields.get("key", ""),
            to=fields.get("to", ""),
            rota=fields.get("rota", ""),
            phrases=tuple(fields.get("phrases", "").split()),
            parts=tuple(parts),
            voice_s=int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 4 else 0,
        )
        message = services.assist.left.leave(browser.serial, draft)
    except StorageError:
        return _said(HTTPStatus.SERVICE_UNAVAILABLE, "The server cannot keep it now.")
    except RefusedError as error:
        return _said(HTTPStatus.CONFLICT, str(error))
    except InputError as error:
        return _said(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except HolofleetError as error:
        return _said(HTTPStatus.CONFLICT, error.summary)
    return JSONResponse({"id": message.id, "for": message.to}, HTTPStatus.CREATED, headers=_NO_STORE)


def _said(status: HTTPStatus, words: str) -> Response:
    content: dict[str, Any] = {"words": words[:1].upper() + words[1:]}
    return JSONResponse(content, status, headers=_NO_STORE)
