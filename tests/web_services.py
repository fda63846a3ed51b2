"""The real services over SQLite, behind the real applications: a whole server in one process, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute
from tests.databases import fresh_sqlite
from tests.identity import audit_service
from tests.web_server import Trust, trust

from holofleet.cli.rooms import approval_rooms, assist_rooms, custody_rooms
from holofleet.clock import Clock, SystemClock
from holofleet.resources import Client, Deployment, Document, Format, Headset, Setting, State, normal_uri
from holofleet.server.access import AccessService
from holofleet.server.assist import TurnServers
from holofleet.server.assist.recordings import FolderShelf, Place
from holofleet.server.audit import PrivacyService, RetentionService
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.credentials import CredentialService
from holofleet.server.directory import DirectoryService, ProvisioningService
from holofleet.server.enrollment import EnrollmentService
from holofleet.server.fleet import DecisionService, FleetService
from holofleet.server.fleet.history import HistoryService
from holofleet.server.guides import GuideService
from holofleet.server.licenses import LicenseService
from holofleet.server.loans import LoanService
from holofleet.server.management.batching import AsyncManagement
from holofleet.server.management.service import ManagementService
from holofleet.server.orders import OrderService
from holofleet.server.sealing import SealingKey
from holofleet.server.sign_in import SignInService
from holofleet.server.visits import VisitService
from holofleet.server.webhooks import WebhookService
from holofleet.storage.database import Database
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.fleet import SQLFleetStore
from holofleet.storage.fleet.history import StoredHistory
from holofleet.storage.guides import StoredGuides
from holofleet.storage.identity import (
    StoredAccess,
    StoredCredentials,
    StoredIssuing,
    StoredPrivacy,
    StoredRetention,
    StoredSignIn,
)
from holofleet.storage.licenses import StoredLicenses
from holofleet.storage.loans import StoredLoans
from holofleet.storage.management import SQLManagementStore
from holofleet.storage.orders import SQLDecisionStore, SQLOrderStore
from holofleet.storage.visits import StoredVisits
from holofleet.storage.webhooks.webhooks import StoredWebhooks
from holofleet.web.app import device_app, people_app
from holofleet.web.assist.gate import SOCKET_PATH
from holofleet.web.hosts import Hosts
from holofleet.web.limits import Limits
from holofleet.web.services import Services
from holofleet.web.settings import WebSettings
from holofleet.web.transport import Listener, Server, SocketPaths, device_context, people_context

LOCAL_TOKEN = "hf_local_" + "t" * 43
USB = normal_uri("./Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection")


class NoSecrets:
    def fingerprint(self, reference: str) -> str | None:
        return None

    def value(self, reference: str) -> str | None:
        return None


class Revocations:
    def __init__(self) -> None:
        self.certificates: set[str] = set()
        self.tokens: set[str] = set()

    def revoked(self, certificate_sha256: str) -> bool:
        return certificate_sha256 in self.certificates

    def token_revoked(self, digest: str) -> bool:
        return digest in self.tokens

    def revoke_token(self, digest: str, clock: Clock) -> None:
        self.tokens.add(digest)

    def revoke_certificate(self, certificate_sha256: str, *, at: datetime, reason: str) -> None:
        self.certificates.add(certificate_sha256)


class Judge:
    def __init__(self, trust: Trust) -> None:
        self._ca = trust.device_ca

    def refusal(self, der: bytes, now: datetime) -> str:
        return self._ca.refusal(der, now) or ""


@dataclass
class Recorded:
    """Orders or decisions that remember what they were asked."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.asked.append((name, *args[1:], *kwargs.values()))
            return [] if name == "listed" else {"recorded": name}

        return call


@dataclass
class Bench:
    """What a test holds: the services, and what stands behind them."""

    services: Services
    management: ManagementService
    database: Database
    revocations: Revocations
    recorded: Recorded
    clock: Clock

    def publish(self, state: State) -> None:
        self.services.fleet.publish(LOCAL_ADMIN, state.to_json(), {}, plan_hash="", expect_told_hash=None)  # type: ignore[arg-type]

    def token(self, name: str, *roles: Role, clients: list[str] | None = None) -> str:
        return self.services.access.issue_token(LOCAL_ADMIN, name, roles, clients=clients).token


def small_state() -> State:
    """Two clients with one headset each."""
    document = Document((Setting(oma_uri=USB, format=Format.INT, data="0"),))
    return State(
        [
            Client(name="fabrikam", display_name="Fabrikam"),
            Client(name="northwind", display_name="Northwind Traders"),
            Deployment(name="loans", scenarios=("external-clients",), client="fabrikam"),
            Deployment(name="plant", scenarios=("cloud-connected",), client="northwind"),
            Headset(serial="F-1", deployment="loans", client="fabrikam", document=document.hash),
            Headset(serial="N-1", deployment="plant", client="northwind", document=document.hash),
        ],
        [document],
    )


