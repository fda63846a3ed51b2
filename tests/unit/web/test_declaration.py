"""Each route says what it does, or the application is not built."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.routing import Mount, Route

from holofleet.server.authorization import Action
from holofleet.web.declaration import (
    UndeclaredRouteError,
    check_declared,
    declared_actions,
    declared_mount,
    declares,
    walk_routes,
)


@declares(Action.READ_DRIFT)
def declared(request: Any) -> None: ...


def silent(request: Any) -> None: ...


def test_a_route_declares_what_its_endpoint_declares() -> None:
    assert declared_actions(Route("/a", declared)) == {Action.READ_DRIFT}
    assert declared_actions(Route("/a", silent)) == frozenset()
    check_declared([Route("/a", declared)])


def test_a_silent_route_is_found_at_any_depth_and_named_with_its_path() -> None:
    routes = [Mount("/outer", routes=[Mount("/inner", routes=[Route("/a", declared), Route("/b", silent)])])]
    with pytest.raises(UndeclaredRouteError, match=r"/outer/inner/b$"):
        check_declared(routes)


def test_a_mount_that_does_one_thing_is_one_route() -> None:
    async def files(scope: Any, receive: Any, send: Any) -> None: ...

    mount = declared_mount("/static", files, Action.READ_PUBLIC)
    check_declared([mount])
    assert [path for path, _ in walk_routes([mount])] == ["/static"]
    with pytest.raises(UndeclaredRouteError):
        check_declared([Mount("/static", app=files)])


def test_declaring_nothing_is_a_mistake() -> None:
    with pytest.raises(UndeclaredRouteError):
        declares()
