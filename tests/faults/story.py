"""What a headset goes through in the tests of faults, and what must hold afterwards whatever went wrong.

The headset enrolls and converges, somebody changes it and it is mended, it is restarted, and it is wiped, but
only after its tenant lock was confirmed off. The acts of the headset are watched: faults happen in them alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.simulated import Door, headset_of

from holofleet.errors import PeerError
from holofleet.resources import normal_uri
from holofleet.simulator import Credential, End, Headset, Phase
from holofleet.simulator.faults import Weather
from holofleet.targets.server import ApiClient

SERIAL = "003421800101"
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
LOCK = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
REBOOT = "./Device/Vendor/MSFT/Reboot/RebootNow"
WIPE = "./Device/Vendor/MSFT/RemoteWipe/doWipe"
LIVING = "standing in ('active', 'quarantined', 'conflict', 'lost')"


class Server(Protocol):
    """What a story needs of a server."""

    @property
    def address(self) -> str: ...

    @property
    def ca(self) -> Path: ...

    def revive(self) -> None: ...

    def api(self) -> Any: ...

    def rows(self, query: str) -> list[tuple[Any, ...]]: ...


@contextmanager
def unwatched() -> Iterator[None]:
    """Nothing watches."""
    yield


@dataclass
class Story:
    """One headset at one server.

    Args:
        server: May die, and is started again.
        credential: For one headset.
        watched: Context in which faults happen.
        pause: What the headset does before it repeats a message.
        door: Where the headset enrolls, if not at the server itself.
    """

    server: Server
    credential: Credential
    pause: Callable[[float], Awaitable[object]]
    watched: Callable[[], Any] = unwatched
    sessions: int = 2
    door: Door | None = None
    weather: Weather | None = None
    headset: Headset = field(init=False)
    unseen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.headset = headset_of(
            self.door or self.server, SERIAL, self.credential, weather=self.weather, pause=self.pause
        )

    async def run(self) -> None:
        """Go through it all, and judge after each chapter."""
        try:
            await self._enroll()
            await self._sessions()
            self._judge("compliant")
            await self._drift()
            await self._reboot()
            await self._wipe()
        finally:
            self.headset.network.close()
        assert self.headset.violations == []

    async def _enroll(self) -> None:
        """Enroll, as often as a technician has to."""
        for _ in range(3):
            with self.watched(), suppress(PeerError):
                await self.headset.enroll()
            self.server.revive()
            if self.headset.phase is Phase.ENROLLED:
                break
        assert self.headset.phase is Phase.ENROLLED
        assert self.server.rows(f"select count(*) from enrollment where {LIVING}") == [(1,)]
        assert self.server.rows("select uses_left from credential") == [(0,)]
        assert self.server.rows("select count(*) from credential_use") == [(1,)]

    async def _sessions(self) -> None:
        for _ in range(self.sessions):
            if self.headset.phase is Phase.ENROLLED:
                with self.watched():
                    record = await self.headset.check_in()
                self.server.revive()
                if record is not None and record.end is End.COMPLETED:
                    self.unseen.clear()
                self._no_setting_is_called_compliant_that_is_not()

    async def _drift(self) -> None:
        self._order("sync")
        self.headset.drift(USB, "1")
        self.unseen.add(USB)
        await self._sessions()
        assert self.headset.tree.value(USB) == "0"
        detail = self._judge("compliant")
        kinds = [event["kind"] for event in detail["events"]]
        assert kinds.count("drifted") == kinds.count("mended") == 1
        assert kinds.count("recognized") == 1

    async def _reboot(self) -> None:
        order = self._order("reboot")
        await self._sessions()
        self._ran_at_most_once(order, REBOOT)
        self._judge("compliant")

    async def _wipe(self) -> None:
        """Another tool has locked the headset; the server knows, and has to see the lock off before it wipes."""
        self.headset.drift(LOCK, "true")
        self.headset.refuse(LOCK)
        self._order("sync")
        await self.headset.check_in()
        self.headset.refuse(LOCK, 200)
        order = self._order("wipe")
        await self._sessions()
        self._ran_at_most_once(order, WIPE)
        assert not self.headset.stranded
        if any(uri == WIPE for uri, _ in self.headset.executed):
            assert self.headset.phase is Phase.WIPED

    def _order(self, kind: str) -> str:
        try:
            return self._ordered(kind)
        except PeerError:
            # What goes on in the background passed its last point just before it was no longer counted.
            self.server.revive()
            return self._ordered(kind)

    def _ordered(self, kind: str) -> str:
        with self.server.api() as api:
            return str(api.post(f"/headsets/{SERIAL}/orders", {"kind": kind, "reason": "because"})["id"])

    # What must hold

    def _detail(self) -> Any:
        with self.server.api() as api:
            return api.get(f"/headsets/{SERIAL}")

    def _judge(self, word: str) -> Any:
        detail = self._detail()
        assert detail["compliance"] == word, detail["reasons"]
        assert self.server.rows(f"select count(*) from enrollment where {LIVING}") == [(1,)]
        return detail

    def _no_setting_is_called_compliant_that_is_not(self) -> None:
        """Compare with what the headset holds; what was changed and could not be read yet is nobody's lie."""
        if self.headset.phase is not Phase.ENROLLED:
            return
        for setting in self._detail()["settings"]:
            uri = normal_uri(setting["oma_uri"])
            claimed = setting["status"] == "compliant" and setting["readable"] and setting["desired"]
            if claimed and "{{" not in setting["desired"] and uri not in self.unseen:
                assert self.headset.tree.value(uri) == setting["desired"], uri

    def _ran_at_most_once(self, order: str, uri: str) -> None:
        """An order ran once and is known to have, or nobody claims to know."""
        ran = [found for found, _ in self.headset.executed].count(uri)
        status = dict(self.server.rows("select id, status from order_"))[order]
        events = self.server.rows("select kind, data from event where kind like 'order-%'")
        sent = [kind for kind, data in events if order in data and kind == "order-sent"]
        assert len(sent) == 1
        assert ran <= 1
        if status == "done":
            assert ran == 1
        elif status == "sent":
            assert self.headset.phase is Phase.WIPED, "it is gone and could not say so: upkeep calls it unknown"
        else:
            assert status == "outcome-unknown"


def prepare(api: ApiClient) -> Credential:
    """Have a credential for one headset issued."""
    deployment = api.get(f"/headsets/{SERIAL}")["deployment"]
    issued = api.post("/credentials", {"deployment": deployment, "uses": 1, "expires_s": 3600})
    return Credential(issued["username"], issued["password"])
