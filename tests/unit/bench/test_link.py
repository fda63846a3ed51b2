"""The slow link of tests and benchmarks does what it says, by its own clock."""

from __future__ import annotations

import itertools
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from bench.link import Lane, Way, link

SIZE = 1000


@contextmanager
def echo() -> Iterator[tuple[str, int]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        ended = threading.Event()

        def run() -> None:
            while not ended.is_set():
                try:
                    data, caller = server.recvfrom(65536)
                except TimeoutError:
                    continue
                server.sendto(data, caller)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield server.getsockname()
        ended.set()
        thread.join(2)


def answers(
    address: tuple[str, int], count: int, *, pause_s: float = 0.0, patience_s: float = 10.0
) -> list[tuple[int, float]]:
    """Send numbered datagrams; return which came back, and how long each was away."""
    found: list[tuple[int, float]] = []
    sent: dict[int, float] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.settimeout(patience_s)

        def listen() -> None:
            while len(found) < count:
                try:
                    data = caller.recv(65536)
                except TimeoutError:
                    return
                number = int.from_bytes(data[:4], "big")
                found.append((number, time.monotonic() - sent[number]))

        thread = threading.Thread(target=listen)
        for number in range(count):
            sent[number] = time.monotonic()
            caller.sendto(number.to_bytes(4, "big") + bytes(SIZE - 4), address)
            if number == 0:
                thread.start()
            time.sleep(pause_s)
        thread.join(60)
    return found


def test_a_link_delays_each_datagram_by_its_two_ways() -> None:
    with echo() as server, link(server, Way(delay_s=0.05)) as slow:
        times = [away for _, away in answers(slow.address, 10, pause_s=0.01)]
    assert len(times) == 10
    assert min(times) >= 0.1


def arrivals(way: Way, count: int, *, every_s: float = 0.0, seed: int = 7) -> tuple[list[float | None], Lane]:
    lane = Lane(way, random.Random(seed))
    return [lane.arrival(number * every_s, SIZE) for number in range(count)], lane


def test_a_link_loses_the_share_it_says_and_the_same_ones_each_time() -> None:
    first, lane = arrivals(Way(loss=0.2), 1000)
    assert first == arrivals(Way(loss=0.2), 1000)[0]
    assert 160 <= lane.counted.lost <= 240
    assert lane.counted.lost + lane.counted.datagrams == 1000


def test_what_is_more_than_the_rate_queues_and_then_is_dropped() -> None:
    came, lane = arrivals(Way(bit_per_s=400_000), 60)
    # 0.3 s of queue at 400 kbit/s are 15 datagrams of 1,000 octets; one more is on its way.
    assert [at is not None for at in came] == [True] * 16 + [False] * 44
    assert lane.counted.dropped == 44
    assert came[15] == pytest.approx(0.32)


def test_at_the_rate_of_the_link_nothing_waits() -> None:
    came, lane = arrivals(Way(bit_per_s=400_000), 200, every_s=0.02)
    assert lane.counted.dropped == 0
    assert came[199] == pytest.approx(199 * 0.02 + 0.02, abs=0.001)


def test_order_is_kept_under_jitter() -> None:
    came, _ = arrivals(Way(jitter_s=0.03), 500, every_s=0.001)
    times = [at for at in came if at is not None]
    assert all(one < other for one, other in itertools.pairwise(times))
    waits = [at - number * 0.001 for number, at in enumerate(times)]
    assert max(waits) > 0.02


def test_a_link_can_change_while_it_runs() -> None:
    with echo() as server, link(server, Way()) as changing:
        assert len(answers(changing.address, 5)) == 5
        changing.change(Way(loss=1.0))
        assert answers(changing.address, 5, patience_s=0.5) == []
        changing.change(Way())
        assert len(answers(changing.address, 5)) == 5
