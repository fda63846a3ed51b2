"""Files of reports come from elsewhere, and the token never goes there (SECURITY GRA-1)."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from holofleet.errors import PeerError
from holofleet.targets.graph.download import download
from holofleet.targets.graph.origin import DEFAULT, Origin

GRAPH = Origin.parse(DEFAULT)
EMULATOR = Origin.parse("http://127.0.0.1:8765")
BLOB = "https://blob.example.net/report.zip?sig=canary"


def client(answer: Callable[[httpx2.Request], httpx2.Response], seen: list[httpx2.Request]) -> httpx2.AsyncClient:
    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return answer(request)

    return httpx2.AsyncClient(transport=httpx2.MockTransport(handle))


async def test_GRA_1_a_file_is_fetched_without_any_authorization() -> None:
    seen: list[httpx2.Request] = []
    http = client(lambda _: httpx2.Response(200, content=b"zip"), seen)
    assert await download(http, BLOB, origin=GRAPH) == b"zip"
    assert "authorization" not in seen[0].headers


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://blob.example.net/x", GRAPH),
        ("http://127.0.0.1:8765/x", GRAPH),
        ("http://127.0.0.1:9999/x", EMULATOR),
        ("http://blob.example.net/x", EMULATOR),
        ("file:///etc/passwd", GRAPH),
        ("https://[", GRAPH),
    ],
)
async def test_GRA_1_an_address_that_is_not_https_is_not_fetched(url: str, origin: Origin) -> None:
    seen: list[httpx2.Request] = []
    with pytest.raises(PeerError):
        await download(client(lambda _: httpx2.Response(200), seen), url, origin=origin)
    assert not seen


async def test_an_emulator_may_serve_its_own_files() -> None:
    http = client(lambda _: httpx2.Response(200, content=b"zip"), [])
    assert await download(http, "http://127.0.0.1:8765/downloads/1", origin=EMULATOR) == b"zip"


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(302, headers={"Location": "https://evil.example.net"}),
        httpx2.Response(403),
        httpx2.Response(200, content=b"x" * 2000),
    ],
)
async def test_a_redirect_a_refusal_and_too_much_end_it_and_the_address_is_never_told(
    answer: httpx2.Response,
) -> None:
    seen: list[httpx2.Request] = []
    with pytest.raises(PeerError) as caught:
        await download(client(lambda _: answer, seen), BLOB, origin=GRAPH, largest=1000)
    assert "canary" not in str(caught.value)
    assert len(seen) == 1
