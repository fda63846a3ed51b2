"""A published fleet of enrolled headsets, people who give orders, and a second person."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import insert, update
from tests.identity import MemoryRevocations
from tests.management_world import USB, World, fleet_of, number
from tests.scripted_headset import ScriptedHeadset

from holofleet.resources import State
from holofleet.server.approvals import ApprovalService, BulkOrders, BulkService
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import DirectoryService, NewPerson
from holofleet.server.fleet import FleetService
from holofleet.server.orders import OrderKind
from holofleet.storage.approvals.requests import StoredApprovals
from holofleet.storage.database import Database
from holofleet.storage.directory import StoredDirectory
from holofleet.storage.fleet import SQLFleetStore
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.identity import TOKEN
from holofleet.storage.tables.management import ENROLLMENT

WIPE = OrderKind.WIPE
WHY = "sold at the end of the project"


class ApprovalsWorld(World):
    def __init__(self, database: Database, *, headsets: int = 20) -> None:
        super().__init__(database)
        self.approvals, self.bulk = self.rooms(self.fleet)
        self.two_persons, _ = self.rooms(
            FleetService(
                store=SQLFleetStore(database), clock=self.clock, epoch=lambda: self.epoch, two_persons=True
            )
        )
        self.directory = DirectoryService(
            StoredDirectory(database, epoch=1), self.clock, revocations=MemoryRevocations()
        )
        self.serials = tuple(f"H-{index:04}" for index in range(headsets))
        self.publish(fleet_of([number(USB, 0)], serials=self.serials))
        self.enrollments = {serial: self.hold(serial) for serial in self.serials}
        self.lee, self.mona = self.person("lee@contoso.com"), self.person("mona@contoso.com")

    def rooms(self, fleet: FleetService) -> tuple[ApprovalService, BulkService]:
        approvals = ApprovalService(
            store=StoredApprovals(self.database),
            orders=self.orders,
            fleet=fleet,
            clock=self.clock,
            epoch=lambda: self.epoch,
        )
        return approvals, BulkService(fleet=fleet, orders=self.orders, approvals=approvals)

    def hold(self, serial: str) -> str:
        """An enrollment that said its serial; whoever held it before lets go."""
        enrollment = self.enroll(ScriptedHeadset(uuid.uuid4().hex, serial))
        with self.database.transaction() as connection:
            connection.execute(
                update(ENROLLMENT).where(ENROLLMENT.c.held_serial == serial).values(held_serial=None)
            )
            connection.execute(
                update(ENROLLMENT).where(ENROLLMENT.c.id == enrollment).values(serial=serial, held_serial=serial)
            )
        return enrollment

    def person(self, upn: str, role: Role = Role.DEPLOYER, *clients: str) -> Principal:
        self.directory.add(LOCAL_ADMIN, NewPerson(upn))
        scope = Scope.of(*clients) if clients else Scope.every()
        return Principal(PrincipalKind.PERSON, upn, frozenset({role}), scope)

    def token_of(self, maker: Principal, name: str) -> Principal:
        """A token that somebody made, with what its maker may."""
        token_id, now = uuid.uuid4().hex, self.clock.now()
        with self.database.transaction() as connection:
            connection.execute(
                insert(TOKEN).values(
                    id=token_id,
                    name=name,
                    digest=token_id,
                    roles="[]",
                    maker=maker.actor,
                    created_at=to_micros(now),
                    expires_at=to_micros(now + timedelta(days=9)),
                )
            )
        return Principal(PrincipalKind.TOKEN, name, maker.roles, maker.scope, token_id)

    def give(self, who: Principal, count: int, *, start: int = 0, kind: OrderKind = WIPE) -> BulkOrders:
        return self.bulk.give(who, kind, self.serials[start : start + count], WHY)


def wanted(*serials: str, value: int = 1) -> State:
    return fleet_of([number(USB, value)], serials=serials)
