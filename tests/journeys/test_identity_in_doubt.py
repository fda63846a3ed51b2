"""Headsets that are not who they should be: unknown, doubled, lost. A person decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.journeys.prepared import fleet, issue, order, word
from tests.served_process import ServedProcess, holofleet
from tests.simulated import headset_of
from tests.windows_client import RefusedByServerError, WindowsClient

from holofleet.errors import RefusedError
from holofleet.simulator import Phase

SERIAL = "003421800101"
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
LOCK = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
WIPE = "./Device/Vendor/MSFT/RemoteWipe/doWipe"


def client_of(server: ServedProcess, serial: str, folder: Path) -> WindowsClient:
    credential = issue(server, SERIAL)
    return WindowsClient(server.address, server.ca, credential.username, credential.password, serial, folder)


def doubtful(server: ServedProcess) -> list[Any]:
    """What an operator sees of identities in doubt."""
    found: list[Any] = server.run("headsets", "doubtful", "--format", "json").json()["enrollments"]
    return found


def test_an_unknown_serial_waits_and_a_rejected_one_gets_nothing_for_ever(tmp_path: Path) -> None:
    with fleet(tmp_path) as server, client_of(server, "999999999999", tmp_path) as client:
        client.enroll()
        client.check_in()
        waiting = doubtful(server)
        assert [(item["serial"], item["standing"]) for item in waiting] == [("999999999999", "quarantined")]
        assert waiting[0]["reason"]
        assert waiting[0]["reason"] in server.run("headsets", "doubtful").out
        held = dict(client.nodes)
        assert client.check_in() == 1, "whoever is in doubt is told nothing"
        assert client.nodes == held

        refused = server.run("headsets", "decide", waiting[0]["id"], "adopt", "--reason", "ours", "--yes")
        assert refused.status != 0, "the fleet file does not know it"
        done = server.run("headsets", "decide", waiting[0]["id"], "reject", "--reason", "not ours", "--yes")
        assert done.status == 0, done.error
        for _ in range(2):
            with pytest.raises(RefusedByServerError, match="403"):
                client.check_in()
        server.kill()
        server.start()
        client.http.close()
        with pytest.raises(RefusedByServerError, match="403"):
            client.check_in()
        assert doubtful(server) == []


async def test_a_second_machine_with_the_same_serial_waits_until_a_person_says_which_it_is(tmp_path: Path) -> None:
    with fleet(tmp_path) as server, client_of(server, SERIAL, tmp_path) as second:
        first = headset_of(server, SERIAL, issue(server, SERIAL))
        await first.enroll()
        await first.check_in()
        second.enroll()
        second.check_in()
        assert [(item["serial"], item["standing"]) for item in doubtful(server)] == [(SERIAL, "quarantined")]
        first.drift(USB, "1")
        order(server, SERIAL, "sync")
        assert second.check_in() == 1, "the order is for the one that holds the serial"
        await first.check_in()
        assert first.tree.value(USB) == "0"

        wanted = doubtful(server)[0]["id"]
        assert server.run("headsets", "decide", wanted, "adopt", "--reason", "new one", "--yes").status == 0
        second.check_in()
        assert word(server, SERIAL) == "compliant"
        first.drift(USB, "1")
        await first.check_in()
        first.network.close()
        assert first.tree.value(USB) == "1", "the former one gets nothing any more"
        assert server.rows("select count(*) from enrollment where held_serial is not null") == [(1,)]


def test_a_copy_of_the_hardware_id_is_a_conflict_from_its_first_message_on(tmp_path: Path) -> None:
    with (
        fleet(tmp_path) as server,
        client_of(server, SERIAL, tmp_path) as first,
        client_of(server, SERIAL, tmp_path) as second,
    ):
        first.enroll()
        first.check_in()
        second.hardware_id = first.hardware_id
        second.enroll()
        before = dict(second.nodes)
        second.check_in()
        assert second.nodes == before
        assert [item["standing"] for item in doubtful(server)] == ["conflict"]
        assert word(server, SERIAL) == "compliant"


async def test_a_lost_headset_gets_its_wipe_and_nothing_else(tmp_path: Path) -> None:
    with fleet(tmp_path) as server:
        headset = headset_of(server, SERIAL, issue(server, SERIAL))
        await headset.enroll()
        await headset.check_in()
        headset.drift(USB, "1")
        order(server, SERIAL, "reboot")  # given before, and not to be run any more
        assert server.run("headsets", "lost", SERIAL, "--reason", "left in a train", "--yes").status == 0
        with pytest.raises(RefusedError, match="lost"):
            order(server, SERIAL, "sync")
        record = await headset.check_in()
        assert record is not None
        assert record.messages == 1
        assert headset.tree.value(USB) == "1"

        headset.drift(LOCK, "true")  # whoever holds it shall not get past the lock
        assert server.run("headsets", "wipe", SERIAL, "--reason", "lost", "--yes").status == 0
        await headset.check_in()
        headset.network.close()
        assert [uri for uri, _ in headset.executed] == [WIPE]
        assert headset.phase is Phase.WIPED
        assert headset.tree.value(LOCK) == "true"
        assert headset.violations == []


async def test_a_headset_that_is_found_again_keeps_its_data_once_the_wipe_is_cancelled(tmp_path: Path) -> None:
    with fleet(tmp_path) as server:
        headset = headset_of(server, SERIAL, issue(server, SERIAL))
        await headset.enroll()
        await headset.check_in()
        for act in ("lost", "wipe"):
            assert server.run("headsets", act, SERIAL, "--reason", "left in a train", "--yes").status == 0
        found = server.run("headsets", "found", SERIAL, "--reason", "brought back", "--yes")
        (wipe,) = server.run("orders", "list", SERIAL, "--format", "json").json()["orders"]
        assert (wipe["kind"], wipe["status"]) == ("wipe", "queued")
        assert f"holofleet orders cancel {wipe['id']}" in found.error, "a found headset is not erased unawares"

        assert server.run("orders", "cancel", wipe["id"]).status == 0
        assert "cancelled" in holofleet("orders", "list", SERIAL, "--data", server.data, cold=True).out
        assert server.run("orders", "cancel", wipe["id"]).status == 2
        await headset.check_in()
        headset.network.close()
        assert not headset.executed
        assert headset.phase is not Phase.WIPED
        assert word(server, SERIAL) == "compliant"
