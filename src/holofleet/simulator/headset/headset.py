"""A simulated headset: hardware, enrollment, tree, clock and power, moved by its own acts and by its server's.

What a server can make it do follows from :mod:`session` and :mod:`tree`; what happens to it otherwise is a method
here: a wearer changes a setting (:meth:`Headset.drift`), a node is refused (:meth:`Headset.refuse`), it sleeps,
its clock is wrong, it is restarted, wiped or leaves its server.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from tempfile import NamedTemporaryFile
from typing import Any

from holofleet.clock import Clock
from holofleet.errors import RefusedError
from holofleet.simulator.headset.delivery import Delivery, Pause
from holofleet.simulator.headset.enrolled import Enrolled
from holofleet.simulator.headset.enrollment import Applicant, Credential, EnrollmentClient, UnusableReplyError
from holofleet.simulator.headset.identity import DeviceName, Dialect, Hardware
from holofleet.simulator.headset.inventory import device_facts, read_inventory
from holofleet.simulator.headset.keys import KeyPool
from holofleet.simulator.headset.knowledge import comparable, find, is_interior
from holofleet.simulator.headset.payload.kiosk import Kiosk, read_kiosk
from holofleet.simulator.headset.payload.pages import PageVisibility, read_pages
from holofleet.simulator.headset.plan import HeadsetPlan, HeadsetSnapshot, Phase
from holofleet.simulator.headset.polling import next_interval_min
from holofleet.simulator.headset.provisioning import Provisioning
from holofleet.simulator.headset.session import End, ManagementSession, Opening, SessionRecord
from holofleet.simulator.headset.tree import Effect, Tree
from holofleet.simulator.headset.values import KIOSK, PAGE_VISIBILITY
from holofleet.simulator.network import Network, UnreadableReplyError
from holofleet.simulator.violation import ProtocolViolation, Rule

TENANT_LOCK = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"


@dataclass(slots=True)
class _Life:
    """Counters over the headset's whole life."""

    sessions: int = 0
    restarts: int = 0
    wipes: int = 0
    enrollments: int = 0
    executed: list[tuple[str, datetime]] = field(default_factory=list)
    ends: Counter[End] = field(default_factory=Counter)


