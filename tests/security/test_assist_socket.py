"""The socket of calls: who gets one, from where, what it costs, and when it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.assist_peers import Peer, seat_of
from tests.served_assist import ServedAssist, fleet, served_assist
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.directory import PersonChange

MEGAN = "megan@contoso.com"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[ServedAssist]:
    async with served_assist(tmp_path) as made:
        yield made


async def status_of(served: ServedAssist, path: str = "/assist/socket", **more: object) -> int:
    """Return the status of an upgrade; 101 where it is taken."""
    options = {
        "origin": Origin(served.address),
        "subprotocols": [Subprotocol("holofleet.assist.v1")],
        "additional_headers": {"Cookie": served.session_cookie(MEGAN)},
        **more,
    }
    try:
        address = served.address.replace("https", "wss") + path
        async with connect(address, ssl=served.tls, proxy=None, **options):  # type: ignore[arg-type]  # chosen above
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_WEB_2_only_pages_of_this_server_open_a_socket(served: ServedAssist) -> None:
    assert await status_of(served) == 101
    for origin in (None, "null", "https://evil.example", served.address + ".evil.example", "http://localhost"):
        assert await status_of(served, origin=origin) == 403
    assert await status_of(served, origin=Origin("https://localhost")) == 403


async def test_WEB_1_a_socket_needs_the_cookie_of_a_party(served: ServedAssist) -> None:
    headset = served.device_cookie("100").partition("=")[2]
    session = served.session_cookie(MEGAN).partition("=")[2]
    nobody = [
        "",
        f"{COOKIE_NAME}=hf_nothing",
        # One kind of cookie never opens the door of another.
        f"{COOKIE_NAME}={headset}",
        f"__Host-holofleet-headset={session}",
        # Twice is unreadable.
        f"{COOKIE_NAME}={session}; {COOKIE_NAME}={session}",
        # A person without the role of an expert in the fleet file, whatever else they are.
        served.session_cookie("isaiah@contoso.com"),
    ]
    for cookie in nobody:
        assert await status_of(served, additional_headers={"Cookie": cookie}) == 403, cookie


async def test_AUTHZ_2_upgrades_elsewhere_and_other_names_are_refused(served: ServedAssist) -> None:
    for path in ("/", "/assist/socket/", "/assist/socket?token=1", "/api/v1/state", "/assist%2Fsocket"):
        assert await status_of(served, path) == 400, path
    assert await status_of(served, additional_headers={"Host": "evil.example"}) == 400
    assert await status_of(served, subprotocols=None) == 400
    assert await status_of(served, subprotocols=[Subprotocol("chat")]) == 400


async def test_AUTHZ_3_a_socket_ends_when_its_session_or_pairing_does(served: ServedAssist) -> None:
    expert, headset = await served.expert(MEGAN), await served.headset("100")
    access = served.bench.services.access
    access.sign_out(expert.cookie.partition("=")[2])
    served.bench.services.custody.kiosk.unpair(LOCAL_ADMIN, "100")
    for peer in (expert, headset):
        assert await asyncio.wait_for(closed(peer), 12) == 4401


async def test_AUTHZ_3_a_socket_ends_when_the_role_of_expert_is_taken(served: ServedAssist) -> None:
    expert = await served.expert(MEGAN)
    served.publish(fleet().replace("display_name: Megan Bowen, roles: [expert]", "display_name: Megan Bowen"))
    assert await asyncio.wait_for(closed(expert), 12) in (4401, 4403)


async def closed(peer: Peer) -> int:
    assert peer._reading is not None
    await peer._reading
    assert peer.closed is not None
    return peer.closed[0]


async def test_AST_1_a_page_says_its_own_kind_and_nothing_before_hello(served: ServedAssist) -> None:
    headset = await served.peer("headset", served.device_cookie("100")).open(hello=False)
    assert (await headset.ask("experts.list"))["code"] == "hello"
    await headset.send({"v": 1, "type": "hello", "id": "1", "page": "expert"})
    assert (await headset.until_closed())[0] == 4403


async def test_AST_1_a_barrier_that_comes_in_mid_call_ends_it_on_both_pages(served: ServedAssist) -> None:
    headset, expert = await served.headset("100"), await served.expert(MEGAN)
    call = (await headset.ask("call.invite", to=served.key(MEGAN)))["call"]["id"]
    await expert.hears("call.ring")
    await expert.ask("call.accept", call=call)
    for peer in (headset, expert):
        await peer.ask("call.connected", call=call)
    served.publish(fleet(barriers="[{between: [fabrikam, pump-experts]}]"))
    for peer in (headset, expert):
        ended = await asyncio.wait_for(ends(peer, call), 10)
        assert ended == "not-allowed"


async def ends(peer: Peer, call: str) -> str:
    while True:
        for message in peer.told:
            if message["type"] == "call.state" and message["call"].get("ended"):
                assert message["call"]["id"] == call
                reason: str = message["call"]["ended"]["reason"]
                return reason
        await asyncio.sleep(0.1)


async def test_AST_1_what_is_told_to_one_call_is_never_told_to_another(served: ServedAssist) -> None:
    first, megan = await served.headset("100"), await served.expert(MEGAN)
    second, adele = await served.headset("101"), await served.expert("adele@contoso.com")
    calls = []
    for headset, expert, upn in ((first, megan, MEGAN), (second, adele, "adele@contoso.com")):
        call = (await headset.ask("call.invite", to=served.key(upn)))["call"]["id"]
        await expert.hears("call.ring")
        calls.append(await expert.ask("call.accept", call=call))
    mine, theirs = (answer["call"] for answer in calls)
    other = seat_of(theirs, "headset")["id"]
    description = {"type": "offer", "sdp": "canary"}
    answer = await megan.ask("signal.description", call=mine["id"], to=other, description=description)
    assert answer["type"] == "refused"
    answer = await megan.ask("signal.description", call=theirs["id"], to=other, description=description)
    assert answer["rule"] == "no-such-call"
    await first.ask("call.media", call=mine["id"], camera=True, microphone=True)
    await asyncio.sleep(0.3)
    assert "canary" not in json.dumps(second.told)
    assert {message["call"]["id"] for message in second.told if message["type"] == "call.state"} == {theirs["id"]}


async def test_DOS_1_messages_above_the_rate_end_a_socket(served: ServedAssist) -> None:
    headset = await served.headset("100")
    for number in range(120):
        try:
            await headset.send({"v": 1, "type": "ping", "id": f"p{number}"})
        except Exception:
            break
    assert (await headset.until_closed())[0] == 4429


async def test_DOS_1_a_message_that_is_too_large_ends_a_socket(served: ServedAssist) -> None:
    headset = await served.headset("100")
    await headset.send('"' + "x" * 70_000 + '"')
    assert (await headset.until_closed())[0] == 1009


async def test_AST_3_unreadable_messages_are_answered_and_then_end_a_socket(served: ServedAssist) -> None:
    headset = await served.headset("100")
    for _ in range(20):
        await headset.send("{")
    assert (await headset.until_closed())[0] == 4400
    assert len([one for one in headset.told if one["type"] == "error"]) == 19


async def test_DOS_1_a_third_socket_of_a_session_closes_its_oldest(served: ServedAssist) -> None:
    cookie = served.session_cookie(MEGAN)
    peers = [await served.peer("expert", cookie).open() for _ in range(3)]
    assert (await peers[0].until_closed())[0] == 4409
    assert (await peers[2].ask("ping"))["type"] == "pong"


async def test_WEB_1_a_person_whose_role_is_withdrawn_from_the_directory_calls_nobody_any_more(
    served: ServedAssist,
) -> None:
    headset = await served.headset("100")
    await served.expert(MEGAN)
    served.bench.services.directory.change(LOCAL_ADMIN, served.key(MEGAN), PersonChange(call_roles=frozenset()))
    answer = await headset.ask("call.invite", to=served.key(MEGAN))
    assert answer["rule"] == "EXT-57"
