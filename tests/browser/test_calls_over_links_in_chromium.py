"""Calls over bad links, with real browsers, server and relay; their numbers are the bench's (bench/media.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench.link import Way
from bench.media import Lab, Net


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("calls")) as made:
        yield made


@pytest.mark.parametrize(
    ("net", "path"),
    [
        (Net("1.5 Mbit/s", Way(bit_per_s=1_500_000, delay_s=0.095 / 4)), "relay-udp"),
        (Net("300 kbit/s", Way(bit_per_s=300_000, delay_s=0.06, loss=0.01)), "relay-udp"),
        (Net("UDP blocked", over="tcp"), "relay-tcp"),
        (Net("only TLS passes", over="tls"), "relay-tls"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_call_is_connected_seen_and_drawn_on_over_a_bad_link(lab: Lab, net: Net, path: str) -> None:
    seen = lab.ours(net, seconds=2, patience_s=60)
    assert seen.connected_s is not None
    assert seen.path == path
    assert any(number >= 0 for _, _, _, number, _ in seen.frames), "no picture whose number can be read"
    assert sorted(seen.mark_ms)[len(seen.mark_ms) // 2] < 5_000, "marks were lost"
