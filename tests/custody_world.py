"""Custody over a real database: people of two clients, headsets, a clock that is moved."""

from __future__ import annotations

from tests.identity import NOW, MemoryRevocations

from holofleet.cli.rooms import custody_rooms
from holofleet.clock import SetClock
from holofleet.resources import Client, Deployment, Document, Format, Headset, Setting, State, normal_uri
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.custody import HappeningsStore, Source
from holofleet.server.directory import Account, DirectoryService, NewPerson, Person
from holofleet.server.fleet import FleetService
from holofleet.server.orders import OrderService
from holofleet.storage.custody import StoredAuditOfHeadset, StoredEvents, StoredOrders
from holofleet.storage.database import Database
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.fleet import SQLFleetStore
from holofleet.storage.orders import SQLOrderStore

KEY = b"q" * 32
PIN = "283915"
_USB = normal_uri("./Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection")


def staff(name: str, *roles: Role, clients: tuple[str, ...] = ()) -> Principal:
    scope = Scope.of(*clients) if clients else Scope.every()
    return Principal(PrincipalKind.PERSON, name, frozenset(roles), scope)


DESK = staff("adele@contoso.com", Role.HELPDESK)
DEPLOYER = staff("lee@contoso.com", Role.DEPLOYER)


def state_of(*, line_client: str = "own") -> State:
    """``H-1`` and ``H-2`` on our line, ``F-1`` at Fabrikam, ``N-1`` at Northwind; the line may be a client's."""
    document = Document((Setting(oma_uri=_USB, format=Format.INT, data="0"),))
    names = {"line": line_client, "loans": "fabrikam", "dock": "northwind"}
    serials = {"H-1": "line", "H-2": "line", "F-1": "loans", "N-1": "dock"}
    return State(
        [
            Client(name="own", display_name="Contoso"),
            Client(name="fabrikam", display_name="Fabrikam"),
            Client(name="northwind", display_name="Northwind Traders"),
            *(Deployment(name=name, scenarios=("shared-identity",), client=who) for name, who in names.items()),
            *(
                Headset(
                    serial=serial,
                    name=f"hl-{serial.lower()}",
                    deployment=name,
                    client=names[name],
                    document=document.hash,
                )
                for serial, name in serials.items()
            ),
        ],
        [document],
    )


class CustodyWorld:
    """Every room of custody, wired as the program wires them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock(NOW)
        people = StoredDirectory(database, epoch=1)
        self.revocations = MemoryRevocations()
        self.directory = DirectoryService(people, self.clock, revocations=self.revocations)
        self.fleet = FleetService(store=SQLFleetStore(database), clock=self.clock, epoch=lambda: 1)
        self.orders = OrderService(store=SQLOrderStore(database), clock=self.clock, epoch=lambda: 1)
        rooms = custody_rooms(database, self.clock, epoch=1, key=KEY, pepper=b"p" * 32)
        self.desk, self.kiosk, self.pins = rooms.desk, rooms.kiosk, rooms.pins
        self.corrections, self.badges = rooms.corrections, rooms.badges
        self.owners, self.story = rooms.owners, rooms.story
        self.sources: dict[Source, HappeningsStore] = {
            Source.EVENT: StoredEvents(database),
            Source.ORDER: StoredOrders(database),
            Source.AUDIT: StoredAuditOfHeadset(database),
        }
        self.publish(state_of())
        self.isaiah = self.add("isaiah@contoso.com", "Isaiah Langer")
        self.megan = self.add("megan@contoso.com", "Megan Bowen")
        self.nestor = self.add("nestor@fabrikam.com", "Nestor Wilke", client="fabrikam")

    def publish(self, state: State) -> None:
        self.fleet.publish(LOCAL_ADMIN, state.to_json(), {})

    def add(self, upn: str, name: str, *, client: str = "own", account: Account = Account.PERSON) -> Person:
        return self.directory.add(LOCAL_ADMIN, NewPerson(upn, name, client, account))

    def session(self, person: Person) -> Principal:
        """Somebody signed in, without any role."""
        return Principal(PrincipalKind.PERSON, person.upn, frozenset(), Scope.of(person.client))

    def paired(self, serial: str = "H-1") -> str:
        return self.kiosk.pair(self.kiosk.invite(DESK, serial).secret)

    def out(self, person: Person, serial: str = "H-1", *, hand_over: bool = False) -> int:
        return self.desk.check_out(DESK, headset=serial, person=person.upn, hand_over=hand_over).sequence
