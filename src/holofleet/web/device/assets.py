"""Style sheet and script of the pages on headsets, under names that carry their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.web.declaration import declares

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_NAMES = ("device.css", "device.js", "device.svg")
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _contents() -> Mapping[str, tuple[str, bytes]]:
    folder = files("holofleet.web.device").joinpath("static")
    read = {name: folder.joinpath(name).read_bytes() for name in _NAMES}
    return MappingProxyType({n: (hashlib.sha256(c).hexdigest()[:16], c) for n, c in read.items()})


def device_asset_url(name: str) -> str:
    """Return the address of a file, with its digest."""
    return f"/device-static/{_contents()[name][0]}/{name}"


@declares(Action.READ_PUBLIC)
def serve_device_asset(request: Request) -> Response:
    """Answer with a file; an old digest is a file that is gone."""
    found = _contents().get(request.path_params["name"])
    if found is None or found[0] != request.path_params["digest"]:
        return Response(b"Not Found\n", 404, media_type="text/plain")
    kind = request.path_params["name"].rpartition(".")[2]
    return Response(found[1], media_type=_TYPES[kind], headers={"cache-control": _FOR_EVER})
