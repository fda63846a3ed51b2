"""One delivery over a real socket: what it sends, and every way in which it does not arrive (CON-2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from tests.receiving import LOOPBACK, Receiver, receiver
from tests.web_server import trust

from holofleet.server.webhooks import Answer, Networks, Proxy, Sender, Trouble
from holofleet.server.webhooks.sending import MOST_BYTES, Resolve

HEADERS = {"webhook-id": "msg_1"}


@pytest.fixture
async def there() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


def names(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def sender(
    *,
    allowed: Sequence[str] = LOOPBACK,
    resolve: Resolve = names("127.0.0.1"),  # noqa: B008 - a function, made once
    proxy: Proxy | None = None,
    timeout_s: float = 30,
    trusted: bool = True,
) -> Sender:
    context = trust().client_context() if trusted else None
    return Sender(networks=Networks(allowed), context=context, resolve=resolve, proxy=proxy, timeout_s=timeout_s)


async def test_a_message_is_posted_as_it_is_with_its_headers_and_the_name_that_was_asked(there: Receiver) -> None:
    answer = await sender().post(there.url, HEADERS, b'{"a":1}')
    assert answer == Answer(204)
    (came,) = there.came
    assert came.line == "POST /fleet?key=1 HTTP/1.1"
    assert came.headers["host"] == f"localhost:{there.port}"
    assert came.headers["webhook-id"] == "msg_1"
    assert came.headers["content-type"] == "application/json"
    assert came.body == b'{"a":1}'


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("::ffff:127.0.0.1",),
        ("93.184.215.14", "127.0.0.1"),
        ("10.0.0.5",),
        ("169.254.169.254",),
    ],
)
async def test_CON_2_a_name_that_leads_inwards_is_not_reached_even_with_a_public_address_beside(
    there: Receiver, addresses: tuple[str, ...]
) -> None:
    answer = await sender(allowed=(), resolve=names(*addresses)).post(there.url, HEADERS, b"{}")
    assert answer == Answer(trouble=Trouble.ADDRESS)
    assert there.came == []


async def test_CON_2_a_name_is_resolved_once_and_the_address_that_was_looked_at_is_the_one_reached(
    there: Receiver,
) -> None:
    asked = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.5",)

    assert await sender(resolve=rebinding).post(there.url, HEADERS, b"{}") == Answer(204)
    assert asked == ["localhost"]
    assert len(there.came) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_CON_2_nobody_follows_an_answer_that_leads_elsewhere(there: Receiver, status: int) -> None:
    there.answer = f"HTTP/1.1 {status} Found\r\nLocation: {there.url}\r\n\r\n".encode()
    assert await sender().post(there.url, HEADERS, b"{}") == Answer(status, Trouble.REDIRECT)
    assert len(there.came) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Answer(200)),
        (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n", Answer(202)),
        (b"HTTP/1.1 500 Oh\r\n\r\n", Answer(500, Trouble.STATUS)),
        (b"HTTP/1.1 429\r\n\r\n", Answer(429, Trouble.STATUS)),
        (b"HTTP/1.1 410 Gone\r\n\r\n", Answer(410, Trouble.GONE)),
        (b"SSH-2.0-Server\r\n\r\n", Answer(trouble=Trouble.ANSWER)),
        (b"HTTP/1.1 200 OK\r\nX: cut", Answer(trouble=Trouble.ANSWER)),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * (2 * MOST_BYTES), Answer(trouble=Trouble.ANSWER)),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000, Answer(trouble=Trouble.ANSWER)),
        (b"", Answer(trouble=Trouble.ANSWER)),
    ],
    ids=["ok", "early", "error", "bare", "gone", "other", "cut", "endless", "never", "nothing"],
)
async def test_what_is_answered_is_understood_and_what_is_no_answer_as_well(
    there: Receiver, answer: bytes, expected: Answer
) -> None:
    there.answer = answer
    assert await sender().post(there.url, HEADERS, b"{}") == expected


async def test_CON_2_a_receiver_that_says_nothing_holds_nobody_longer_than_the_time_of_a_delivery(
    there: Receiver,
) -> None:
    there.answer = None
    assert await sender(timeout_s=0.5).post(there.url, HEADERS, b"{}") == Answer(trouble=Trouble.SLOW)


async def test_a_certificate_that_does_not_prove_the_name_gets_no_message(there: Receiver) -> None:
    other = f"https://hooks.contoso.com:{there.port}/"
    assert await sender().post(other, HEADERS, b"{}") == Answer(trouble=Trouble.TLS)
    assert await sender(trusted=False).post(there.url, HEADERS, b"{}") == Answer(trouble=Trouble.TLS)
    assert there.came == []


async def test_a_name_without_an_address_and_a_port_without_a_listener_are_told_apart(there: Receiver) -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    assert await sender(resolve=nowhere).post(there.url, HEADERS, b"{}") == Answer(trouble=Trouble.NAME)
    assert await sender(resolve=names()).post(there.url, HEADERS, b"{}") == Answer(trouble=Trouble.NAME)
    closed = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    answer = await sender().post(f"https://localhost:{port}/", HEADERS, b"{}")
    assert answer == Answer(trouble=Trouble.CONNECTION)


async def test_through_a_proxy_the_tunnel_leads_to_the_address_that_was_looked_at(there: Receiver) -> None:
    asked = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode()
        asked.append(line)
        inner, outer = await asyncio.open_connection("127.0.0.1", int(line.split(" ")[1].rpartition(":")[2]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def pass_on(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            try:
                while data := await source.read(65_536):
                    to.write(data)
            except OSError:
                pass
            finally:
                to.close()

        await asyncio.gather(pass_on(reader, outer), pass_on(inner, writer))

    proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    try:
        through = sender(proxy=Proxy("127.0.0.1", proxy.sockets[0].getsockname()[1]))
        assert await through.post(there.url, HEADERS, b"{}") == Answer(204)
    finally:
        proxy.close()
    assert asked == [f"CONNECT 127.0.0.1:{there.port} HTTP/1.1"]
    assert len(there.came) == 1
