"""The HTTP rules of both listeners, over real TLS sockets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.web_server import Wire, echo, exchange, listening, trust

from holofleet.web.limits import ConnectionLimits, Rate

HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"
QUICK = replace(
    ConnectionLimits(),
    head_timeout_s=0.2,
    body_rate_window_s=0.2,
    body_timeout_s=0.6,
    linger_s=0.5,
    keep_alive_s=1,
)


async def test_a_request_is_answered_with_date_server_and_length_and_the_connection_lives() -> None:
    async with listening(echo) as listener:
        wire = await Wire.open(listener.port)
        for text in (b"one", b"three"):
            answer = await wire.ask(HEAD + b"Content-Length: %d\r\n\r\n" % len(text) + text)
            assert (answer.status, answer.body) == (200, text)
            assert answer.header("date")
            assert answer.header("server") == "holofleet"
            assert answer.header("transfer-encoding") is None
        await wire.close()


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        b"Content-Length: 3, 3\r\n\r\nabc",
        b"Content-Length: +3\r\n\r\nabc",
        b"Content-Length: 99999999999999999999999\r\n\r\nabc",
        b"X: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
        b"X : a\r\nContent-Length: 0\r\n\r\n",
        b"X: a\nContent-Length: 0\n\n",
        b"X: a\x00b\r\nContent-Length: 0\r\n\r\n",
        b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_DEP_4_a_request_that_two_readers_could_read_differently_gets_400_and_a_close(lines: bytes) -> None:
    async with listening(echo, limits=replace(ConnectionLimits(), linger_s=0.5)) as listener:
        wire = await Wire.open(listener.port)
        answer = await wire.ask(HEAD + lines)
        assert answer.status == 400
        assert answer.header("connection") == "close"
        assert await wire.is_closed()
        await wire.close()


@pytest.mark.parametrize(
    "start",
    [b"GET http://elsewhere.example/ HTTP/1.1", b"OPTIONS * HTTP/1.1", b"CONNECT localhost:1 HTTP/1.1", b"GET /"],
)
async def test_a_target_that_is_no_path_of_ours_gets_400(start: bytes) -> None:
    async with listening(echo) as listener:
        answer = await exchange(listener.port, start + b"\r\nHost: localhost\r\n\r\n")
        assert answer.status == 400


async def test_PAR_1_transfer_encoding_alone_gets_411() -> None:
    async with listening(echo, device=True) as listener:
        wire = await Wire.open(listener.port)
        answer = await wire.ask(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        assert answer.status == 411
        assert await wire.is_closed()
        await wire.close()


async def test_too_many_header_fields_get_431() -> None:
    async with listening(echo) as listener:
        fits = HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(62)) + b"Content-Length: 0\r\n\r\n"
        assert (await exchange(listener.port, fits)).status == 200
        above = HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(63)) + b"Content-Length: 0\r\n\r\n"
        assert (await exchange(listener.port, above)).status == 431


async def test_too_long_a_head_gets_431_whether_or_not_it_ends() -> None:
    async with listening(echo) as listener:
        ended = HEAD + b"X: " + b"y" * 17_000 + b"\r\n\r\n"
        assert (await exchange(listener.port, ended)).status == 431
        wire = await Wire.open(listener.port)
        await wire.send(HEAD + b"X: ")
        for _ in range(20):
            await wire.send(b"y" * 1_000)
            await asyncio.sleep(0)
        assert (await wire.answer()).status == 431
        await wire.close()


async def test_a_connection_that_says_nothing_is_closed() -> None:
    async with listening(echo, limits=QUICK) as listener:
        wire = await Wire.open(listener.port)
        assert await wire.is_closed(within_s=30)
        await wire.close()


async def test_a_head_that_never_ends_gets_408() -> None:
    async with listening(echo, limits=QUICK) as listener:
        wire = await Wire.open(listener.port)
        answer = await wire.ask(HEAD + b"X: y\r\n")
        assert answer.status == 408
        assert await wire.is_closed(within_s=30)
        await wire.close()


async def test_a_second_request_whose_head_never_ends_gets_408() -> None:
    async with listening(echo, limits=QUICK) as listener:
        wire = await Wire.open(listener.port)
        assert (await wire.ask(HEAD + b"Content-Length: 0\r\n\r\n")).status == 200
        assert (await wire.ask(b"POST /x HT")).status == 408
        await wire.close()


async def test_a_body_that_stalls_gets_408() -> None:
    async with listening(echo, limits=QUICK) as listener:
        wire = await Wire.open(listener.port)
        answer = await wire.ask(HEAD + b"Content-Length: 1000\r\n\r\nabc")
        assert answer.status == 408
        assert await wire.is_closed(within_s=30)
        await wire.close()


async def test_a_body_that_trickles_for_too_long_gets_408_although_its_rate_is_enough() -> None:
    async with listening(echo, limits=QUICK) as listener:
        wire = await Wire.open(listener.port)
        await wire.send(HEAD + b"Content-Length: 1000000\r\n\r\n")
        answering = asyncio.create_task(wire.answer())
        for _ in range(100):
            if answering.done():
                break
            await wire.send(b"y" * 500)
            await asyncio.sleep(0.02)
        assert answering.done(), "the server went on reading for two seconds"
        assert answering.result().status == 408
        await wire.close()


async def test_an_idle_connection_is_closed_after_the_keep_alive_time() -> None:
    async with listening(echo, limits=QUICK) as listener:
        wire = await Wire.open(listener.port)
        await wire.ask(HEAD + b"Content-Length: 0\r\n\r\n")
        assert not await wire.is_closed(within_s=0.5)
        assert await wire.is_closed(within_s=30)
        await wire.close()


async def refusing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"no"})


async def test_a_refusal_before_the_body_reaches_a_client_that_sends_all_of_it_first() -> None:
    async with listening(refusing) as listener:
        wire = await Wire.open(listener.port)
        size = 20 * 2**20
        await wire.send(HEAD + b"Content-Length: %d\r\n\r\n" % size)
        for _ in range(20):
            await wire.send(b"y" * 2**20)
        answer = await wire.answer()
        assert (answer.status, answer.body) == (413, b"no")
        assert answer.header("connection") == "close"
        assert await wire.is_closed(within_s=30)
        await wire.close()


async def test_after_a_refusal_reading_on_is_bounded_in_time() -> None:
    async with listening(refusing, limits=QUICK) as listener:
        wire = await Wire.open(listener.port)
        await wire.send(HEAD + b"Content-Length: 100000000\r\n\r\n")
        assert (await wire.answer()).status == 413
        started = asyncio.get_running_loop().time()
        try:
            while asyncio.get_running_loop().time() - started < 5:
                await wire.send(b"y" * 1000)
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        assert asyncio.get_running_loop().time() - started < 3
        await wire.close()


async def test_pipelined_requests_are_answered_in_order_up_to_a_limit() -> None:
    async with listening(echo) as listener:
        wire = await Wire.open(listener.port)
        await wire.send(b"".join(HEAD + b"Content-Length: 1\r\n\r\n%d" % n for n in range(5)))
        assert [(await wire.answer()).body for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
        await wire.close()
        wire = await Wire.open(listener.port)
        await wire.send((HEAD + b"Content-Length: 0\r\n\r\n") * 200)
        raw = await wire.reader.read()
        assert raw.count(b"HTTP/1.1 200") <= 20
        await wire.close()


async def without_length(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


async def test_an_answer_without_length_is_chunked_for_people_and_impossible_for_headsets() -> None:
    async with listening(without_length) as listener:
        answer = await exchange(listener.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.header("transfer-encoding") == "chunked"
    async with listening(without_length, device=True) as listener:
        answer = await exchange(listener.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.status == 500
        assert answer.header("transfer-encoding") is None


async def test_one_address_gets_no_more_handshakes_than_its_rate_and_others_are_not_asked() -> None:
    limits = replace(ConnectionLimits(), handshakes=Rate(0.001, 3))
    async with listening(echo, limits=limits) as listener:
        for _ in range(3):
            assert (await exchange(listener.port, HEAD + b"Content-Length: 0\r\n\r\n")).status == 200
        with pytest.raises((ConnectionError, OSError)):
            await Wire.open(listener.port)
        assert listener.refused_connections == 1


async def test_connections_above_the_limit_are_closed_and_those_within_go_on() -> None:
    async with listening(echo, limits=replace(ConnectionLimits(), connections=2)) as listener:
        held = [await Wire.open(listener.port) for _ in range(2)]
        with pytest.raises((ConnectionError, OSError)):
            await Wire.open(listener.port)
        for wire in held:
            assert (await wire.ask(HEAD + b"Content-Length: 0\r\n\r\n")).status == 200
            await wire.close()


async def test_a_handshake_that_never_comes_is_ended() -> None:
    async with listening(echo, limits=replace(ConnectionLimits(), handshake_timeout_s=0.2)) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        async with asyncio.timeout(3):
            assert await reader.read() == b""
        writer.close()
        assert listener.failed_handshakes == 1


async def test_the_tls_extension_holds_the_verified_certificate_of_the_peer() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["extensions"]["tls"])
        await echo(scope, receive, send)

    async with listening(app, device=True) as listener:
        await exchange(listener.port, HEAD + b"Content-Length: 0\r\n\r\n", identity=trust().headset)
        await exchange(listener.port, HEAD + b"Content-Length: 0\r\n\r\n")
    chain = [extension["client_cert_chain"] for extension in seen]
    assert chain == [[trust().headset.certificate.pem], []]
    assert seen[0]["tls_version"] == 0x0304
    assert seen[0]["cipher_suite"] in (0x1301, 0x1302, 0x1303)
