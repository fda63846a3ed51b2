"""Live pages: one session takes no more than its share of them (DOS-1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.security.test_every_door import furnished
from tests.web_server import Wire
from tests.web_services import whole_server

from holofleet.server.access import COOKIE_NAME
from holofleet.web.console import live


async def listen(port: int, cookie: str) -> tuple[Wire, int]:
    wire = await Wire.open(port)
    head = f"GET /events?view=overview HTTP/1.1\r\nHost: localhost\r\nCookie: {COOKIE_NAME}={cookie}\r\n\r\n"
    await wire.send(head.encode())
    line = await wire.reader.readuntil(b"\r\n\r\n")
    return wire, int(line.split(b" ")[1])


async def test_DOS_1_one_session_does_not_take_the_places_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_OF_ONE", 2)
    with furnished(tmp_path) as made:
        opened = [made.services.access.redeem(made.services.access.one_time_link().token) for _ in range(2)]
        greedy, other = (one.cookie for one in opened if one is not None)
        wires = []
        async with whole_server(made, pages=None) as server:
            port = server.listener("people").port
            try:
                for cookie, expected in ((greedy, 200), (greedy, 200), (greedy, 429), (other, 200)):
                    wire, status = await listen(port, cookie)
                    wires.append(wire)
                    if status == 200:
                        await wire.reader.readuntil(b": live\n\n")
                    assert status == expected
            finally:
                for wire in wires:
                    await wire.close()
