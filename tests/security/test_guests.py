"""Guests over the network: what a link, a cookie and a socket of theirs open, and that it is nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from tests.assist_peers import Peer, seat_of
from tests.security.test_assist_socket import closed, status_of
from tests.served_assist import ServedAssist, fleet, served_assist

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import Principal, PrincipalKind, Scope
from holofleet.web.assist.who import GUEST_COOKIE
from holofleet.web.device import DEVICE_COOKIE

MEGAN = "megan@contoso.com"
EXPERT = Principal(PrincipalKind.PERSON, MEGAN, frozenset(), Scope.every())


class Answer(NamedTuple):
    status: int
    body: str
    cookie: str


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[ServedAssist]:
    async with served_assist(tmp_path) as made:
        yield made


async def http(
    served: ServedAssist, method: str, path: str, *, cookie: str = "", origin: str = "", **fields: str
) -> Answer:
    """Send what the page of a guest sends."""

    def send() -> Answer:
        at = urlsplit(served.address)
        with closing(HTTPSConnection(at.hostname or "", at.port, context=served.tls, timeout=30)) as connection:
            headers = {"origin": origin or served.address, "content-type": "application/x-www-form-urlencoded"}
            if cookie:
                headers["cookie"] = cookie
            connection.request(method, path, urlencode(fields) if fields else None, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode(), answer.headers.get("set-cookie", ""))

    return await asyncio.to_thread(send)


def link(served: ServedAssist, **asked: str) -> str:
    links = served.bench.services.assist.links
    call = asked.get("call", "")
    return links.make(EXPERT, "Service of Fabrikam", call=call, headset="" if call else "100").token


async def opened(served: ServedAssist, token: str) -> str:
    """Open a link and return the cookie of the browser."""
    answer = await http(served, "POST", "/g/open", token=token)
    assert answer.status == 200, answer
    return answer.cookie.partition(";")[0]


async def invited(served: ServedAssist, cookie: str) -> bool:
    answer = await http(served, "GET", "/g/invitation", cookie=cookie)
    assert answer.status == 200
    return json.loads(answer.body)["by"] is not None


async def in_call(served: ServedAssist) -> tuple[Peer, Peer, str]:
    headset, expert = await served.headset("100"), await served.expert(MEGAN)
    call = (await headset.ask("call.invite", to=served.key(MEGAN)))["call"]["id"]
    await expert.hears("call.ring")
    await expert.ask("call.accept", call=call)
    for peer in (headset, expert):
        await peer.ask("call.connected", call=call)
    return headset, expert, call


async def guest_in(served: ServedAssist, expert: Peer, call: str) -> tuple[Peer, str]:
    """A guest who waited and was let in."""
    cookie = await opened(served, link(served, call=call))
    assert await invited(served, cookie)
    guest = await served.peer("guest", cookie).open()
    assert (await guest.ask("guest.knock", name="Lynne Robbins"))["state"] == "waiting"
    told = await expert.hears("guests", lambda m: bool(m["waiting"]))
    await expert.ask("guest.admit", call=call, link=told["waiting"][0]["link"])
    await guest.sees(call, "connected")
    await guest.ask("call.connected", call=call)
    return guest, cookie


async def test_AST_1_a_guest_takes_part_leaves_and_is_nobody_afterwards(served: ServedAssist) -> None:
    headset, expert, call = await in_call(served)
    guest, cookie = await guest_in(served, expert, call)
    view = await headset.hears("call.state", lambda m: m["call"]["parties"][-1]["kind"] == "guest")
    seat = seat_of(view["call"], "guest")
    assert (seat["name"], seat["label"]) == ("Guest: Lynne Robbins", "link of Megan Bowen")
    await guest.ask("chat.send", call=call, text="Turn it left.")
    assert (await headset.hears("chat"))["text"] == "Turn it left."
    # A lost socket comes back to its call.
    await guest.drop()
    await guest.open()
    assert [one["id"] for one in guest.welcome["calls"]] == [call]
    await guest.ask("call.leave", call=call)
    assert await asyncio.wait_for(closed(guest), 30) == 4401
    assert await status_of(served, additional_headers={"Cookie": cookie}) == 403
    assert not await invited(served, cookie)
    assert (await expert.ask("chat.send", call=call, text="Still here."))["type"] == "done"


async def test_AST_1_every_link_that_does_not_count_gets_one_answer(served: ServedAssist) -> None:
    used, withdrawn = link(served), link(served)
    await opened(served, used)
    links = served.bench.services.assist.links
    links.withdraw(EXPERT, next(one.id for one in links.own(EXPERT) if one.opened_at is None))
    unknown = withdrawn[:-8] + "AAAAAAAA"
    answers = [
        await http(served, "POST", "/g/open", token=token) for token in (used, withdrawn, unknown, "", "x" * 5_000)
    ]
    assert {answer.status for answer in answers} == {403}
    assert len({answer.body for answer in answers}) == 1
    assert not any(answer.cookie for answer in answers)


async def test_AST_1_opening_links_has_a_limit_for_each_address(served: ServedAssist) -> None:
    statuses = [(await http(served, "POST", "/g/open", token="hfg_guess")).status for _ in range(25)]
    assert statuses[:5] == [403] * 5
    assert statuses[-1] == 429


async def test_WEB_1_the_cookie_of_a_guest_is_theirs_alone_and_opens_nothing_else(served: ServedAssist) -> None:
    answer = await http(served, "POST", "/g/open", token=link(served))
    flags = {part.strip().casefold() for part in answer.cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= flags
    secret = answer.cookie.partition(";")[0].partition("=")[2]
    for name in (COOKIE_NAME, DEVICE_COOKIE):
        assert await status_of(served, additional_headers={"Cookie": f"{name}={secret}"}) == 403
    session = served.session_cookie(MEGAN).partition("=")[2]
    assert await status_of(served, additional_headers={"Cookie": f"{GUEST_COOKIE}={session}"}) == 403
    # A guest's socket says that it is one.
    for page in ("expert", "headset"):
        peer = await served.peer(page, f"{GUEST_COOKIE}={secret}").open(hello=False)
        await peer.send({"v": 1, "type": "hello", "id": "1", "page": page})
        assert (await peer.until_closed())[0] == 4403


async def test_WEB_2_a_link_is_not_opened_by_a_page_of_somebody_else_or_by_looking(served: ServedAssist) -> None:
    token = link(served)
    assert (await http(served, "GET", f"/g?token={token}")).status == 200
    assert (await http(served, "GET", "/g/open")).status == 405
    answer = await http(served, "POST", "/g/open", origin="https://evil.example", token=token)
    assert answer.status == 403
    await opened(served, token)


async def test_AST_1_a_fleet_file_without_guests_puts_them_out_in_mid_call(served: ServedAssist) -> None:
    headset, expert, call = await in_call(served)
    guest, _ = await guest_in(served, expert, call)
    served.publish(fleet().replace("assist: {recording", "assist: {forbid: [guests], recording"))
    assert await asyncio.wait_for(closed(guest), 30) == 4401
    left = await expert.hears("call.state", lambda m: m["call"]["parties"][-1]["state"] == "left")
    assert seat_of(left["call"], "guest")["why"] == "not-allowed"
    assert left["call"]["state"] == "connected"
    assert (await headset.ask("chat.send", call=call, text="Still here."))["type"] == "done"


async def test_AST_1_withdrawing_closes_the_socket_of_a_guest(served: ServedAssist) -> None:
    _, expert, call = await in_call(served)
    guest, _ = await guest_in(served, expert, call)
    key = seat_of((await guest.ask("hello", page="guest"))["calls"][0], "guest")
    assert "key" not in key
    mine = seat_of((await expert.ask("hello", page="expert"))["calls"][0], "guest")["key"]
    assert (await expert.ask("guest.withdraw", call=call, link=mine))["type"] == "done"
    assert await asyncio.wait_for(closed(guest), 30) == 4401
