"""What a message costs that goes from one party of a call to the other: ours, the bare stack, and PeerJS's server.

Each server runs in a process of its own, one after the other, on the same machine in the same run. The client is
the same for all: two raw sockets, each of which sends 25 messages a second to the other: evenly, the worst
case for us, and in bursts, as browsers find addresses to try. Ours judges, stores and numbers each message in its
database, so that it survives a crash; the other two forget it.

    python -m bench.signaling [--rounds 3]

PeerJS's server is installed by npm into a folder that is thrown away; without npm or its registry it is left out.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

from bench.figures import Figure, Section

PEERJS: Final = "peer@1.0.2"
EACH_S: Final = 25
"""Messages a second and party: below the limit of a socket, which stands at 30."""
ROUND_S: Final = 4
CANDIDATE: Final = "candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0 ufrag Ab1c network-id 1"
_ROOT: Final = Path(__file__).parents[1]


@dataclass
class Pair:
    """Two connected sockets: each sends to the other."""

    send: tuple[Callable[[int], Awaitable[None]], Callable[[int], Awaitable[None]]]
    got: tuple[ClientConnection, ClientConnection]
    number_of: Callable[[dict[str, Any]], int | None]


@dataclass(frozen=True, slots=True)
class Round:
    """One round: delays in ms, and what the server used for one message, in us of processor time."""

    delay_ms: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How messages follow each other: so many at once."""

    name: str
    at_once: int


EVENLY, IN_BURSTS = Rhythm("", 1), Rhythm(", bursts of 25", EACH_S)


def signaling(*, rounds: int = 3) -> list[Section]:
    """Measure the three."""
    return asyncio.run(_all(rounds))


async def _all(rounds: int) -> list[Section]:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="holofleet-signaling-") as name:
        folder = Path(name)
        figures += await _measured("holofleet", _ours(folder), rounds, "TLS, rules, SQLite, every message kept")
        figures += await _measured("bare stack", _bare(), rounds, "uvicorn and Starlette that pass frames on")
        program = _peerjs(folder)
        if program is None:
            figures.append(Figure("PeerJS server: not measured (npm or its registry is missing)", "", (0.0,)))
        else:
            figures += await _measured(f"PeerJS server ({PEERJS})", _theirs(program), rounds, "in memory")
    return [Section("signaling: one message from party to party", figures)]


async def _measured(name: str, served: Any, rounds: int, note: str) -> list[Figure]:
    async with served as (pid, pair):
        await _round(pid, pair, 0.0, EVENLY)
        idle = await _idle(pid)
        even, bursts = [
            [await _round(pid, pair, idle, rhythm) for _ in range(rounds)] for rhythm in (EVENLY, IN_BURSTS)
        ]
    return [*_figures(name, EVENLY, even, note), *_figures(name, IN_BURSTS, bursts, "")]


def _figures(name: str, rhythm: Rhythm, found: list[Round], note: str) -> list[Figure]:
    costs = tuple(one.cpu_us for one in found)
    name += rhythm.name
    return [
        Figure(f"{name}: delay", "ms", tuple(one.delay_ms for one in found), note),
        Figure(f"{name}: processor time per message", "us", costs),
        Figure(f"{name}: messages one core holds", "/s", tuple(1e6 / cost for cost in costs), more_is_better=True),
    ]


async def _idle(pid: int) -> float:
    """Return what the server uses in a second in which nobody says anything."""
    before = _cpu_s(pid)
    await asyncio.sleep(ROUND_S)
    return (_cpu_s(pid) - before) / ROUND_S


async def _round(pid: int, pair: Pair, idle: float, rhythm: Rhythm) -> Round:
    sent: dict[int, float] = {}
    delays: list[float] = []
    whole = EACH_S * ROUND_S

    async def speak(side: int) -> None:
        began = time.perf_counter()
        for number in range(whole):
            due = began + (number - number % rhythm.at_once) / EACH_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent[side * whole + number] = time.perf_counter()
            await pair.send[side](side * whole + number)

    async def hear(side: int) -> None:
        heard = 0
        while heard < whole:
            message = json.loads(await pair.got[side].recv())
            number = pair.number_of(message)
            if number is not None:
                heard += 1
                delays.append((time.perf_counter() - sent[number]) * 1e3)

    before, begun = _cpu_s(pid), time.perf_counter()
    async with asyncio.timeout(60):
        await asyncio.gather(speak(0), speak(1), hear(0), hear(1))
    used = _cpu_s(pid) - before - idle * (time.perf_counter() - begun)
    return Round(median(delays), max(used, 1e-6) / (2 * whole) * 1e6)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _process(command: list[str], cwd: Path = _ROOT) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd)
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()
        process.wait()


