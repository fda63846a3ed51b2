"""The server is restarted in the middle of everything; headsets come back anew; old messages come again."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.prepared import fleet, issue, order, word
from tests.served_process import ServedProcess
from tests.simulated import headset_of
from tests.windows_client import WindowsClient

from holofleet.simulator import End, Headset, Phase
from holofleet.simulator.faults import NetworkFault

SERIAL = "003421800101"
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"


class KillsBetweenMessages:
    """Weather in which the server is killed, and started again, before each exchange from the second on."""

    def __init__(self, server: ServedProcess) -> None:
        self._server = server
        self.headset: Headset | None = None
        self.kills = 0

    def fault(self, serial: str, exchange: int) -> NetworkFault | None:
        if self.headset is not None and exchange > 1:
            self._server.kill()
            self._server.start()
            for link in self.headset.network._links.values():
                link.close()  # it would find out by itself, but only after it sent the message into the dead one
            self.kills += 1
        return None


async def test_a_server_killed_between_any_two_messages_goes_on_where_it_was(tmp_path: Path) -> None:
    with fleet(tmp_path) as server:
        weather = KillsBetweenMessages(server)
        headset = weather.headset = headset_of(server, SERIAL, issue(server, SERIAL), weather=weather)
        await headset.enroll()
        record = await headset.check_in()
        headset.network.close()
        assert record is not None
        assert record.end is End.COMPLETED
        assert weather.kills == 3 + record.messages
        assert record.messages <= 3, "the session went on and did not begin again"
        assert word(server, SERIAL) == "compliant"
        assert server.rows("select count(*) from enrollment") == [(1,)]
        assert headset.violations == []


async def test_a_wiped_headset_enrolls_anew_and_counts_its_sessions_from_one(tmp_path: Path) -> None:
    with fleet(tmp_path) as server:
        headset = headset_of(server, SERIAL, issue(server, SERIAL))
        await headset.enroll()
        first = headset.device_id
        await headset.check_in()
        await headset.check_in()
        order(server, SERIAL, "wipe")
        await headset.check_in()
        assert headset.phase is Phase.WIPED
        assert headset.tree.value(USB) is None

        await headset.enroll(issue(server, SERIAL))
        assert headset.device_id != first
        record = await headset.check_in()
        headset.network.close()
        assert record is not None
        assert record.session_id == "1"
        assert headset.tree.value(USB) == "0"
        assert word(server, SERIAL) == "compliant"
        living = "select count(*) from enrollment where held_serial = '003421800101'"
        assert server.rows(living) == [(1,)]
        assert server.rows("select count(*) from enrollment where standing = 'retired'") == [(1,)]
        assert headset.violations == []


def test_messages_of_older_sessions_change_nothing_and_run_nothing(tmp_path: Path) -> None:
    with fleet(tmp_path) as server:
        credential = issue(server, SERIAL)
        who = (credential.username, credential.password, SERIAL, tmp_path)
        with WindowsClient(server.address, server.ca, *who) as client:
            client.enroll()
            for kind in ("sync", "reboot"):
                client.check_in()
                order(server, SERIAL, kind)
            client.check_in()
            assert client.executed == ["./Device/Vendor/MSFT/Reboot/RebootNow"]
            client.check_in()
            order(server, SERIAL, "reboot")  # waits: an old message must not make it leave
            before = _facts(server)
            for message in client.sent[:-1]:
                status, reply = client.send(message)
                assert status == 200
                assert client.asked(reply) == []
            assert _facts(server) == before
            client.check_in()
            assert len(client.executed) == 2


def _facts(server: ServedProcess) -> list[tuple[object, ...]]:
    orders = server.rows("select id, status from order_ order by id")
    events = server.rows("select count(*) from event")
    row = server.rows("select standing, overlay, acknowledged_hash, verified_at, version from enrollment")
    return [*orders, *events, *row]
