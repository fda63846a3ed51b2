"""Modules, style sheets and icons of the call pages, all under one digest: modules import each other by name.

What changes in any of them makes a new address for all: a page never runs modules of two versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from holofleet.server.authorization import Action
from holofleet.web.declaration import declares

PATH: Final = "/assist-static/{digest}/{name}"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def _contents() -> tuple[str, Mapping[str, tuple[bytes, str]]]:
    folder = files("holofleet.web.assist").joinpath("static")
    found: dict[str, tuple[bytes, str]] = {}
    whole = hashlib.sha256()
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        kind = _TYPES.get("." + file.name.rpartition(".")[2])
        if kind is not None:
            content = file.read_bytes()
            found[file.name] = content, kind
            whole.update(f"{file.name} {len(content)}\n".encode() + content)
    return whole.hexdigest()[:16], MappingProxyType(found)


def assist_asset_url(name: str) -> str:
    """Return the address of a file, with the digest of all.

    Raises:
        KeyError: there is no such file.
    """
    digest, found = _contents()
    found[name]
    return f"/assist-static/{digest}/{name}"


@declares(Action.READ_PUBLIC)
def serve_assist_asset(request: Request) -> Response:
    """Answer with a file; an old digest is a file that is gone."""
    digest, found = _contents()
    file = found.get(request.path_params["name"])
    if file is None or request.path_params["digest"] != digest:
        return Response(b"Not Found\n", 404, media_type="text/plain")
    return Response(file[0], media_type=file[1], headers={"cache-control": _FOR_EVER})


def asset_route() -> Route:
    """Return the route of the files."""
    return Route(PATH, serve_assist_asset, methods=["GET"])
