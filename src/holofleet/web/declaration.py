"""What each route does, said at the route (AUTHZ-2).

Every endpoint carries the actions that it may perform; the applications refuse to start when one does not. A
route that performs several (orders of several kinds) declares them all and decides by the one that was asked.

    @declares(Action.READ_DRIFT)
    def drift(...): ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from starlette.routing import BaseRoute, Mount

from holofleet.server.authorization import Action

_ATTRIBUTE = "holofleet_actions"
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class UndeclaredRouteError(Exception):
    """A route does not say what it does: a mistake in this program, found at start-up."""


def declares(*actions: Action) -> Callable[[Endpoint], Endpoint]:
    """Mark an endpoint (a function, a class or an ASGI application) with what it does."""
    if not actions:
        raise UndeclaredRouteError("an endpoint has to declare at least one action")

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ATTRIBUTE, frozenset(actions))
        return endpoint

    return mark


def declared_mount(path: str, app: Callable[..., Any], action: Action) -> Mount:
    """Mount an application whose every path does the same one thing, such as a folder of static files."""
    mount = Mount(path, app=app)
    setattr(mount, _ATTRIBUTE, frozenset({action}))
    return mount


def declared_actions(route: object) -> frozenset[Action]:
    """Return what a route, or the endpoint behind it, declares; empty if nothing."""
    for holder in (route, getattr(route, "endpoint", None), getattr(route, "app", None)):
        found = getattr(holder, _ATTRIBUTE, None)
        if isinstance(found, frozenset):
            return found
    return frozenset()


def walk_routes(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, BaseRoute]]:
    """Yield every route with its full path; a mount that declares for all below it is one route."""
    for route in routes:
        path = prefix + str(getattr(route, "path", ""))
        inner = getattr(route, "routes", None)
        if isinstance(route, Mount) and inner and not declared_actions(route):
            yield from walk_routes(inner, path)
        else:
            yield path, route


def check_declared(routes: Iterable[BaseRoute]) -> None:
    """Check that every route says what it does.

    Raises:
        UndeclaredRouteError: naming the routes that do not.
    """
    silent = [path or "/" for path, route in walk_routes(routes) if not declared_actions(route)]
    if silent:
        raise UndeclaredRouteError(f"these routes declare no action: {', '.join(silent)}")
