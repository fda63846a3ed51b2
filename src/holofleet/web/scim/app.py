"""The SCIM application: routes, and our errors as SCIM's."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, RefusedError, StorageError
from holofleet.protocols.scim import ERROR, ScimError, ScimType
from holofleet.server.authorization import Action, Principal
from holofleet.web.api.body import parse_object
from holofleet.web.api.gate import Gate
from holofleet.web.api.problem import ProblemError
from holofleet.web.declaration import check_declared, declares
from holofleet.web.scim import about, groups, users
from holofleet.web.scim.call import MEDIA_TYPE, PREFIX, Call
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings

_LOG = logging.getLogger("holofleet.web.scim")
Answer: TypeAlias = tuple[int, Mapping[str, Any] | None]
Handler: TypeAlias = Callable[[Call], Answer]

_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/ServiceProviderConfig", about.service_provider_config),
    ("GET", "/ResourceTypes", about.resource_types),
    ("GET", "/ResourceTypes/{id}", about.resource_type),
    ("GET", "/Schemas", about.schemas),
    ("GET", "/Schemas/{id}", about.schema),
    ("GET", "/Users", users.listed),
    ("POST", "/Users", users.add),
    ("GET", "/Users/{id}", users.show),
    ("PUT", "/Users/{id}", users.put),
    ("PATCH", "/Users/{id}", users.patch),
    ("DELETE", "/Users/{id}", users.remove),
    ("GET", "/Groups", groups.listed),
    ("POST", "/Groups", groups.add),
    ("GET", "/Groups/{id}", groups.show),
    ("PUT", "/Groups/{id}", groups.put),
    ("PATCH", "/Groups/{id}", groups.patch),
    ("DELETE", "/Groups/{id}", groups.remove),
)


def scim_app(services: Services, settings: WebSettings) -> Gate:
    """Return the application below ``/scim/v2``: bearer tokens of the role ``provisioner`` only."""
    app = Starlette(routes=[_route(method, path, handler, services) for method, path, handler in _ROUTES])
    app.router.redirect_slashes = False
    check_declared(app.routes)

    async def principal_of(token: str) -> Principal | None:
        return await run_in_threadpool(services.access.principal_of_token, token)

    return Gate(app, principal_of=principal_of, limits=replace(settings.limits, api=settings.limits.scim))


def _route(method: str, path: str, handler: Handler, services: Services) -> BaseRoute:
    @declares(Action.PROVISION_PEOPLE)
    async def endpoint(request: Request) -> Response:
        try:
            body = parse_object(await request.body()) if method in ("POST", "PUT", "PATCH") else {}
            call = Call(
                request.state.principal,
                services.provisioning,
                _base(request),
                dict(request.query_params),
                str(request.path_params.get("id", "")),
                body,
            )
            status, content = await run_in_threadpool(handler, call)
        except ProblemError as error:
            return _error(error.status, error.title, ScimType.INVALID_SYNTAX)
        except HolofleetError as error:
            return _error_of(error)
        return _answer(status, content)

    return Route(PREFIX + path, endpoint, methods=[method])


def _base(request: Request) -> str:
    return f"https://{request.headers['host']}{PREFIX}"


def _error_of(error: HolofleetError) -> Response:
    match error:
        case ScimError():
            return _error(HTTPStatus.BAD_REQUEST, error.summary, error.kind)
        case NotFoundError():
            return _error(HTTPStatus.NOT_FOUND, error.summary)
        case ConflictError():
            return _error(HTTPStatus.CONFLICT, error.summary, ScimType.UNIQUENESS)
        case RefusedError():
            return _error(HTTPStatus.FORBIDDEN, f"{error.summary}. {error.detail} {error.mend}".strip())
        case InputError():
            return _error(HTTPStatus.BAD_REQUEST, error.summary, ScimType.INVALID_VALUE)
        case StorageError():
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, "the server is busy")
    _LOG.error("an error without a translation", exc_info=error)
    return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "the server made a mistake")


def _error(status: HTTPStatus, detail: str, kind: ScimType | None = None) -> Response:
    content = {"schemas": [ERROR], "status": str(status.value), "detail": detail}
    return _answer(status.value, content if kind is None else {**content, "scimType": str(kind)})


def _answer(status: int, content: Mapping[str, Any] | None) -> Response:
    if content is None:
        return Response(status_code=status)
    headers: dict[str, str] = {}
    location = content.get("meta", {}).get("location") if status == HTTPStatus.CREATED else None
    if location:
        headers["location"] = str(location)
    body = json.dumps(content, ensure_ascii=False).encode()
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)
