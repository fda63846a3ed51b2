"""A fleet in every state, on the real services over SQLite, behind the real applications: what the console shows.

The three sample fleets are published as one; scripted headsets check in. Then some drift, refuse, go missing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from starlette.testclient import TestClient
from tests.databases import fresh_sqlite
from tests.identity import audit_service
from tests.management_world import World
from tests.scripted_headset import ScriptedHeadset
from tests.web_services import LOCAL_TOKEN, Revocations, web_settings

from holofleet import desired, samples, spec
from holofleet.cli.rooms import approval_rooms, assist_rooms, custody_rooms
from holofleet.cli.services import compiled_text
from holofleet.clock import Clock
from holofleet.resources import State
from holofleet.server.access import COOKIE_NAME, AccessService, Grant, NewSession, digest_of
from holofleet.server.access.secret import SecretKind, make_secret
from holofleet.server.audit import AuditRecord, PrivacyService, RetentionService
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.compliance import Compliance
from holofleet.server.credentials import CredentialService
from holofleet.server.directory import DirectoryService, ProvisioningService
from holofleet.server.fleet.history import HistoryService
from holofleet.server.guides import GuideService
from holofleet.server.licenses import LicenseService
from holofleet.server.loans import LoanService
from holofleet.server.sealing import SealingKey
from holofleet.server.sign_in import OpenIDProvider, SignInService
from holofleet.server.visits import VisitService
from holofleet.server.webhooks import WebhookService
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.fleet.history import StoredHistory
from holofleet.storage.guides import StoredGuides
from holofleet.storage.identity import (
    StoredAccess,
    StoredCredentials,
    StoredPrivacy,
    StoredRetention,
    StoredSignIn,
)
from holofleet.storage.licenses import StoredLicenses
from holofleet.storage.loans import StoredLoans
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.sign_in import SESSION_PERSON
from holofleet.storage.visits import StoredVisits
from holofleet.storage.webhooks.webhooks import StoredWebhooks
from holofleet.web.app import people_app
from holofleet.web.console import DemoActions
from holofleet.web.limits import Limits
from holofleet.web.services import Services

ORIGIN = "https://localhost"
POLICY = "./Device/Vendor/MSFT/Policy/Config"
USB = f"{POLICY}/Connectivity/AllowUSBConnection"
DRIFTED, REFUSING, EXPECTED = "003421800103", "003421800104", "003421800105"
COMPLIANT = "003421800101"
FOREIGN = "003421800201"
SCENARIOS = ("cloud-connected", "external-clients", "near-offline")


@lru_cache(maxsize=1)
def sample_state() -> tuple[State, dict[str, str]]:
    """Three sample fleets as one State, and their texts by scenario."""
    parts, texts = [], {}
    for scenario in SCENARIOS:
        loaded = spec.parse(samples.text(scenario))
        state = desired.compile(loaded, target="server")
        named = f"{scenario}.yaml"
        texts[named] = next(iter(loaded.texts.values()))
        origins = [item.model_copy(update={"path": named}) if item.path else item for item in state.origins]
        missing = [item.model_copy(update={"path": named}) if item.path else item for item in state.undelivered]
        kinds = ("client", "site", "deployment", "headset", "license", "loan")
        parts.append(([r for a, r in state.resources.items() if a.kind in kinds], state, origins, missing))
    resources: dict[Any, Any] = {}
    documents: dict[str, Any] = {}
    for found, state, _, _ in parts:
        resources |= {resource.address: resource for resource in found}
        documents |= state.documents
    return (
        State(
            resources.values(),
            documents.values(),
            origins=[origin for part in parts for origin in part[2]],
            undelivered=[item for part in parts for item in part[3]],
        ),
        texts,
    )


def settings_of(serial: str) -> int:
    """How many settings a headset of the sample fleets has."""
    state = sample_state()[0]
    return len(state.documents[state.headsets[serial].document].settings)


class Demo:
    """The actions of a demonstration: the next check-in of a headset finds USB turned on."""

    def __init__(self, world: ConsoleWorld) -> None:
        self._world = world
        self.broken: list[str] = []

    def headset_to_break(self) -> str | None:
        return COMPLIANT if self._world.world.word(COMPLIANT) is Compliance.COMPLIANT else None

    def break_headset(self, serial: str) -> None:
        self.broken.append(serial)
        self._world.headsets[serial].nodes[USB] = "1"


@dataclass
class ConsoleWorld:
    """Everything a test of the console holds."""

    world: World
    access: AccessService
    services: Services
    headsets: dict[str, ScriptedHeadset] = field(default_factory=dict)
    browsers: int = 0

    def publish(self) -> None:
        state, texts = sample_state()
        told = self.world.fleet.told().hash
        self.world.fleet.publish(LOCAL_ADMIN, state.to_json(), texts, expect_told_hash=told)

    def enroll(self, serial: str, *, check_in: bool = True, **script: Any) -> ScriptedHeadset:
        headset = sample_state()[0].headsets[serial]
        made = self.headsets[serial] = ScriptedHeadset(f"device-{serial}", serial=serial, **script)
        self.world.enroll(made, deployment=headset.deployment, client=headset.client)
        if check_in:
            self.world.check_in(made)
        return made

    def drift(self, serial: str) -> None:
        """Somebody changes a value, and the session in which it is noticed breaks off before it is mended."""
        headset = self.headsets[serial]
        headset.nodes[USB] = "1"
        self.world.clock.advance(timedelta(hours=25))
        self.stop_when_drifted(headset)

    def stop_when_drifted(self, headset: ScriptedHeadset) -> None:
        """Run a session that ends as soon as a drift was noticed."""

        def post(body: bytes) -> bytes | None:
            if self.world.word(headset.serial) is Compliance.DRIFTED:
                return None
            return self.world.post(headset, body)

        headset.check_in(post)

    def come_with_another_build(self, headset: ScriptedHeadset) -> None:
        """Let a headset come with a newer build, which gives what it refused another chance."""
        headset.nodes["./DevDetail/SwV"] = "10.0.22621.1266"
        self.world.check_in(headset)
        self.world.check_in(headset)

    def order(self, serial: str, kind: str) -> None:
        """Order something as the local administrator."""
        self.world.orders.create(LOCAL_ADMIN, serial, kind, "")

    def every_state(self) -> None:
        """Publish, and bring headsets into each state."""
        self.publish()
        serials = list(sample_state()[0].headsets)
        refused = f"{POLICY}/Connectivity/AllowBluetooth"
        for number, serial in enumerate(serials):
            if serial == EXPECTED:
                self.enroll(serial, check_in=False)
                continue
            refuses = {("Replace", refused): 425} if serial == REFUSING else {}
            self.enroll(serial, refuses=refuses)
            if number > 20 and number % 3 == 0:
                self.world.clock.advance(timedelta(minutes=3))
        for _ in range(5):
            self.world.clock.advance(timedelta(hours=9))
            self.world.check_in(self.headsets[REFUSING])
        self.drift(DRIFTED)
        for serial in (COMPLIANT, "003421800102", "003421800106"):
            self.world.check_in(self.headsets[serial])
        stranger = ScriptedHeadset("device-stranger", serial=COMPLIANT)
        self.world.enroll(stranger, deployment=sample_state()[0].headsets[COMPLIANT].deployment)
        self.world.check_in(stranger)
        self.world.clock.advance(timedelta(minutes=12))

    def sign_in(self, *roles: Role, clients: tuple[str, ...] | None = None, called: str = "somebody") -> str:
        """Return the cookie of a new session: of the administrator, or of somebody with less."""
        if not roles:
            opened = self.access.redeem(self.access.one_time_link().token)
            assert opened is not None
            return opened.cookie
        now, link, cookie = self.world.clock.now(), self.access.one_time_link(), make_secret(SecretKind.SESSION)
        grant = Grant(called, frozenset(roles), Scope.every() if clients is None else Scope.of(*clients))
        new = NewSession(uuid.uuid4().hex, digest_of(cookie), grant, now, now + timedelta(hours=12), 1)
        audit = AuditRecord(f"person:{called}", "sign-in", f"session:{new.id}")
        assert StoredAccess(self.world.database, epoch=1).redeem_link(
            digest_of(link.token), new, at=now, epoch=1, audit=audit
        )
        return cookie

    def proved(self, cookie: str, upn: str, *, ago: timedelta) -> None:
        """Make a session that of a person of the directory, who proved so long ago that they are there."""
        session, person = self.access.session(cookie), self.services.directory.person(LOCAL_ADMIN, upn)
        assert session is not None
        row = {"session_id": session.id, "client_id": person.client, "person_id": person.id, "method": "passkey"}
        at = to_micros(self.world.clock.now() - ago)
        with self.world.database.transaction() as connection:
            connection.execute(insert(SESSION_PERSON).values(**row, proved_at=at, browser=""))

    def app(self, demo: DemoActions | None = None) -> Any:
        limits = Limits().raised("bench", headsets=10_000)
        return people_app(self.services, web_settings(limits=limits), demo=demo)

    def client(
        self,
        *roles: Role,
        clients: tuple[str, ...] | None = None,
        signed_in: bool = True,
        called: str = "somebody",
        demo: DemoActions | None = None,
        address: str = "",
    ) -> TestClient:
        """Return a browser without script, signed in with some roles; without any as the administrator.

        Each has an address of its own, unless it is given one.
        """
        self.browsers += 1
        cookies = {COOKIE_NAME: self.sign_in(*roles, clients=clients, called=called)} if signed_in else {}
        return TestClient(
            self.app(demo),
            base_url=ORIGIN,
            cookies=cookies,
            headers={"origin": ORIGIN},
            follow_redirects=False,
            client=(address or f"198.18.{self.browsers // 256}.{self.browsers % 256}", 50000),
        )


@contextmanager
def console_world(
    folder: Path, *, clock: Any = None, make_provider: Callable[[Clock], OpenIDProvider] | None = None
) -> Iterator[ConsoleWorld]:
    """Open a world on a database of its own."""
    database = fresh_sqlite(folder / "console.db")
    try:
        world = World(database)
        access = AccessService(
            StoredAccess(database, epoch=1),
            world.clock,
            cookie_key=b"c" * 32,
            epoch=1,
            revocations=Revocations(),
            local_token=LOCAL_TOKEN,
        )
        credentials = CredentialService(StoredCredentials(database, epoch=1), world.clock, key=b"k" * 32, epoch=1)
        directory = DirectoryService(StoredDirectory(database, epoch=1), world.clock, revocations=Revocations())
        provider = None if make_provider is None else make_provider(world.clock)
        services = Services(
            management=None,  # type: ignore[arg-type]  # the console never calls it
            enrollment=None,  # type: ignore[arg-type]  # the console never calls it
            fleet=world.fleet,
            orders=world.orders,
            decisions=world.decisions,
            credentials=credentials,
            access=access,
            sign_in=SignInService(
                StoredSignIn(database, epoch=1), access, directory, world.clock, key=b"p" * 32, provider=provider
            ),
            audit=audit_service(database, world.clock),
            retention=RetentionService(
                StoredRetention(database, epoch=1), audit_service(database, world.clock), world.clock
            ),
            privacy=PrivacyService(StoredPrivacy(database, epoch=1), world.clock),
            directory=directory,
            licenses=LicenseService(
                StoredLicenses(database, epoch=1), directory, world.clock, compile_text=compiled_text
            ),
            provisioning=ProvisioningService(
                StoredDirectory(database, epoch=1), world.clock, revocations=Revocations()
            ),
            custody=custody_rooms(database, world.clock, epoch=1, key=b"q" * 32, pepper=b"p" * 32),
            loans=LoanService(StoredLoans(database, epoch=1), world.clock),
            assist=assist_rooms(database, world.clock, epoch=1),
            approvals=approval_rooms(
                database,
                world.clock,
                fleet=world.fleet,
                orders=world.orders,
                epoch=lambda: 1,
            ),
            guides=GuideService(StoredGuides(database), world.clock),
            history=HistoryService(StoredHistory(database), world.clock),
            visits=VisitService(StoredVisits(database), world.clock),
            webhooks=WebhookService(StoredWebhooks(database, epoch=1), world.clock, key=SealingKey(bytes(32))),
            clock=world.clock,
        )
        yield ConsoleWorld(world, access, services)
    finally:
        database.close()