@contextmanager
def bench(folder: Path, *, clock: Clock | None = None, relays: TurnServers | None = None) -> Iterator[Bench]:
    clock = clock or SystemClock()
    database = fresh_sqlite(folder / "holofleet.db")
    revocations, recorded = Revocations(), Recorded()
    credentials = CredentialService(StoredCredentials(database, epoch=1), clock, key=b"k" * 32, epoch=1)
    management = ManagementService(
        store=SQLManagementStore(database),
        clock=clock,
        secrets=NoSecrets(),
        revocations=revocations,
        judge=Judge(trust()),
        epoch=lambda: 1,
    )
    orders = OrderService(store=SQLOrderStore(database), clock=clock, epoch=lambda: 1)
    access = AccessService(
        StoredAccess(database, epoch=1),
        clock,
        cookie_key=b"c" * 32,
        epoch=1,
        revocations=revocations,
        local_token=LOCAL_TOKEN,
    )
    directory = DirectoryService(StoredDirectory(database, epoch=1), clock, revocations=revocations)
    fleet = FleetService(store=SQLFleetStore(database), clock=clock, epoch=lambda: 1)
    services = Services(
        management=None,  # type: ignore[arg-type]  # lives in an event loop: see whole_server
        enrollment=EnrollmentService(
            StoredIssuing(database, epoch=1), credentials, trust().device_ca, clock, epoch=1
        ),
        fleet=fleet,
        orders=orders,
        decisions=DecisionService(
            store=SQLDecisionStore(database), orders=orders, revocations=revocations, clock=clock, epoch=lambda: 1
        ),
        credentials=credentials,
        access=access,
        sign_in=SignInService(StoredSignIn(database, epoch=1), access, directory, clock, key=b"p" * 32),
        audit=audit_service(database, clock),
        retention=RetentionService(StoredRetention(database, epoch=1), audit_service(database, clock), clock),
        privacy=PrivacyService(StoredPrivacy(database, epoch=1), clock),
        directory=directory,
        licenses=LicenseService(StoredLicenses(database, epoch=1), directory, clock),
        provisioning=ProvisioningService(StoredDirectory(database, epoch=1), clock, revocations=revocations),
        custody=custody_rooms(database, clock, epoch=1, key=b"q" * 32, pepper=b"p" * 32),
        loans=LoanService(StoredLoans(database, epoch=1), clock),
        assist=assist_rooms(
            database,
            clock,
            epoch=1,
            servers=relays,
            recordings=Place(FolderShelf(folder / "recordings"), SealingKey(bytes(32)), bytes(32)),
        ),
        approvals=approval_rooms(database, clock, fleet=fleet, orders=orders, epoch=lambda: 1),
        guides=GuideService(StoredGuides(database), clock),
        history=HistoryService(StoredHistory(database), clock),
        visits=VisitService(StoredVisits(database), clock),
        webhooks=WebhookService(StoredWebhooks(database, epoch=1), clock, key=SealingKey(bytes(32))),
        clock=clock,
    )
    yield Bench(services, management, database, revocations, recorded, clock)
    database.close()


def web_settings(*, device_port: int = 1, limits: Limits | None = None, **more: Any) -> WebSettings:
    hosts = Hosts(frozenset({"localhost", "127.0.0.1"}), device_port=device_port)
    return WebSettings(hosts=hosts, limits=limits or Limits(), **more)


@asynccontextmanager
async def whole_server(
    made: Bench, *, limits: Limits | None = None, pages: Sequence[BaseRoute] | None = ()
) -> AsyncIterator[Server]:
    """Both listeners, wired as ``serve`` does it; ``pages=None`` for the console."""
    limits = limits or Limits()
    files = trust().server
    contexts = {
        "people": people_context(files.certificate_file, files.key_file),
        "device": device_context(
            files.certificate_file, files.key_file, device_ca_pem=trust().device_ca.certificate.pem
        ),
    }
    server = Server(
        [
            Listener(
                name,
                None,
                host="127.0.0.1",
                port=0,
                tls=context,
                limits=limits.connection,
                allow_chunked=name == "people",
                sockets=SocketPaths(frozenset({SOCKET_PATH})) if name == "people" else None,
            )
            for name, context in contexts.items()
        ],
        grace_s=0.2,
    )
    await server.bind()
    settings = web_settings(device_port=server.listener("device").port, limits=limits)
    store = SQLManagementStore(made.database)
    async with AsyncManagement(made.management, store, made.clock) as management:
        services = replace(made.services, management=management)
        server.listener("people").app = people_app(services, settings, pages=pages)
        server.listener("device").app = device_app(services, settings)
        async with server:
            yield server
