"""Talking to a server through its data folder: over its address if it runs, else inside this process.

Both ways go through the same API with the same authorization and audit; the second way holds the folder's lock,
so that no server can start in between.
"""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx2

from holofleet.errors import InputError
from holofleet.targets.server import ApiClient

if TYPE_CHECKING:
    from holofleet.cli.services import Wired

_INSIDE = "https://localhost"
OS_USER_HEADER = "Holofleet-Os-User"


@contextmanager
def local_client(data: Path) -> Iterator[ApiClient]:
    """Yield a client for the server of a data folder.

    Raises:
        InputError: there is no data folder, or its announcement cannot be read.
        FolderInUseError: another command works in it.
    """
    from holofleet.server.installation import find_running_server

    require_folder(data)
    running = find_running_server(data)
    if running is not None:
        with ApiClient.connect(
            running.address, token=running.read_token(), ca=running.ca, name=running.name, headers=_said()
        ) as client:
            yield client
        return
    from holofleet.cli.services import wire

    with wire(data) as wired, _inside(wired) as client:
        yield client


def require_folder(data: Path) -> None:
    """Return if this is the data folder of a server; a mistyped name must not become one.

    Raises:
        InputError: it is none.
    """
    if not (data / "installation.json").exists():
        raise InputError(
            f"{data}: this is no data folder of a server",
            mend=f"Start a server once with: holofleet serve --data {data}",
        )


@contextmanager
def _inside(wired: Wired) -> Iterator[ApiClient]:
    """Yield a client whose requests are answered by the API in this process, as the local administrator."""
    from holofleet.server.authorization import LOCAL_ADMIN
    from holofleet.web.api.app import api_app
    from holofleet.web.hosts import Hosts
    from holofleet.web.settings import WebSettings

    settings = WebSettings(hosts=Hosts(names=frozenset({"localhost"}), device_port=0))
    transport = _InProcess(api_app(wired.services, settings, principal=LOCAL_ADMIN))
    with ApiClient(httpx2.Client(base_url=_INSIDE, transport=transport, headers=_said())) as client:
        yield client


def os_user() -> str:
    """Return whom the operating system knows as the user of this command, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _said() -> dict[str, str]:
    return {OS_USER_HEADER: quote(os_user(), safe="")}


class _InProcess(httpx2.BaseTransport):
    """Answers each request by running an ASGI application once."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx2.ASGITransport(app=app)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        async def answer() -> httpx2.Response:
            body = request.read()
            inner = httpx2.Request(request.method, request.url, headers=request.headers, content=body)
            response = await self._transport.handle_async_request(inner)
            content = await response.aread()
            return httpx2.Response(response.status_code, headers=response.headers, content=content)

        return asyncio.run(answer())
