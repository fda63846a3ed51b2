"""Wiring: the services of a server, built from its data folder and its database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from holofleet.cli.rooms import approval_rooms, assist_rooms, custody_rooms
from holofleet.clock import Clock, SystemClock
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.resources import State
    from holofleet.server.assist import TurnServers
    from holofleet.server.assist.recordings import Place, Shelf
    from holofleet.server.audit import CheckpointKeeper
    from holofleet.server.fleet.upkeep import Upkeep
    from holofleet.server.installation import Installation
    from holofleet.server.management.batching import AsyncManagement
    from holofleet.server.pki import ServerName
    from holofleet.server.sign_in import OpenIDProvider
    from holofleet.storage.database import Database
    from holofleet.web.services import Services

_ELSEWHERE = "database-elsewhere"
_TWO_PERSONS = "two-person-plans"
_RECORDINGS = "recordings-in"


@dataclass(frozen=True)
class Wired:
    """A data folder that is held, its database, and the services on top."""

    installation: Installation
    database: Database
    services: Services
    management: AsyncManagement
    upkeep: Upkeep
    keeper: CheckpointKeeper


@contextmanager
def wire(
    data: Path,
    *,
    database_url: str | None = None,
    kek_file: Path | None = None,
    secrets_folder: Path | None = None,
    names: tuple[str, ...] = (),
    clock: Clock | None = None,
    provider: OpenIDProvider | None = None,
    two_person_plans: bool | None = None,
    turn_servers: TurnServers | None = None,
    recordings: Path | None = None,
) -> Iterator[Wired]:
    """Open a data folder with everything behind it, and close it again.

    SQLite in the folder is upgraded here; a database named by its address is only used when it has the version
    of this program (``holofleet database upgrade`` brings it there).

    Args:
        data: The data folder; made at the first start.
        database_url: Another database than the SQLite file in the folder.
        kek_file: A key encryption key kept elsewhere.
        secrets_folder: Where ``file:`` references are read.
        names: Host names of the addresses that are handed out.
        clock: For tests.
        provider: The OpenID provider at which people may sign in.
        two_person_plans: Whether a plan takes two persons; ``None`` for what the server was last started with.
        turn_servers: The relays of calls.
        recordings: Where calls are recorded; without it nothing is, and what there is is kept to its time.

    Raises:
        FolderInUseError: another process works in the folder.
        InputError, StorageError: keys, secrets or a database that cannot be used.
    """
    from holofleet.server.installation import Installation
    from holofleet.storage.database import Database

    clock = clock or SystemClock()
    if secrets_folder is not None and not secrets_folder.is_dir():
        raise InputError(f"{secrets_folder}: this is no folder", mend="Name the folder of the secrets' files.")
    with Installation.open(data, now=clock.now(), names=_server_names(names), kek_file=kek_file) as installation:
        _require_same_store(installation, database_url)
        database = Database.open(database_url or f"sqlite:///{installation.database_path.absolute()}")
        try:
            if database_url is None:
                database.upgrade()
            else:
                database.require_current()
                _remember_other_store(installation)
            management = _management(installation, database, clock=clock, secrets_folder=secrets_folder)
            services = build(
                installation,
                database,
                management,
                clock=clock,
                provider=provider,
                two_person_plans=_two_persons(installation, two_person_plans),
                turn_servers=turn_servers,
                recordings=_recordings(installation, recordings),
            )
            keeper = _keeper(installation, database, services, clock=clock)
            upkeep = _upkeep(installation, database, keeper, services, clock=clock)
            yield Wired(installation, database, services, management, upkeep, keeper)
        finally:
            database.close()


def _require_same_store(installation: Installation, database_url: str | None) -> None:
    """Refuse another store than the folder was served with.

    Raises:
        InputError: the folder was served with a database that is not named now, or has one of its own already.
    """
    elsewhere = (installation.folder / _ELSEWHERE).exists()
    if database_url is None and elsewhere:
        raise InputError(
            f"{installation.folder}: the database of this folder is a server of its own",
            mend="Start holofleet serve with its --database, or talk to the running server.",
        )
    if database_url is not None and not elsewhere and installation.database_path.exists():
        raise InputError(
            f"{installation.database_path}: this folder has a database already",
            detail="A server with --database would not see what is in it.",
            mend="Use another data folder, or serve this one without --database.",
        )


def _remember_other_store(installation: Installation) -> None:
    """Remember that the folder's store is elsewhere, so that no command opens an empty one in its place.

    Only the fact is kept: an address may hold a password. It is kept once that database could be used, so that a
    mistyped address binds the folder to nothing.
    """
    from holofleet.server.installation.private import write_private

    marker = installation.folder / _ELSEWHERE
    if not marker.exists():
        write_private(marker, b"postgresql\n")


def _two_persons(installation: Installation, said: bool | None) -> bool:
    """Keep in the folder whether a plan takes two persons, so that commands without a server hold to it too."""
    from holofleet.server.installation.private import write_private

    marker = installation.folder / _TWO_PERSONS
    if said is None:
        return marker.exists()
    if said and not marker.exists():
        write_private(marker, b"yes\n")
    elif not said:
        marker.unlink(missing_ok=True)
    return said


def _recordings(installation: Installation, said: Path | None) -> Place:
    """Remember in the folder where recordings are, so that they are read and deleted though none are made now."""
    from holofleet.server.assist.recordings import FolderShelf, NoShelf, Place
    from holofleet.server.installation import Purpose
    from holofleet.server.installation.private import read_private, write_private

    marker = installation.folder / _RECORDINGS
    shelf: Shelf = NoShelf()
    if said is not None:
        shelf = FolderShelf(said.absolute())
        write_private(marker, f"{said.absolute()}\n".encode())
    elif marker.exists() and (there := Path(read_private(marker).decode().strip())).is_dir():
        shelf = FolderShelf(there, records=False)
    keys = installation.keys
    return Place(shelf, keys.sealing_key(Purpose.RECORDING), keys.derive(Purpose.RECORDING, "pass"))


def _server_names(texts: tuple[str, ...]) -> list[ServerName]:
    from holofleet.server.pki import parse_name

    return [parse_name(text) for text in texts]


def _management(
    installation: Installation, database: Database, *, clock: Clock, secrets_folder: Path | None
) -> AsyncManagement:
    from holofleet.server.installation import Purpose
    from holofleet.server.management.batching import AsyncManagement
    from holofleet.server.management.secret_sources import SecretSources
    from holofleet.server.management.service import ManagementService
    from holofleet.storage.management import SQLManagementStore

    store = SQLManagementStore(database)
    key = installation.keys.derive(Purpose.FINGERPRINT)
    sessions = ManagementService(
        store=store,
        clock=clock,
        secrets=SecretSources(key=key, environment=os.environ, folder=secrets_folder),
        revocations=installation.revocations,
        judge=installation.device_ca,
        epoch=lambda: installation.epoch,
        frozen=installation.freeze_file.exists,
    )
    return AsyncManagement(sessions, store, clock)


def _upkeep(
    installation: Installation, database: Database, keeper: CheckpointKeeper, services: Services, *, clock: Clock
) -> Upkeep:
    from holofleet.server.fleet.upkeep import Upkeep
    from holofleet.server.webhooks.worker import KEPT
    from holofleet.storage.licenses import StoredLicenses
    from holofleet.storage.upkeep import SQLUpkeepStore
    from holofleet.storage.webhooks.outbox import StoredOutbox

    outbox = StoredOutbox(database, epoch=installation.epoch)
    licenses = StoredLicenses(database, epoch=installation.epoch)
    return Upkeep(
        store=SQLUpkeepStore(database),
        revocations=installation.revocations,
        clock=clock,
        chores=(
            lambda: licenses.serve_waiting(at=clock.now()),
            keeper.run,
            services.history.keep,
            services.guides.keep,
            services.assist.watch.keep,
            lambda: outbox.tell_of_time(clock.now()),
            lambda: outbox.forget(before=clock.now() - KEPT),
        ),
    )


def _keeper(
    installation: Installation, database: Database, services: Services, *, clock: Clock
) -> CheckpointKeeper:
    from holofleet.server.audit import CheckpointKeeper
    from holofleet.storage.identity import StoredRetention

    return CheckpointKeeper(StoredRetention(database, epoch=installation.epoch), clock, sign=services.audit.sign)


def build(
    installation: Installation,
    database: Database,
    management: AsyncManagement,
    *,
    clock: Clock,
    provider: OpenIDProvider | None = None,
    two_person_plans: bool = False,
    turn_servers: TurnServers | None = None,
    recordings: Place | None = None,
) -> Services:
    """Return the services of one server process.

    Args:
        installation: The data folder.
        database: Its database.
        management: The hot path.
        clock: The time.
        provider: Where people may sign in.
        two_person_plans: Whether a plan is published only when a second person approved it.
        turn_servers: The relays of calls; none unless told.
        recordings: Where calls are recorded; nowhere unless told.
    """
    from holofleet.server.access import AccessService
    from holofleet.server.audit import AuditService, PrivacyService, RetentionService
    from holofleet.server.credentials import CredentialService
    from holofleet.server.directory import DirectoryService, ProvisioningService
    from holofleet.server.enrollment import EnrollmentService
    from holofleet.server.fleet import DecisionService, FleetService
    from holofleet.server.fleet.history import HistoryService
    from holofleet.server.guides import GuideService
    from holofleet.server.installation import Purpose
    from holofleet.server.licenses import LicenseService
    from holofleet.server.loans import LoanService
    from holofleet.server.orders import OrderService
    from holofleet.server.sign_in import SignInService
    from holofleet.server.visits import VisitService
    from holofleet.server.webhooks import WebhookService
    from holofleet.storage.directory import StoredDirectory
    from holofleet.storage.fleet import SQLFleetStore
    from holofleet.storage.fleet.history import StoredHistory
    from holofleet.storage.guides import StoredGuides
    from holofleet.storage.identity import (
        StoredAccess,
        StoredAudit,
        StoredCredentials,
        StoredIssuing,
        StoredPrivacy,
        StoredRetention,
        StoredSignIn,
    )
    from holofleet.storage.licenses import StoredLicenses
    from holofleet.storage.loans import StoredLoans
    from holofleet.storage.orders import SQLDecisionStore, SQLOrderStore
    from holofleet.storage.visits import StoredVisits
    from holofleet.storage.webhooks.webhooks import StoredWebhooks
    from holofleet.web.services import Services

    epoch, keys, revocations = installation.epoch, installation.keys, installation.revocations
    credentials = CredentialService(
        StoredCredentials(database, epoch=epoch), clock, key=keys.derive(Purpose.CREDENTIAL), epoch=epoch
    )
    people = StoredDirectory(database, epoch=epoch)
    issuing = StoredIssuing(database, epoch=epoch)
    orders = OrderService(store=SQLOrderStore(database), clock=clock, epoch=lambda: installation.epoch)
    access = AccessService(
        StoredAccess(database, epoch=epoch),
        clock,
        cookie_key=keys.derive(Purpose.COOKIE),
        epoch=epoch,
        revocations=revocations,
        local_token=installation.local_token,
    )
    directory = DirectoryService(people, clock, revocations=revocations)
    fleet = FleetService(
        store=SQLFleetStore(database),
        clock=clock,
        epoch=lambda: installation.epoch,
        two_persons=two_person_plans,
    )
    audit = AuditService(
        StoredAudit(database, epoch=epoch),
        clock,
        installation=installation.id,
        seed_of_year=lambda year: keys.derive(Purpose.CHECKPOINT, str(year)),
    )
    return Services(
        management=management,
        enrollment=EnrollmentService(issuing, credentials, installation.device_ca, clock, epoch=epoch),
        fleet=fleet,
        orders=orders,
        decisions=DecisionService(
            store=SQLDecisionStore(database),
            orders=orders,
            revocations=revocations,
            clock=clock,
            epoch=lambda: installation.epoch,
        ),
        credentials=credentials,
        access=access,
        sign_in=SignInService(
            StoredSignIn(database, epoch=epoch),
            access,
            directory,
            clock,
            key=keys.derive(Purpose.PEPPER),
            provider=provider,
        ),
        audit=audit,
        retention=RetentionService(StoredRetention(database, epoch=epoch), audit, clock),
        privacy=PrivacyService(StoredPrivacy(database, epoch=epoch), clock),
        directory=directory,
        provisioning=ProvisioningService(people, clock, revocations=revocations),
        licenses=LicenseService(
            StoredLicenses(database, epoch=epoch), directory, clock, compile_text=compiled_text
        ),
        custody=custody_rooms(
            database,
            clock,
            epoch=epoch,
            key=keys.derive(Purpose.CUSTODY),
            pepper=keys.derive(Purpose.PEPPER, "pin"),
        ),
        loans=LoanService(StoredLoans(database, epoch=epoch), clock),
        approvals=approval_rooms(database, clock, fleet=fleet, orders=orders, epoch=lambda: installation.epoch),
        guides=GuideService(StoredGuides(database), clock),
        history=HistoryService(StoredHistory(database), clock),
        visits=VisitService(StoredVisits(database), clock),
        webhooks=WebhookService(
            StoredWebhooks(database, epoch=epoch), clock, key=keys.sealing_key(Purpose.WEBHOOK)
        ),
        assist=assist_rooms(
            database,
            clock,
            epoch=epoch,
            servers=turn_servers,
            recordings=recordings,
            left_key=keys.sealing_key(Purpose.LEFT),
        ),
        clock=clock,
    )


def compiled_text(text: str) -> State:
    """Make a State of one fleet file that somebody gives to a page."""
    from holofleet import desired, spec

    return desired.compile(spec.parse({"fleet.yaml": text}), target="server")