def _told(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


@asynccontextmanager
async def _ours(folder: Path) -> AsyncIterator[tuple[int, Pair]]:
    from tests.assist_peers import Peer, seat_of

    command = [sys.executable, "-m", "bench.signaling_servers", "holofleet", str(folder / "data")]
    with _process(command) as process:
        told = await asyncio.to_thread(_told, process)
        tls = ssl.create_default_context(cadata=told["ca"])
        headset = await Peer(told["address"], "headset", told["headset"], tls=tls).open()
        expert = await Peer(told["address"], "expert", told["expert"], tls=tls).open()
        view = (await headset.ask("call.invite", to=told["key"]))["call"]
        await expert.ask("call.accept", call=view["id"])
        for one in (headset, expert):
            await one.ask("call.connected", call=view["id"])
        seats = seat_of(view, "headset")["id"], seat_of(view, "expert")["id"]
        got = await headset.hand_out(), await expert.hand_out()

        def sender(side: int) -> Callable[[int], Awaitable[None]]:
            async def send(number: int) -> None:
                candidate = {"candidate": CANDIDATE, "sdpMid": str(number), "sdpMLineIndex": 0}
                message = {"v": 1, "type": "signal.candidate", "id": f"{time.perf_counter_ns()}.{side}"}
                rest = {"call": view["id"], "to": seats[1 - side], "candidate": candidate}
                await got[side].send(json.dumps(message | rest))

            return send

        def number_of(message: dict[str, Any]) -> int | None:
            if message["type"] != "signal.candidate":
                return None
            return int(message["candidate"]["sdpMid"])

        yield process.pid, Pair((sender(0), sender(1)), got, number_of)


@asynccontextmanager
async def _bare() -> AsyncIterator[tuple[int, Pair]]:
    with _process([sys.executable, "-m", "bench.signaling_servers", "bare"]) as process:
        told = await asyncio.to_thread(_told, process)
        address = f"ws://127.0.0.1:{told['port']}/"
        async with connect(address, compression=None) as one, connect(address, compression=None) as other:
            yield process.pid, _plain(one, other, {"dst": ""})


@asynccontextmanager
async def _theirs(program: Path) -> AsyncIterator[tuple[int, Pair]]:
    from tests.served_process import free_port

    port = free_port()
    with _process(["node", str(program), "--port", str(port), "--host", "127.0.0.1", "--path", "/"]) as process:
        one, other = [await _peer_socket(port, name) for name in ("one", "other")]
        yield process.pid, _plain(one, other, {})
        for socket in (one, other):
            await socket.close()


async def _peer_socket(port: int, name: str) -> ClientConnection:
    address = f"ws://127.0.0.1:{port}/peerjs?key=peerjs&id={name}&token=t{name}&version=1.5.4"
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                socket = await connect(address, compression=None)
                assert json.loads(await socket.recv())["type"] == "OPEN"
                return socket
            await asyncio.sleep(0.1)


def _plain(one: ClientConnection, other: ClientConnection, extra: dict[str, Any]) -> Pair:
    """Return a pair that speaks as PeerJS does; the bare server passes on whatever it is."""

    def sender(socket: ClientConnection, to: str) -> Callable[[int], Awaitable[None]]:
        async def send(number: int) -> None:
            payload = {"candidate": {"candidate": CANDIDATE, "sdpMid": str(number), "sdpMLineIndex": 0}}
            await socket.send(json.dumps({"type": "CANDIDATE", "dst": to, "payload": payload} | extra))

        return send

    def number_of(message: dict[str, Any]) -> int | None:
        return int(message["payload"]["candidate"]["sdpMid"]) if message["type"] == "CANDIDATE" else None

    return Pair((sender(one, "other"), sender(other, "one")), (one, other), number_of)


def _peerjs(folder: Path) -> Path | None:
    """Install PeerJS's server, or return ``None`` where it cannot be."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), PEERJS]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    except (OSError, subprocess.SubprocessError):
        return None
    return folder / "node_modules" / "peer" / "dist" / "bin" / "peerjs.js"


def main() -> None:
    """Run alone."""
    parser = ArgumentParser(prog="python -m bench.signaling")
    parser.add_argument("--rounds", type=int, default=3)
    for section in signaling(rounds=parser.parse_args().rounds):
        print(section.title)
        for figure in section.figures:
            value = f"{figure.median:10.1f} {figure.unit:4} spread {figure.spread:.0%}"
            print(f"  {figure.name:60} {value}", figure.note)


if __name__ == "__main__":
    main()
