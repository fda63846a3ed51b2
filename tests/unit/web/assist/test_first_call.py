"""Calls over real sockets: two parties talk through the real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.assist_peers import Peer, seat_of
from tests.served_assist import ServedAssist, served_assist

MEGAN, ADELE, LEE = "megan@contoso.com", "adele@contoso.com", "lee@contoso.com"


async def called(served: ServedAssist, upn: str = MEGAN) -> tuple[Peer, Peer, str]:
    """A headset has called an expert, it rings."""
    headset, expert = await served.headset("100"), await served.expert(upn)
    answer = await headset.ask("call.invite", to=served.key(upn), asset="PUMP-7")
    assert answer["type"] == "call.state", answer
    call = answer["call"]["id"]
    ring = await expert.hears("call.ring", lambda m: m["call"] == call)
    assert ring["from"]["serial"] == "100"
    assert ring["asset"] == "PUMP-7"
    return headset, expert, call


async def connected(served: ServedAssist, upn: str = MEGAN) -> tuple[Peer, Peer, str]:
    """They talk."""
    headset, expert, call = await called(served, upn)
    assert (await expert.ask("call.accept", call=call))["call"]["state"] == "connecting"
    await headset.sees(call, "connecting")
    for peer in (headset, expert):
        await peer.ask("call.connected", call=call, path="direct")
    await headset.sees(call, "connected")
    await expert.sees(call, "connected")
    return headset, expert, call


async def test_a_headset_calls_an_expert_and_they_exchange_descriptions_chat_and_the_end(tmp_path: Path) -> None:
    async with served_assist(tmp_path) as served:
        headset, expert, call = await called(served)
        await expert.ask("call.accept", call=call)
        view = await headset.sees(call, "connecting")
        me, other = view["me"], seat_of(view, "expert")["id"]
        assert view["polite"] == {other: False}
        offer = {"type": "offer", "sdp": "v=0 ..."}
        assert (await headset.ask("signal.description", call=call, to=other, description=offer))["type"] == "done"
        heard = await expert.hears("signal.description")
        assert (heard["from"], heard["description"]) == (me, offer)
        candidate = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
        await expert.ask("signal.candidate", call=call, to=me, candidate=candidate)
        assert (await headset.hears("signal.candidate"))["candidate"]["candidate"] == candidate["candidate"]
        for peer in (headset, expert):
            await peer.ask("call.connected", call=call, path="direct")
        await expert.sees(call, "connected")
        await expert.ask("chat.send", call=call, text="Turn the valve.")
        assert (await headset.hears("chat"))["text"] == "Turn the valve."
        await headset.ask("call.end", call=call)
        ended = await expert.sees(call, "ended")
        assert (ended["ended"]["reason"], ended["ended"]["by"]) == ("hung-up", me)


async def test_numbers_of_what_a_party_is_told_have_no_gaps(tmp_path: Path) -> None:
    async with served_assist(tmp_path) as served:
        headset, expert, call = await connected(served)
        for word in ("one", "two", "three"):
            await headset.ask("chat.send", call=call, text=word)
        await expert.hears("chat", lambda m: m["text"] == "three")
        assert expert.seq[call] >= 7


@pytest.mark.parametrize("party", ["headset", "expert"])
async def test_a_socket_that_is_lost_resumes_where_it_was(tmp_path: Path, party: str) -> None:
    async with served_assist(tmp_path) as served:
        headset, expert, call = await connected(served)
        lost, stays = (headset, expert) if party == "headset" else (expert, headset)
        await lost.drop()
        await stays.ask("chat.send", call=call, text="Are you there?")
        await lost.open()
        assert [one["id"] for one in lost.welcome["calls"]] == [call]
        assert (await lost.hears("chat"))["text"] == "Are you there?"
        assert lost.welcome["calls"][0]["state"] in ("connected", "reconnecting")
