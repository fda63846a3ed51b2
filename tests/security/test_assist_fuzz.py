"""AST-3: whatever a party says on its socket is answered or closes it, and a call beside it notices nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.assist_peers import Peer, seat_of
from tests.served_assist import ServedAssist, served_assist
from websockets.exceptions import ConnectionClosed

from holofleet.protocols.signaling import messages

MEGAN, ADELE = "megan@contoso.com", "adele@contoso.com"
SEED = 20261126
EACH = 4
"""Messages of each type."""
A_SOCKET = 18
"""Messages on one socket: below its burst and below its most errors, so that neither is what ends it."""
TYPES = tuple(one.model_fields["type"].annotation for one in get_args(get_args(messages.ClientMessage)[0]))
LAST = ("call.end", "call.leave", "call.cancel", "call.decline")
"""What ends the call in which the rest means something."""
KINDS = tuple(get_args(one)[0] for one in TYPES if get_args(one)[0] not in LAST)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**53,
    1e308,
    "",
    "x" * 4_001,
    "\x00",
    "<img src=x onerror=alert(1)>",
    "../../etc/passwd",
    "\u202egpj.exe",
    "\ud800",
    [],
    [[]] * 300,
    {},
    {"__proto__": {"x": 1}, "constructor": 1},
)
FITS: dict[str, Any] = {
    "page": "headset",
    "resume": [],
    "state": "away",
    "query": "a",
    "after": "",
    "key": "101",
    "on": True,
    "any": "pumps",
    "asset": "PUMP-7",
    "work_order": "WO-1",
    "reason": "busy",
    "offer": "nobody",
    "path": "relay-tls",
    "camera": True,
    "microphone": False,
    "note": "n",
    "description": {"type": "offer", "sdp": "v=0"},
    "candidate": {"candidate": "candidate:1 1 udp 1 192.0.2.7 5000 typ host", "sdpMid": "0", "sdpMLineIndex": 0},
    "text": "hello",
    "file": {"id": "f1", "name": "a.png", "type": "image/png", "size": 10, "sha256": "0" * 64},
    "events": [{"id": "m1", "author": "somebody"}],
    "agree": True,
    "name": "Guest",
    "link": "nothing",
    "samples": [{"t": 1, "grade": "audio"}],
    "grade": "audio",
    "access_point": "ap",
}


class Mutator:
    """Makes messages that are nearly right."""

    def __init__(self, mine: str, theirs: str, seats: tuple[str, ...]) -> None:
        self._random = random.Random(SEED)
        self._calls = (mine, mine, theirs, "nothing")
        self._seats = seats

    def message(self, kind: str, number: int) -> str:
        """Return a message of a kind as text."""
        choose = self._random
        known = next(one for one in get_args(get_args(messages.ClientMessage)[0]) if kind_of(one) == kind)
        body: dict[str, Any] = {"v": 1, "type": kind, "id": f"z{number}" if choose.random() < 0.9 else "again"}
        for name in known.model_fields:
            if name in ("v", "type", "id"):
                continue
            if name == "call":
                body[name] = choose.choice(self._calls)
            elif name == "to":
                body[name] = choose.choice(self._seats)
            elif name in FITS and choose.random() < 0.9:
                body[name] = FITS[name]
        change = choose.randrange(5)
        if change == 0:
            body[choose.choice(list(body))] = choose.choice(ODD)
        elif change == 1:
            body["x-" + "y" * choose.randrange(60)] = choose.choice(ODD)
        elif change == 2:
            inner = [one for one in body.values() if isinstance(one, dict)] or [body]
            inner[0] = {**inner[0], choose.choice(list(inner[0])): choose.choice(ODD)}
            body |= {name: inner[0] for name, value in body.items() if isinstance(value, dict)}
        elif change == 3:
            body.pop(choose.choice(list(body)))
        return json.dumps(body)


def kind_of(one: Any) -> str:
    return str(get_args(one.model_fields["type"].annotation)[0])


async def talking(headset: Peer, expert: Peer, key: str) -> dict[str, Any]:
    """Bring two parties into a call and return how it looks."""
    call = (await headset.ask("call.invite", to=key))["call"]["id"]
    await expert.hears("call.ring")
    await expert.ask("call.accept", call=call)
    for peer in (headset, expert):
        view: dict[str, Any] = (await peer.ask("call.connected", call=call))["call"]
    return view


async def fuzzed(peer: Peer, texts: list[str]) -> list[int]:
    """Say all of it, on as many sockets as it takes; return the codes with which they were closed."""
    codes = []
    for begin in range(0, len(texts), A_SOCKET):
        await peer.open()
        try:
            for text in texts[begin : begin + A_SOCKET]:
                await peer.send(text)
        except ConnectionClosed:
            pass
        # Its answer comes behind all others, or the socket was closed.
        last = asyncio.ensure_future(peer.ask("ping"))
        assert peer._reading is not None
        await asyncio.wait({last, peer._reading}, return_when=asyncio.FIRST_COMPLETED)
        if peer.closed is not None:
            codes.append(peer.closed[0])
            last.cancel()
        await asyncio.gather(last, return_exceptions=True)
        await peer.drop()
    return codes


async def test_AST_3_no_message_of_any_type_harms_the_server_or_another_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served_assist(tmp_path) as served:
        victim, adele = await served.headset("101"), await served.expert(ADELE)
        theirs = await talking(victim, adele, served.key(ADELE))
        hostile, megan = await served.headset("100"), await served.expert(MEGAN)
        mine = await talking(hostile, megan, served.key(MEGAN))
        await hostile.drop()
        await megan.drop()
        told = len(victim.told), len(adele.told)
        seats = (*(one["id"] for call in (mine, theirs) for one in call["parties"]), "nobody")
        maker = Mutator(mine["id"], theirs["id"], seats)
        for peer in (hostile, megan):
            texts = [maker.message(kind, number) for number, kind in enumerate((*KINDS * EACH, *LAST * EACH))]
            codes = await fuzzed(peer, texts)
            # Closed for what it said (unreadable, another page), never for a mistake of ours.
            assert set(codes) <= {1007, 4400, 4403}, codes
        # Some of it was done, some refused, some no message: the fuzz reached what it is for.
        assert {"refused", "error", "done"} <= {one["type"] for one in (*hostile.told, *megan.told)}
        assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
        assert (len(victim.told), len(adele.told)) == told
        view = (await victim.ask("call.media", call=theirs["id"], camera=True, microphone=True))["call"]
        assert view["state"] == "connected"
        assert [one["id"] for one in view["parties"]] == [one["id"] for one in theirs["parties"]]
        await one_signal(victim, adele, theirs)


async def one_signal(headset: Peer, expert: Peer, view: dict[str, Any]) -> None:
    description = {"type": "offer", "sdp": "v=0"}
    to = seat_of(view, "expert")["id"]
    await headset.ask("signal.description", call=view["id"], to=to, description=description)
    assert (await expert.hears("signal.description"))["description"] == description


async def test_AST_3_a_message_said_again_is_done_once_and_the_order_holds(tmp_path: Path) -> None:
    async with served_assist(tmp_path) as served:
        headset, expert = await served.headset("100"), await served.expert(MEGAN)
        view = await talking(headset, expert, served.key(MEGAN))
        to = seat_of(view, "expert")["id"]
        for number in (0, 1, 1, 0, 2, 1):
            said = {"v": 1, "type": "signal.candidate", "id": f"c{number}", "call": view["id"], "to": to}
            candidate = {"candidate": "candidate:1", "sdpMid": str(number)}
            await headset.send(json.dumps(said | {"candidate": candidate}))
        # What comes behind signals waits for them: a chat line is never before the offer that it followed.
        await headset.ask("chat.send", call=view["id"], text="last", named="chat")
        await headset.ask("chat.send", call=view["id"], text="again", named="chat")
        await expert.hears("chat", lambda one: one["text"] == "last")
        heard = [one for one in expert.told if one["type"] in ("signal.candidate", "chat")]
        assert [one["candidate"]["sdpMid"] for one in heard] == ["0", "1", "2"]
        # An answer that nobody asked for passes as it is; what it means is the browsers' to judge.
        answer = {"type": "answer", "sdp": "v=0"}
        await headset.ask("signal.description", call=view["id"], to=to, description=answer)
        assert (await expert.hears("signal.description"))["description"] == answer


async def test_DOS_1_a_flood_from_many_sockets_leaves_a_neighbour_served(tmp_path: Path) -> None:
    async with served_assist(tmp_path) as served:
        headset, expert = await served.headset("101"), await served.expert(ADELE)
        view = await talking(headset, expert, served.key(ADELE))
        flooding = [await flooder(served) for _ in range(6)]
        floods = [asyncio.create_task(flood(peer)) for peer in flooding]
        for _ in range(5):
            await one_signal(headset, expert, view)
        assert [one[0] for one in await asyncio.gather(*floods)] == [4429] * len(floods)


async def flooder(served: ServedAssist) -> Peer:
    """Return a page of a session of its own."""
    return await served.expert(MEGAN)


async def flood(peer: Peer) -> tuple[int, str]:
    for number in range(400):
        try:
            await peer.send({"v": 1, "type": "experts.list", "id": f"f{number}", "query": "a" * 80})
        except ConnectionClosed:
            break
    return await peer.until_closed()
