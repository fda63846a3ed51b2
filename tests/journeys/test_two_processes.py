"""Two servers on one PostgreSQL: a session goes on in whichever of them gets the next message."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.dropping_proxy import DroppingProxy, Drops, dropping
from tests.journeys.prepared import issue, order, word
from tests.postgres import Cluster, cluster
from tests.served_process import ServedProcess, holofleet
from tests.simulated import Door, headset_of

from holofleet.simulator import End, Headset
from holofleet.simulator.faults import NetworkFault

SERIAL = "003421800101"
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


class TakesTurns:
    """Weather in which each exchange reaches the other of two servers than the one before."""

    def __init__(self, proxies: dict[DroppingProxy, tuple[int, int]]) -> None:
        self._proxies = proxies
        self.headset: Headset | None = None

    def fault(self, serial: str, exchange: int) -> NetworkFault | None:
        assert self.headset is not None
        for link in self.headset.network._links.values():
            link.close()
        for proxy, ports in self._proxies.items():
            proxy.target = ports[exchange % 2]
        return None


@contextmanager
def two_servers(folder: Path, database: str, *options: str) -> Iterator[tuple[ServedProcess, ServedProcess]]:
    """Two processes with the same keys, each in a folder of its own."""
    assert holofleet("database", "upgrade", "--database", database, cold=True).status == 0
    first = ServedProcess(folder / "data", ("--database", database, *options))
    second = ServedProcess(folder / "copy", ("--database", database, *options))
    first.start()
    try:
        first.stop()
        shutil.copytree(first.data, second.data)
        first.start()
        second.start()
        yield first, second
    finally:
        for server in (first, second):
            if server.lives:
                server.stop()


@pytest.mark.postgres
async def test_a_headset_that_reaches_another_process_with_each_message_notices_nothing(
    tmp_path: Path, postgres: Cluster
) -> None:
    async with dropping(Drops()) as people, dropping(Drops()) as device:
        outside = [f"https://127.0.0.1:{proxy.port}" for proxy in (people, device)]
        with two_servers(tmp_path, postgres.fresh_url(), "--url", outside[0], "--device-url", outside[1]) as both:
            first, second = both
            first.apply_sample("cloud-connected")
            turns = TakesTurns(
                {
                    people: (first.port, second.port),
                    device: (first.device_port, second.device_port),
                }
            )
            headset = turns.headset = headset_of(
                Door(outside[0], first.ca), SERIAL, issue(second, SERIAL), weather=turns
            )
            await headset.enroll()
            record = await headset.check_in()
            assert record is not None
            assert (record.end, record.messages) == (End.COMPLETED, 3)
            assert word(first, SERIAL) == word(second, SERIAL) == "compliant"

            headset.drift(USB, "1")
            order(second, SERIAL, "sync")
            order(first, SERIAL, "reboot")
            await headset.check_in()
            await headset.check_in()
            headset.network.close()
            assert headset.tree.value(USB) == "0"
            assert len(headset.executed) == 1
            assert headset.violations == []
            with second.api() as api:
                orders = api.get(f"/headsets/{SERIAL}/orders")["orders"]
            assert sorted(item["status"] for item in orders) == ["done", "done"]
