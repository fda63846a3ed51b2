"""The server's core on a database, without HTTP: a published fleet, enrollments, and headsets that check in."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.scripted_headset import ScriptedHeadset

from holofleet.clock import SetClock
from holofleet.resources import Client, Deployment, Document, Format, Headset, Setting, State
from holofleet.server.authorization import LOCAL_ADMIN, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.fleet import DecisionService, FleetService, HeadsetDetail
from holofleet.server.management.service import Identity, ManagementService, Refusal
from holofleet.server.orders import OrderService
from holofleet.server.ports import NewEnrollment
from holofleet.storage.database import Database
from holofleet.storage.enrollments import insert_enrollment
from holofleet.storage.fleet import SQLFleetStore
from holofleet.storage.management import SQLManagementStore
from holofleet.storage.orders import SQLDecisionStore, SQLOrderStore

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POLICY = "./Device/Vendor/MSFT/Policy/Config"
CAMERA = f"{POLICY}/Camera/AllowCamera"
USB = f"{POLICY}/System/AllowStorageCard"
LOCK = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
WLAN = "./Device/Vendor/MSFT/WiFi/Profile/Fleet/WlanXml"
SERIAL = "003421700101"


def number(uri: str, value: int) -> Setting:
    return Setting(uri, Format.INT, str(value))


def many(count: int) -> tuple[Setting, ...]:
    """``count`` settings of which all but the last two need nothing of the headset."""
    plain = tuple(number(f"{POLICY}/Test/Setting{index:03}", index) for index in range(count - 2))
    return (
        *plain,
        Setting(f"{POLICY}/Test/ZAccount", Format.CHR, "{{account}}"),
        Setting(WLAN, Format.CHR, "<psk>{{secret:env:HOLOFLEET_SECRET_WIFI}}</psk>"),
    )


@dataclass
class Secrets:
    """Secrets by reference; the fingerprint is keyed as the real one."""

    values: dict[str, str] = field(default_factory=lambda: {"env:HOLOFLEET_SECRET_WIFI": "tall&blue<tree"})

    def fingerprint(self, reference: str) -> str | None:
        value = self.values.get(reference)
        return None if value is None else hmac.new(b"install", value.encode(), hashlib.sha256).hexdigest()[:32]

    def value(self, reference: str) -> str | None:
        return self.values.get(reference)


@dataclass
class Revoked:
    digests: set[str] = field(default_factory=set)

    def revoked(self, certificate_sha256: str) -> bool:
        return certificate_sha256 in self.digests

    def revoke_certificate(self, certificate_sha256: str, *, at: datetime, reason: str) -> None:
        self.digests.add(certificate_sha256)


class GoodCertificates:
    def refusal(self, der: bytes, now: datetime) -> str:
        return ""


def fleet_of(
    settings: tuple[Setting, ...] = (number(CAMERA, 1), number(USB, 0)),
    *,
    serials: tuple[str, ...] = (SERIAL,),
    deployment: str = "field",
    client: str = "own",
    scenarios: tuple[str, ...] = ("cloud-connected",),
    undelivered: tuple[str, ...] = (),
    account: str = "hl-101@contoso.com",
) -> State:
    document = Document(settings)
    return State(
        [
            *([Client(name=client, display_name=client.title())] if client != "own" else []),
            Deployment(name=deployment, client=client, scenarios=scenarios),
            *(
                Headset(
                    serial=serial,
                    name=f"HL-{serial[-3:]}",
                    deployment=deployment,
                    client=client,
                    document=document.hash,
                    variables={"account": account},
                    undelivered=undelivered,
                )
                for serial in serials
            ),
        ],
        [document],
    )


class World:
    """Everything on one database. ``store`` may be wrapped to fail."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock(START)
        self.secrets = Secrets()
        self.revoked = Revoked()
        self.epoch = 1
        self.frozen_by_hand = False
        self.store = SQLManagementStore(database)
        self.fleet = FleetService(store=SQLFleetStore(database), clock=self.clock, epoch=lambda: self.epoch)
        epoch = lambda: self.epoch  # noqa: E731
        self.orders = OrderService(store=SQLOrderStore(database), clock=self.clock, epoch=epoch)
        self.decisions = DecisionService(
            store=SQLDecisionStore(database),
            orders=self.orders,
            revocations=self.revoked,
            clock=self.clock,
            epoch=epoch,
        )
        self.service = self.new_process()

    def new_process(self) -> ManagementService:
        """A service as another process would have it: nothing of the old one is in its memory."""
        self.service = ManagementService(
            store=self.store,
            clock=self.clock,
            secrets=self.secrets,
            revocations=self.revoked,
            judge=GoodCertificates(),
            epoch=lambda: self.epoch,
            frozen=lambda: self.frozen_by_hand,
        )
        return self.service

    def publish(self, state: State, **more: str) -> None:
        self.fleet.publish(LOCAL_ADMIN, state.to_json(), {"fleet.yaml": "x"}, **more)

    def enroll(self, headset: ScriptedHeadset, *, deployment: str = "field", client: str = "own") -> str:
        """Write an enrollment as issuing does; its certificate is a text."""
        enrollment = uuid.uuid4().hex
        new = NewEnrollment(
            id=enrollment,
            client=client,
            deployment=deployment,
            device_id=headset.device_id,
            hardware_id=f"hw-{headset.serial}",
            certificate_sha256=hashlib.sha256(self.certificate(headset)).hexdigest(),
            public_key_sha256=hashlib.sha256(b"key" + self.certificate(headset)).hexdigest(),
            certificate_not_after=self.clock.now() + timedelta(days=730),
            epoch=self.epoch,
        )
        with self.database.transaction() as connection:
            insert_enrollment(connection, new, at=self.clock.now(), actor="credential:test")
        return enrollment

    @staticmethod
    def certificate(headset: ScriptedHeadset) -> bytes:
        return f"certificate of {headset.device_id}".encode()

    def post(self, headset: ScriptedHeadset, body: bytes) -> bytes:
        status, answer = self.exchange(headset, body)
        assert status == 200, status
        return answer

    def exchange(self, headset: ScriptedHeadset, body: bytes) -> tuple[int, bytes]:
        identity = self.service.authenticate(self.certificate(headset))
        if isinstance(identity, Refusal):
            return identity.status, b""
        assert isinstance(identity, Identity)
        answer = self.service.handle(identity, body)
        return answer.status, answer.body

    def converged(self, device: str = "device-1", serial: str = SERIAL) -> ScriptedHeadset:
        """Enroll a headset that has checked in once, and so holds what is published for it."""
        headset = ScriptedHeadset(device, serial=serial)
        self.enroll(headset)
        self.check_in(headset)
        return headset

    def check_in(self, headset: ScriptedHeadset) -> int:
        count = headset.check_in(lambda body: self.post(headset, body))
        assert headset.broken_rules == []
        return count

    def detail(self, serial: str = SERIAL) -> HeadsetDetail:
        return self.fleet.headset(Scope.every(), serial)

    def word(self, serial: str = SERIAL) -> Compliance:
        return self.detail(serial).summary.compliance

    def events(self) -> list[str]:
        return [str(event.kind) for event in self.fleet.events_after(Scope.every(), 0)]
