"""Many headsets at once: their reads and commits go in groups, and the server is killed again and again."""

from __future__ import annotations

import asyncio
from itertools import cycle
from pathlib import Path

from tests.faults.forked_server import ForkedServer, Launcher
from tests.faults.story import LIVING

from holofleet.resources import normal_uri
from holofleet.simulator import Credential, Fleet, HeadsetPlan
from holofleet.storage.database import Database, sqlite_url
from holofleet.storage.identity import StoredAudit

DEPLOYMENT = "field-service"
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
ENROLLING = (31, 17, 41, 23)
MANAGING = (9, 5, 14, 7, 11)
"""How many points of its work a server lives, in turn, so that deaths fall into every kind of group. Enrollments
are not repeated by themselves, and sessions read and commit in groups."""

ROUNDS, LEAST = 40, 5
"""How often all of them try at most, however slow the machine is, and how often they check in at least."""


class Attrition:
    """Starts the server again whenever it was killed, to be killed once more a few points later."""

    def __init__(self, server: ForkedServer) -> None:
        self.server = server
        self.most = self.deaths = 0
        self._steps = cycle(ENROLLING)

    def change(self, steps: tuple[int, ...], deaths: int) -> None:
        """Go on with other steps, and with so many deaths at most."""
        self._steps, self.most = cycle(steps), self.deaths + deaths
        self.arm()

    def arm(self) -> None:
        """Let the server live a few points more, or for good when it has died often enough."""
        at = next(self._steps) if self.deaths < self.most else 0
        self.server.launcher.counter.set(armed=at > 0, at=at, count=0)

    async def pause(self, seconds: float) -> None:
        """What a headset does before it tries again."""
        await asyncio.sleep(min(seconds, 0.05))
        self.revive()

    def revive(self) -> None:
        """Start the server if it is dead."""
        if not self.server.lives:
            self.deaths += 1
            self.server.start()
            self.arm()


async def test_a_fleet_whose_server_dies_again_and_again_ends_as_if_nothing_had_been(
    tmp_path: Path, forks: Launcher, prepared: tuple[Path, Credential]
) -> None:
    server = ForkedServer(forks, prepared[0], tmp_path / "data")
    forks.counter.set(armed=False, at=0, count=0)
    server.start()
    attrition = Attrition(server)
    try:
        with server.api() as api:
            found = api.get("/headsets", deployment=DEPLOYMENT, limit=500)["headsets"]
            serials = [item["serial"] for item in found]
            wish = {"deployment": DEPLOYMENT, "uses": len(serials), "expires_s": 3600}
            issued = api.post("/credentials", wish)
        credential = Credential(issued["username"], issued["password"])
        fleet = Fleet(
            server_url=server.address,
            ca_file=str(server.ca),
            headsets=[HeadsetPlan(serial, credential) for serial in serials],
            pause=attrition.pause,
            timeout_s=30,
        )
        await _live(fleet, attrition, serials)
        assert attrition.deaths >= 8
        _judge(server, fleet, serials, issued["id"])
    finally:
        server.stop()
    assert "Traceback" not in server.log.read_text()


async def _live(fleet: Fleet, attrition: Attrition, serials: list[str]) -> None:
    """Enroll all, converge all, and mend them all once, whatever it takes."""
    try:
        attrition.change(ENROLLING, deaths=5)
        for _ in range(ROUNDS):
            tried = await fleet.enroll()
            attrition.revive()
            if not tried.total:
                break
        attrition.change(MANAGING, deaths=5)
        await _check_in(fleet, attrition)
        with attrition.server.api() as api:
            for serial in serials:
                fleet.headset(serial).drift(USB, "1")
                api.post(f"/headsets/{serial}/orders", {"kind": "sync", "reason": "look"})
        attrition.change(MANAGING, deaths=5)
        await _check_in(fleet, attrition)
    finally:
        fleet.close()
        await asyncio.sleep(0.01)


async def _check_in(fleet: Fleet, attrition: Attrition) -> None:
    for number in range(ROUNDS):
        done = await fleet.check_in()
        attrition.revive()
        if number >= LEAST and set(done.outcomes) == {"ok"}:
            break
    attrition.server.launcher.counter.set(armed=False)


def _judge(server: ForkedServer, fleet: Fleet, serials: list[str], credential: str) -> None:
    assert fleet.violations == {}
    assert server.rows(f"select count(*) from enrollment where {LIVING}") == [(len(serials),)]
    assert server.rows("select count(distinct held_serial) from enrollment") == [(len(serials),)]
    assert server.rows(f"select uses_left from credential where id = '{credential}'") == [(0,)]
    assert server.rows("select distinct status from order_") == [("done",)]
    with server.api() as api:
        for serial in serials:
            detail = api.get(f"/headsets/{serial}")
            assert detail["compliance"] == "compliant", (serial, detail["reasons"])
            tree = fleet.headset(serial).tree
            for setting in detail["settings"]:
                if setting["readable"] and setting["desired"] and "{{" not in setting["desired"]:
                    assert tree.value(normal_uri(setting["oma_uri"])) == setting["desired"]
            kinds = [event["kind"] for event in detail["events"]]
            assert kinds.count("recognized") == 1
            assert kinds.count("drifted") == kinds.count("mended") == 1
    database = Database.open(sqlite_url(server.data / "holofleet.sqlite"))
    try:
        assert StoredAudit(database, epoch=1).verify().intact
    finally:
        database.close()