class Headset:
    """One headset.

    Args:
        plan: Which one.
        server_url: Address that is typed at enrollment.
        network: Its way to the server.
        keys: Where its keys come from.
        clock: The true time; the headset's own clock may differ (``skew``).
        pause: Waits for so many seconds before a retry.
        seed: Decides ids and habits.
    """

    def __init__(
        self,
        plan: HeadsetPlan,
        *,
        server_url: str,
        network: Network,
        keys: KeyPool,
        clock: Clock,
        pause: Pause,
        seed: int = 0,
    ) -> None:
        self.plan = plan
        self.network = network
        self.hardware = Hardware.of_serial(plan.serial)
        self.skew = timedelta()
        self.phase = Phase.NEW
        self.stranded = False
        self.violations: list[ProtocolViolation] = []
        self.records: deque[SessionRecord] = deque(maxlen=32)
        self.last_check_in: datetime | None = None
        self._server_url = server_url
        self._keys = keys
        self._clock = clock
        self._pause = pause
        self._seed = seed
        self._dice = random.Random(f"habits/{seed}/{plan.serial}")  # noqa: S311  (a simulation, not a secret)
        self._bare_results = self._dice.random() < 0.25
        self._statuses_first = self._dice.random() < 0.25
        self._busy = asyncio.Lock()
        self._asleep_until: datetime | None = None
        self._enrollment: Enrolled | None = None
        self._life = _Life()
        self.tree = self._new_tree("")

    # What it is

    def now(self) -> datetime:
        """Return the time by the headset's own clock."""
        return self._clock.now() + self.skew

    @property
    def device_id(self) -> str:
        """The DeviceID of the present enrollment, empty without one."""
        return self._enrollment.name.device_id if self._enrollment else ""

    @property
    def asleep(self) -> bool:
        """Whether it sleeps now."""
        return self._asleep_until is not None and self._clock.now() < self._asleep_until

    @property
    def executed(self) -> tuple[tuple[str, datetime], ...]:
        """Every Exec that was ever run, with its time: each order at most once."""
        return tuple(self._life.executed)

    @property
    def kiosk(self) -> Kiosk | None:
        """The kiosk in force, None without one."""
        data = self.tree.value(KIOSK)
        return None if data is None else read_kiosk(data)

    @property
    def pages(self) -> PageVisibility | None:
        """Which Settings pages are shown, None for all."""
        data = self.tree.value(PAGE_VISIBILITY)
        return None if data is None else read_pages(data)

    def snapshot(self) -> HeadsetSnapshot:
        """Return what there is to say about it now."""
        return HeadsetSnapshot(
            serial=self.plan.serial,
            name=self.plan.device_name,
            build=self.plan.build,
            phase=self.phase,
            device_id=self.device_id,
            settings=len(self.tree.settings()),
            sessions=self._life.sessions,
            last_session=self.records[-1].end if self.records else None,
            last_check_in=self.last_check_in,
            asleep=self.asleep,
            restarts=self._life.restarts,
            wipes=self._life.wipes,
            stranded=self.stranded,
            violations=len(self.violations),
        )

    # What happens to it

    def drift(self, oma_uri: str, value: str | None) -> None:
        """Change a node locally, as a wearer or another package would; None takes the setting away."""
        self.tree.set_locally(oma_uri, value)

    def refuse(self, oma_uri: str, code: int = 425) -> None:
        """Answer every write of a node with this code from now on; 200 accepts it again."""
        if code == 200:
            self.tree.refusals.pop(oma_uri, None)
        else:
            self.tree.refusals[oma_uri] = code

    def sleep_until(self, moment: datetime) -> None:
        """Put it to sleep: it answers nobody until then. Its connections do not survive that."""
        self._asleep_until = moment
        self.network.close()

    def restart(self) -> None:
        """Restart it; settings survive, connections do not."""
        self._life.restarts += 1
        self.network.close()

    def wipe(self) -> None:
        """Reset it: everything but its hardware and a tenant lock is gone."""
        self._life.wipes += 1
        locked = self.tree.value(TENANT_LOCK) == "true"
        self.stranded = locked and not self.plan.autopilot
        self._forget(Phase.WIPED)
        self.tree = self._new_tree("")
        if locked:
            self.tree.set_locally(TENANT_LOCK, "true")

    def _forget(self, phase: Phase) -> None:
        self._enrollment = None
        self.phase = phase
        self.network.present(None)

    def _new_tree(self, device_id: str) -> Tree:
        inventory = read_inventory(
            self.hardware, device_name=self.plan.device_name, build=self.plan.build, device_id=device_id
        )
        return Tree(find, is_interior, build=comparable(self.plan.build), inventory=inventory)

    # What it does

    async def enroll(self, credential: Credential | None = None) -> None:
        """Enroll with the server, with the planned credential unless another is given.

        Raises:
            RefusedError: it is enrolled, or stuck in first start.
            EnrollmentRefusedError: the server sent a fault.
            UnusableReplyError: a reply broke the protocol; noted as a violation too.
            ServerBusyError: the server asks to come again later.
            ConnectionLostError, UntrustedServerError, UnreadableReplyError, PowerLostError: from the network.
        """
        if self.phase is Phase.ENROLLED:
            raise RefusedError(f"headset {self.plan.serial} is enrolled already")
        if self.stranded:
            raise RefusedError(f"headset {self.plan.serial} is locked to a tenant and stuck in first start")
        self._life.enrollments += 1
        applicant = Applicant(
            hardware=self.hardware,
            name=DeviceName.of_enrollment(self.plan.serial, seed=self._seed, number=self._life.enrollments),
            device_name=self.plan.device_name,
            build=self.plan.build,
            dialect=Dialect.of_build(self.plan.build),
            credential=credential or self.plan.credential,
            key=self._keys.take(),
        )
        client = EnrollmentClient(self.network, self._server_url, applicant=applicant, note=self._note_enrollment)
        try:
            provisioning = await client.run(self.now())
        except UnusableReplyError as error:
            self._note_enrollment(error.rule, error.why)
            raise
        except UnreadableReplyError as error:
            self._note_enrollment(Rule.LENGTH, str(error))
            raise
        self._adopt(applicant, provisioning)

    def _note_enrollment(self, rule: Rule, detail: str) -> None:
        self.violations.append(ProtocolViolation(rule, detail, f"enrollment {self._life.enrollments}"))

    def _adopt(self, applicant: Applicant, provisioning: Provisioning) -> None:
        lock = self.tree.value(TENANT_LOCK)
        self.tree = self._new_tree(applicant.name.device_id)
        if lock is not None:
            self.tree.set_locally(TENANT_LOCK, lock)
        self.tree.adopt(provisioning.provider_id, provisioning.dmclient)
        self._enrollment = Enrolled(applicant.name, provisioning, applicant.key)
        self.phase = Phase.ENROLLED
        self._show_certificate(self._enrollment)

    def _show_certificate(self, enrollment: Enrolled) -> None:
        with NamedTemporaryFile(suffix=".pem") as file:  # the ssl module reads keys from files only
            file.write(enrollment.pem())
            file.flush()
            self.network.present(file.name)

    def to_json(self) -> dict[str, Any]:
        """Return what :meth:`restore` takes: all that a later process needs to go on. Holds a private key."""
        values, instances = self.tree.save()
        return {
            "phase": self.phase.name,
            "stranded": self.stranded,
            "enrollments": self._life.enrollments,
            "sessions": self._life.sessions,
            "restarts": self._life.restarts,
            "wipes": self._life.wipes,
            "values": values,
            "instances": sorted(instances),
            "enrollment": self._enrollment.to_json() if self._enrollment else None,
        }

    def restore(self, value: dict[str, Any]) -> None:
        """Go on as the headset that was saved.

        Raises:
            KeyError, TypeError, ValueError: not what :meth:`to_json` returned.
        """
        enrollment = Enrolled.from_json(value["enrollment"]) if value["enrollment"] else None
        tree = self._new_tree(enrollment.name.device_id if enrollment else "")
        if enrollment is not None:
            tree.adopt(enrollment.provisioning.provider_id, {})
        tree.restore((dict(value["values"]), set(value["instances"])))
        self.phase = Phase[value["phase"]]
        self.stranded = bool(value["stranded"])
        self._life.enrollments, self._life.sessions = int(value["enrollments"]), int(value["sessions"])
        self._life.restarts, self._life.wipes = int(value["restarts"]), int(value["wipes"])
        self.tree, self._enrollment = tree, enrollment
        if enrollment is not None:
            self._show_certificate(enrollment)

    async def check_in(self, *, requested: bool = False) -> SessionRecord | None:
        """Run one management session, and carry out what it asked for; None while the headset sleeps.

        Sessions of one headset run one after the other.

        Args:
            requested: The server asked for the session (a push) instead of the headset's own schedule.

        Raises:
            RefusedError: it is not enrolled.
            UntrustedServerError: the server's certificate is not trusted.
        """
        async with self._busy:
            if self._enrollment is None:
                raise RefusedError(f"headset {self.plan.serial} is not enrolled")
            if self.asleep:
                return None
            self._enrollment.polls += not requested
            session = self._new_session(requested=requested)
            record = await self._converse(session)
            self.last_check_in = self._clock.now()
            await self._carry_out(session.effect)
            return record

    async def leave(self) -> None:
        """Leave the server as a person can in Settings: tell it once, best effort, and forget it."""
        async with self._busy:
            if self._enrollment is None:
                raise RefusedError(f"headset {self.plan.serial} is not enrolled")
            await self._part()

    async def _part(self) -> None:
        await self._converse(self._new_session(leaving=True))
        self._forget(Phase.LEFT)

    def next_poll_after(self) -> timedelta | None:
        """Return how long the headset waits until its next own check-in, None if it has no schedule."""
        if self._enrollment is None:
            return None
        minutes = next_interval_min(self.tree.provider_value, polls=self._enrollment.polls)
        return None if minutes is None else timedelta(minutes=minutes)

    async def _carry_out(self, effect: Effect) -> None:
        if effect is Effect.RESTART:
            self.restart()
        elif effect is Effect.WIPE:
            self.wipe()
        elif effect is Effect.UNENROLL:
            await self._part()

    def _new_session(self, *, leaving: bool = False, requested: bool = False) -> ManagementSession:
        assert self._enrollment is not None
        self._enrollment.sessions += 1
        device_id = self._enrollment.name.device_id
        opening = Opening(
            session_id=f"{self._enrollment.sessions:X}",
            address=self._enrollment.provisioning.address,
            device_id=device_id,
            facts=device_facts(device_id),
            leaving=leaving,
            login="user" if self.tree.user_signed_in else "none",
            requested=requested,
        )
        return ManagementSession(
            self.tree, opening, bare_results=self._bare_results, statuses_first=self._statuses_first
        )

    async def _converse(self, session: ManagementSession) -> SessionRecord:
        assert self._enrollment is not None
        delivery = Delivery(self.network, self._enrollment.provisioning.address, pause=self._pause)
        record = await delivery.run(session)
        if record.end is End.POWER_LOST:
            self.restart()
        self._life.sessions += 1
        self._life.ends[record.end] += 1
        self._life.executed += [(uri, self._clock.now()) for uri in record.executed]
        self.violations += session.violations
        self.records.append(record)
        return record
