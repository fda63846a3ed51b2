"""The API as one ASGI application, to be mounted at ``/api/v1`` or called inside our own process."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from holofleet.errors import HolofleetError
from holofleet.server.authorization import Principal
from holofleet.web.api import (
    approvals,
    audit,
    calls,
    credentials,
    custody,
    directory,
    headsets,
    licenses,
    loans,
    recordings,
    state,
    webhooks,
)
from holofleet.web.api.gate import Gate
from holofleet.web.api.problem import ProblemError, problem, problem_of, problem_of_shape
from holofleet.web.declaration import check_declared
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings

_LOG = logging.getLogger("holofleet.web.api")


def api_app(services: Services, settings: WebSettings, *, principal: Principal | None = None) -> Gate:
    """Return the API with its routes below ``/api/v1``.

    Args:
        services: What the routes call.
        settings: Names and limits.
        principal: Who every caller is, for calls inside our own process (a command that opened the data folder
            itself); over the network it is never given, and each call shows its token.

    Raises:
        UndeclaredRouteError: a route does not say what it does.
    """
    # No schema and no pages about it unless an operator asks: the pages of FastAPI would load foreign scripts.
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.services = services
    rooms = (state, headsets, approvals, credentials, directory, licenses, custody, loans, calls, webhooks, audit)
    for module in (*rooms, recordings):
        api.router.routes.extend(module.router.routes)
    _translate_errors(api)
    check_declared(api.routes)

    async def principal_of(token: str) -> Principal | None:
        return await run_in_threadpool(services.access.principal_of_token, token)

    return Gate(api, principal_of=principal_of, limits=settings.limits, fixed=principal)


def _translate_errors(api: FastAPI) -> None:
    @api.exception_handler(HolofleetError)
    async def _ours(request: Request, error: HolofleetError) -> Response:
        return problem_of(error)

    @api.exception_handler(ProblemError)
    async def _said(request: Request, error: ProblemError) -> Response:
        return error.response()

    @api.exception_handler(RequestValidationError)
    async def _shape(request: Request, error: RequestValidationError) -> Response:
        return problem_of_shape(error.errors())

    @api.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        return problem(status, status.phrase.lower(), headers=error.headers)

    @api.exception_handler(ClientDisconnect)
    async def _gone(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=HTTPStatus.BAD_REQUEST)  # to nobody

    @api.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> Response:
        _LOG.error("a call failed", exc_info=error)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the server made a mistake")
