"""The two applications, one for each listener.

    people: discovery, policy, enrollment | /api/v1 | /scim/v2 | pages, /k, /h, /healthz, /metrics | /assist/socket
    device: management, discovery, policy, enrollment, /healthz

Paths for headsets are dispatched before any framework sees them. Everything declares what it does; an application
with a route that does not is not built (AUTHZ-2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request as PageRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from holofleet.server.authorization import Action
from holofleet.web import device
from holofleet.web.api.app import api_app
from holofleet.web.api.call import PREFIX
from holofleet.web.assist import guest, headset, recordings
from holofleet.web.assist.gate import SOCKET_PATH, SocketGate, SocketRoute
from holofleet.web.assist.hub import Hub
from holofleet.web.assist.socket import AssistSocket
from holofleet.web.assist.who import CookieParties
from holofleet.web.console.assets import asset_url, serve_asset
from holofleet.web.declaration import check_declared, declared_actions, declares, walk_routes
from holofleet.web.device.apart import ByName, left_behind
from holofleet.web.device.passkeys import related_route
from holofleet.web.exchange import ASGIApp, Receive, RefusalError, Reply, Request, Scope, Send, send_reply
from holofleet.web.headers import SecurityHeaders
from holofleet.web.hosts import Hosts
from holofleet.web.mdm import device_paths, enrollment_paths
from holofleet.web.mdm.endpoint import Path, Paths, require_host
from holofleet.web.pages import PageGate
from holofleet.web.scim import PREFIX as SCIM_PREFIX
from holofleet.web.scim import scim_app
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings

if TYPE_CHECKING:
    from holofleet.web.console.demo import DemoActions

HEALTH_PATH = "/healthz"
METRICS_PATH = "/metrics"


class Health:
    """``/healthz``: the process answers. Says nothing else, because anybody may ask."""

    action = Action.READ_PUBLIC

    async def answer(self, request: Request) -> Reply:
        request.require_method("GET", "HEAD")
        return Reply(HTTPStatus.OK.value, b"" if request.method == "HEAD" else b"ok\n")


@dataclass(frozen=True)
class Application:
    """An ASGI application that can say what it serves."""

    app: ASGIApp
    paths: tuple[Path | SocketRoute, ...]
    routes: tuple[BaseRoute, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def inventory(self) -> list[str]:
        """List every path with its methods and what it does, sorted: kept in a reviewed file (DEF-1)."""
        lines = [f"{path.path} {' '.join(sorted(path.holofleet_actions))}" for path in self.paths]
        for path, route in walk_routes(self.routes):
            methods = ",".join(sorted(getattr(route, "methods", None) or {"*"}))
            lines.append(f"{path} {methods} {' '.join(sorted(declared_actions(route)))}")
        return sorted(lines)


def device_app(services: Services, settings: WebSettings) -> Application:
    """Return the application of ``--device-listen``."""
    paths = (*device_paths(services, settings), Path(HEALTH_PATH, Health()))
    return Application(Paths(paths), paths)


def people_app(
    services: Services,
    settings: WebSettings,
    *,
    pages: Sequence[BaseRoute] | None = None,
    demo: DemoActions | None = None,
) -> Application:
    """Return the application of ``--listen``.

    Args:
        services: What the routes call.
        settings: Names, limits, what is switched on.
        pages: What stands in the place of the console's routes; ``None`` for the console.
        demo: What the console of a demonstration may do to simulated headsets; never given by ``serve``.

    Raises:
        UndeclaredRouteError: a route does not say what it does.
    """
    if pages is None:
        from holofleet.web import console

        pages = [*recordings.routes(services), *console.routes(services, settings, demo=demo)]
    on_headsets = [
        *device.routes(services, settings),
        *headset.routes(services),
        *guest.routes(services, asset=asset_url),
    ]
    apart = settings.hosts.assist
    here = on_headsets if apart is None else [related_route(settings.hosts), *left_behind(on_headsets, apart)]
    routes = [*([_metrics_route()] if settings.metrics else ()), *here, *pages]
    paged = _gated(routes, services, settings)
    api = api_app(services, settings)
    scim = scim_app(services, settings)
    programs = {PREFIX: api, SCIM_PREFIX: scim}
    rest = SecurityHeaders(_Split(programs, paged, settings.hosts), hsts=settings.hsts)
    paths = (*enrollment_paths(services, settings, on_device_listener=False), Path(HEALTH_PATH, Health()))
    served: ASGIApp = Paths(paths, otherwise=rest)
    if apart is not None:
        # The page of guests wears the console's style sheet.
        files = Route("/static/{digest}/{name}", serve_asset, methods=["GET"])
        theirs = SecurityHeaders(_gated([*on_headsets, files], services, settings), hsts=settings.hsts)
        served = ByName(apart.host, Paths((Path(HEALTH_PATH, Health()),), otherwise=theirs), served)
    app = _Sockets(_assist_socket(services, settings), served)
    return Application(app, (*paths, SocketRoute()), (*api.routes, *scim.routes, *routes))


def _gated(routes: Sequence[BaseRoute], services: Services, settings: WebSettings) -> PageGate:
    check_declared(routes)
    shell = Starlette(routes=routes)
    shell.router.redirect_slashes = False
    shell.state.services = services
    return PageGate(shell, hosts=settings.hosts, limits=settings.limits)


def _assist_socket(services: Services, settings: WebSettings) -> AssistSocket:
    gate = SocketGate(hosts=settings.hosts, limits=settings.limits, origins=settings.assist_origins)
    return AssistSocket(Hub(services.assist, services.clock.now), gate, CookieParties(services), services.clock)


class _Sockets:
    """Upgrades to the socket of calls, which the transport takes at its path only; everything else to HTTP."""

    def __init__(self, socket: AssistSocket, otherwise: ASGIApp) -> None:
        self._socket = socket
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == SOCKET_PATH:
            await self._socket(scope, receive, send)
        else:
            await self._otherwise(scope, receive, send)


class _Split:
    """Programs to their application by the beginning of the path, everything else to the pages; all behind the
    check of the Host."""

    def __init__(self, programs: Mapping[str, ASGIApp], pages: ASGIApp, hosts: Hosts) -> None:
        self._programs = programs
        self._pages = pages
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        app = next((a for p, a in self._programs.items() if path == p or path.startswith(p + "/")), None)
        if app is None:
            await self._pages(scope, receive, send)
            return
        try:
            require_host(Request(scope, receive), self._hosts)
        except RefusalError as refusal:
            await send_reply(send, refusal.reply)
            return
        await app(scope, receive, send)


def _metrics_route() -> Route:
    @declares(Action.READ_METRICS)
    def metrics(request: PageRequest) -> Response:
        if not _is_loopback(request):
            return PlainTextResponse("Not Found\n", HTTPStatus.NOT_FOUND)
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Route(METRICS_PATH, metrics, methods=["GET"])


def _is_loopback(request: PageRequest) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
