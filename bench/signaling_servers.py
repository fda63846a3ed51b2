"""Servers that :mod:`bench.signaling` measures, each in a process of its own; its first line says where it is."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


async def holofleet(folder: Path) -> None:
    """Serve calls of a small fleet, as the tests of calls do, until stopped."""
    from tests.served_assist import served_assist
    from tests.web_server import trust

    async with served_assist(folder) as served:
        told = {
            "address": served.address,
            "ca": trust().server_ca.certificate.pem,
            "headset": served.device_cookie("100"),
            "expert": served.session_cookie("megan@contoso.com"),
            "key": served.key("megan@contoso.com"),
        }
        print(json.dumps(told), flush=True)
        await asyncio.Event().wait()


async def bare() -> None:
    """Pass on every frame of one socket to the other."""
    sockets: list[WebSocket] = []

    async def relay(mine: WebSocket) -> None:
        await mine.accept()
        sockets.append(mine)
        try:
            while True:
                text = await mine.receive_text()
                for other in sockets:
                    if other is not mine:
                        await other.send_text(text)
        except WebSocketDisconnect:
            sockets.remove(mine)

    app = Starlette(routes=[WebSocketRoute("/", relay)])
    config = uvicorn.Config(app, ws="websockets-sansio", ws_per_message_deflate=False, log_level="warning")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Whoever connects before it serves waits in the queue of the listening socket.
        print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
        await uvicorn.Server(config).serve([listening])


def main() -> None:
    """Serve what the command line names."""
    if sys.argv[1] != "holofleet":
        asyncio.run(bare())
        return
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(holofleet(folder))


if __name__ == "__main__":
    main()
