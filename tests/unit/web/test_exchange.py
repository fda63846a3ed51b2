"""Reading one request in bare ASGI, and answering it."""

from __future__ import annotations

from typing import Any

import pytest

from holofleet.errors import StorageError
from holofleet.server.authorization import Action
from holofleet.web.exchange import GoneError, RefusalError, Reply, Request, send_reply, too_many
from holofleet.web.mdm.endpoint import Path, Paths


def request(headers: dict[str, str] | list[tuple[bytes, bytes]], *messages: dict[str, Any]) -> Request:
    listed = headers if isinstance(headers, list) else [(k.encode(), v.encode()) for k, v in headers.items()]
    waiting = list(messages)

    async def receive() -> Any:
        return waiting.pop(0)

    return Request({"headers": listed, "method": "POST", "client": ("192.0.2.1", 1)}, receive)


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def sent(reply: Reply) -> list[Any]:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await send_reply(send, reply)
    return messages


@pytest.mark.parametrize(
    ("value", "status"),
    [("-1", 400), ("1e3", 400), ("0x10", 400), ("", 400), ("٣", 400), ("11", 413), ("9" * 30, 413)],
)
def test_a_length_that_is_none_or_above_the_limit_is_refused(value: str, status: int) -> None:
    with pytest.raises(RefusalError) as refused:
        request({"content-length": value}).length(10)
    assert refused.value.reply.status == status


def test_a_length_within_the_limit_is_taken_and_a_missing_one_gets_411() -> None:
    assert request({"content-length": "10"}).length(10) == 10
    with pytest.raises(RefusalError) as refused:
        request({}).length(10)
    assert refused.value.reply.status == 411


def test_a_header_that_stands_twice_is_refused_and_one_that_is_missing_is_none() -> None:
    twice = request([(b"host", b"a"), (b"host", b"a")])
    with pytest.raises(RefusalError) as refused:
        twice.header(b"host")
    assert refused.value.reply.status == 400
    assert twice.header(b"cookie") is None
    assert request({"host": ""}).header(b"host") == ""


async def test_a_body_in_parts_is_joined_and_one_that_outgrows_its_limit_is_refused() -> None:
    parts = part(b"ab", more=True), part(b"", more=True), part(b"cd", more=False)
    assert await request({}, *parts).body(4) == b"abcd"
    with pytest.raises(RefusalError) as refused:
        await request({}, *parts).body(3)
    assert refused.value.reply.status == 413


async def test_a_peer_that_goes_away_in_the_middle_is_noticed() -> None:
    with pytest.raises(GoneError):
        await request({}, part(b"ab", more=True), {"type": "http.disconnect"}).body(10)


async def test_an_answer_has_its_length_and_an_empty_one_no_type() -> None:
    start, body = await sent(Reply(200, b"abc", "application/x"))
    assert dict(start["headers"]) == {b"content-length": b"3", b"content-type": b"application/x"}
    assert body["body"] == b"abc"
    empty, _ = await sent(Reply(200))
    assert empty["headers"] == [(b"content-length", b"0")]


def test_waiting_times_are_whole_seconds_and_never_zero() -> None:
    assert too_many(0.01).reply.headers == ((b"retry-after", b"1"),)
    assert too_many(2.1).reply.headers == ((b"retry-after", b"3"),)


class Failing:
    action = Action.READ_PUBLIC

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def answer(self, request: Request) -> Reply:
        raise self.error


async def test_a_database_that_cannot_be_used_means_later_and_says_nothing_of_itself() -> None:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    app = Paths([Path("/x", Failing(StorageError("disk of db-7 is full")))])
    scope = {"type": "http", "path": "/X", "headers": [], "method": "POST", "client": None}
    await app(scope, None, send)  # type: ignore[arg-type]
    assert messages[0]["status"] == 503
    assert (b"retry-after", b"60") in messages[0]["headers"]
    assert b"db-7" not in messages[1]["body"]


async def test_nothing_is_answered_to_a_peer_that_has_gone() -> None:
    app = Paths([Path("/x", Failing(GoneError()))])
    scope = {"type": "http", "path": "/x", "headers": [], "method": "POST", "client": None}

    async def send(message: Any) -> None:
        raise AssertionError("something was sent")

    await app(scope, None, send)  # type: ignore[arg-type]
