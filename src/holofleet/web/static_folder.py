"""Files of a room, served from memory under one digest of them all: modules import each other by name.

What changes in any of them makes a new address for all: a page never runs modules of two versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from holofleet.server.authorization import Action
from holofleet.web.declaration import declares

_TYPES: Final = {
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class StaticFolder:
    """The folder ``static`` of a package, read once: scripts, style sheets and icons.

    Args:
        package: Whose folder it is.
        prefix: Where it is served, without a slash at its end.
        folder: Another folder of the package, with slashes between its parts.
        headers: What every file is answered with beside its type.
    """

    def __init__(
        self, package: str, prefix: str, *, folder: str = "static", headers: Mapping[str, str] = _NOTHING
    ) -> None:
        self._package = package
        self._prefix = prefix
        self._folder = folder
        self._headers = {**headers, "cache-control": _FOR_EVER}

    @cached_property
    def _contents(self) -> tuple[str, Mapping[str, tuple[bytes, str]]]:
        found: dict[str, tuple[bytes, str]] = {}
        whole = hashlib.sha256()
        for file in sorted(
            files(self._package).joinpath(*self._folder.split("/")).iterdir(), key=lambda one: one.name
        ):
            kind = _TYPES.get(file.name.rpartition(".")[2])
            if kind is not None:
                content = file.read_bytes()
                found[file.name] = content, kind
                whole.update(f"{file.name} {len(content)}\n".encode() + content)
        return whole.hexdigest()[:16], MappingProxyType(found)

    def url(self, name: str) -> str:
        """Return the address of a file, with the digest of all.

        Raises:
            KeyError: there is no such file.
        """
        digest, found = self._contents
        found[name]
        return f"{self._prefix}/{digest}/{name}"

    @property
    def base(self) -> str:
        """The address of the folder, with a slash at its end."""
        return f"{self._prefix}/{self._contents[0]}/"

    def route(self) -> Route:
        """Return the route of the files; an old digest is a file that is gone."""

        @declares(Action.READ_PUBLIC)
        def serve(request: Request) -> Response:
            digest, found = self._contents
            file = found.get(request.path_params["name"])
            if file is None or request.path_params["digest"] != digest:
                return Response(b"Not Found\n", 404, media_type="text/plain")
            return Response(file[0], media_type=file[1], headers=self._headers)

        return Route(f"{self._prefix}/{{digest}}/{{name}}", serve, methods=["GET"])
