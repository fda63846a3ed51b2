"""The console's own files: one style sheet, one script, one sprite, and htmx as it was published.

Everything is read at start and served from memory under a name that carries its digest, so that a browser keeps it
for ever and a new version is a new address. Nothing comes from another origin (WEB-3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.web.declaration import declares

HTMX = "vendor/htmx-4.0.1"
HTMX_SHA256: Mapping[str, str] = MappingProxyType(
    {
        "htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
        "hx-sse.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
    }
)
"""SHA-256 of the files of htmx.org 4.0.1 as its package has them (Zero-Clause BSD license)."""
_CSS = "text/css; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_SVG = "image/svg+xml"
_SHEETS = (
    "tokens.css",
    "base.css",
    "components.css",
    "frame.css",
    "pages.css",
    "people.css",
    "trust.css",
    "sign-in.css",
    "narrow.css",
)
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    content: bytes
    media_type: str
    digest: str


def read_static(name: str) -> bytes:
    """Read one file of the folder ``static``."""
    return files("holofleet.web.console").joinpath("static", *name.split("/")).read_bytes()


@cache
def assets() -> Mapping[str, Asset]:
    """Return everything that is served, by name. The style sheets become one, in their order."""
    made = {
        "console.css": _asset(b"\n".join(read_static(sheet) for sheet in _SHEETS), _CSS),
        "console.js": _asset(read_static("console.js"), _SCRIPT),
        "left.js": _asset(read_static("left.js"), _SCRIPT),
        "live.js": _asset(read_static("live.js"), _SCRIPT),
        "played.js": _asset(read_static("played.js"), _SCRIPT),
        "sign-in.js": _asset(read_static("sign-in.js"), _SCRIPT),
        "icons.svg": _asset(read_static("icons.svg"), _SVG),
        "favicon.svg": _asset(read_static("favicon.svg"), _SVG),
    }
    made |= {name: _asset(read_static(f"{HTMX}/{name}"), _SCRIPT) for name in HTMX_SHA256}
    return MappingProxyType(made)


def asset_url(name: str) -> str:
    """Return the address of a file, with its digest."""
    return f"/static/{assets()[name].digest}/{name}"


@declares(Action.READ_PUBLIC)
def serve_asset(request: Request) -> Response:
    """Answer with a file; an old digest is a file that is gone."""
    asset = assets().get(request.path_params["name"])
    if asset is None or asset.digest != request.path_params["digest"]:
        return Response(b"Not Found\n", 404, media_type="text/plain")
    return Response(asset.content, media_type=asset.media_type, headers={"cache-control": _FOR_EVER})


def _asset(content: bytes, media_type: str) -> Asset:
    return Asset(content, media_type, hashlib.sha256(content).hexdigest()[:16])
