"""Rooms of the server that have several services each, put together over a database.

Tests put them together by the same functions as the server does. Nothing here opens a folder, takes a lock or
knows a key ring: keys are given.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from holofleet.clock import Clock

if TYPE_CHECKING:
    from holofleet.protocols.signaling import Timers
    from holofleet.server.approvals import ApprovalRooms
    from holofleet.server.assist import AssistRooms, TurnServers
    from holofleet.server.assist.recordings import Place
    from holofleet.server.custody import CustodyRooms
    from holofleet.server.fleet import FleetService
    from holofleet.server.orders import OrderService
    from holofleet.server.sealing import SealingKey
    from holofleet.storage.database import Database


def assist_rooms(
    database: Database,
    clock: Clock,
    *,
    epoch: int,
    servers: TurnServers | None = None,
    timers: Timers | None = None,
    left_key: SealingKey | None = None,
    recordings: Place | None = None,
) -> AssistRooms:
    """Return the services of calls.

    Args:
        database: Where they are kept.
        clock: The time.
        epoch: Of the installation.
        servers: The relays.
        timers: How long each state of a call may last.
        left_key: Seals messages left for later; without it one that ends with this process.
        recordings: Where calls are recorded; nowhere unless told.
    """
    from holofleet.server.assist import (
        AssistDesk,
        AssistRooms,
        CallRecords,
        CallService,
        ExpertSearch,
        TalkService,
    )
    from holofleet.server.assist.guests import KEPT, GuestDoor, GuestLinks, GuestLobby
    from holofleet.server.assist.left import LeftMessages
    from holofleet.server.assist.left.waiting import WaitingMessages
    from holofleet.server.assist.policy import CallPolicy
    from holofleet.server.assist.presence import Presence
    from holofleet.server.assist.quality import CallQuality
    from holofleet.server.assist.recordings import (
        ConsentKeeper,
        NoShelf,
        Place,
        RecordingIntake,
        RecordingKeys,
        RecordingLibrary,
    )
    from holofleet.server.assist.roster import ExpertRoster
    from holofleet.server.assist.watch import Watch
    from holofleet.server.sealing import SealingKey
    from holofleet.storage import assist as stored

    store, parties = stored.StoredCalls(database, epoch=epoch), stored.StoredParties(database)
    policy = CallPolicy(stored.StoredCallPolicy(database), clock)
    presence = Presence(stored.StoredPresence(database), clock)
    links = stored.StoredGuests(database, epoch=epoch)
    place = recordings or Place(NoShelf(), SealingKey(os.urandom(32)), os.urandom(32))
    keys, recorded = RecordingKeys(place.sealing_key), stored.StoredRecordings(database, epoch=epoch)
    consents = ConsentKeeper(keys, policy, is_on=place.shelf.is_there)
    calls = CallService(
        store, policy, presence, parties, clock, timers=timers, guest_stands=links.stands, consents=consents
    )
    library = RecordingLibrary(recorded, keys, place.shelf, clock, pass_key=place.pass_key)
    guests = GuestLinks(links, calls, store, policy, parties, clock, epoch=epoch)
    left_store = stored.StoredLeft(database, epoch=epoch)
    left = LeftMessages(left_store, policy, parties, clock, key=left_key or SealingKey(os.urandom(32)))

    def forget(now: datetime) -> int:
        return links.forget(before=now - KEPT) + left_store.forget(before=now) + library.expire()

    lobby = GuestLobby(links, guests, calls, store, presence, clock)
    talk = TalkService(store, calls.teller, clock, servers)
    experts = ExpertSearch(store, policy, presence, calls.teller, clock)
    return AssistRooms(
        desk=AssistDesk(calls, talk, experts, store, clock, lobby),
        store=store,
        policy=policy,
        presence=presence,
        roster=ExpertRoster(policy, parties),
        parties=parties,
        records=CallRecords(stored.StoredRecords(database, epoch=epoch), clock),
        quality=CallQuality(stored.StoredQuality(database), clock),
        watch=Watch(store, calls, policy, presence, clock, also_forget=forget),
        bell=stored.DatabaseBell(database),
        links=guests,
        door=GuestDoor(links, store, policy, clock, epoch=epoch),
        left=left,
        waiting=WaitingMessages(stored.StoredWaiting(database), policy, clock),
        intake=RecordingIntake(recorded, store, calls, consents, keys, place.shelf, clock),
        recordings=library,
    )


def approval_rooms(
    database: Database,
    clock: Clock,
    *,
    fleet: FleetService,
    orders: OrderService,
    epoch: Callable[[], int],
) -> ApprovalRooms:
    """Return the services of the second person over a database."""
    from holofleet.server.approvals import ApprovalRooms, ApprovalService, BulkService
    from holofleet.storage.approvals.requests import StoredApprovals

    requests = ApprovalService(
        store=StoredApprovals(database), orders=orders, fleet=fleet, clock=clock, epoch=epoch
    )
    return ApprovalRooms(requests, BulkService(fleet=fleet, orders=orders, approvals=requests))


def custody_rooms(database: Database, clock: Clock, *, epoch: int, key: bytes, pepper: bytes) -> CustodyRooms:
    """Return the services of custody over a database; ``key`` and ``pepper`` never lie in it."""
    from holofleet.server.custody import (
        AccountSecretService,
        BadgeService,
        CorrectionService,
        CustodyRooms,
        CustodyService,
        HappeningsStore,
        KioskService,
        PinService,
        Source,
        StoryService,
    )
    from holofleet.storage import custody as stored
    from holofleet.storage.assist import StoredCallHappenings
    from holofleet.storage.directory import StoredDirectory

    records, people = stored.StoredCustody(database, epoch=epoch), StoredDirectory(database, epoch=epoch)
    desk = CustodyService(records, people, clock, key=key)
    pins = PinService(stored.StoredPins(database, epoch=epoch), records, people, clock, pepper=pepper)
    pairings = stored.StoredPairings(database, epoch=epoch)
    sources: dict[Source, HappeningsStore] = {
        Source.EVENT: stored.StoredEvents(database),
        Source.ORDER: stored.StoredOrders(database),
        Source.AUDIT: stored.StoredAuditOfHeadset(database),
        Source.CALL: StoredCallHappenings(database),
    }
    return CustodyRooms(
        desk=desk,
        corrections=CorrectionService(records, people, clock),
        badges=BadgeService(records, people, clock, key=key),
        kiosk=KioskService(pairings, records, people, pins, clock, key=key),
        pins=pins,
        owners=AccountSecretService(stored.StoredSecrets(database, epoch=epoch), people, clock),
        story=StoryService(desk, sources),
    )
