"""A fleet in mixed states, written into a database of the benchmark's own: published, enrolled, and then let go.

Headsets of this fleet never spoke: their rows are written as sessions would have left them. What is measured with
it only reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from bench import fleet

if TYPE_CHECKING:
    from holofleet.cli.services import Wired
    from holofleet.resources import State

CLIENTS = ("own", "fabrikam", "northwind", "adventure-works")
DEPLOYMENTS = 12
SITES = 40
EVENTS = 3
"""Events of each headset: it enrolled, it took its settings, and something later."""
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Lot:
    """Headsets of one standing: so many of a hundred, and what stands in their rows."""

    percent: int
    compliance: str
    standing: str = "active"
    seen_days_ago: int = 0
    status: str = ""
    """What one of their settings is instead of compliant."""
    enrolled: bool = True


LOTS = (
    Lot(78, "compliant"),
    Lot(5, "pending", status="pending"),
    Lot(5, "drifted", status="drifted"),
    Lot(3, "refused", status="refused"),
    Lot(3, "compliant", seen_days_ago=400),
    Lot(1, "quarantined", standing="lost"),
    Lot(5, "expected", enrolled=False),
)


def lot_of(number: int) -> Lot:
    """Return the lot of a headset; neighbours differ, as they do in a real list."""
    place = number * 37 % 100
    for lot in LOTS:
        if place < lot.percent:
            return lot
        place -= lot.percent
    return LOTS[0]


def state(headsets: int) -> State:
    """Return the State: twelve deployments of four clients, each headset with sixty settings."""
    from holofleet.resources import Client, Deployment, Headset, State

    document = next(iter(State.from_json(fleet.state(1)).documents.values()))
    deployments = [
        Deployment(name=f"line-{n:02}", client=CLIENTS[n % len(CLIENTS)], scenarios=("cloud-connected",))
        for n in range(DEPLOYMENTS)
    ]
    members = [
        Headset(
            serial=fleet.serial(number),
            name=f"HL-{number:05}",
            deployment=deployments[number % DEPLOYMENTS].name,
            client=deployments[number % DEPLOYMENTS].client,
            site=f"site-{number % SITES:02}",
            document=document.hash,
            variables={"serial": fleet.serial(number)},
        )
        for number in range(headsets)
    ]
    clients = [Client(name=name, display_name=name.title()) for name in CLIENTS if name != "own"]
    return State([*clients, *deployments, *members], [document])


def fill(wired: Wired, headsets: int, *, now: datetime) -> None:
    """Publish the fleet and write what its headsets did until ``now``."""
    from sqlalchemy import insert

    from holofleet.server.authorization import LOCAL_ADMIN
    from holofleet.storage.tables.management import ENROLLMENT, EVENT

    published = state(headsets)
    wired.services.fleet.publish(LOCAL_ADMIN, published.to_json(), {"fleet.yaml": ""})
    with wired.database.transaction() as connection:
        for table, rows in ((ENROLLMENT, _enrollments(published, now)), (EVENT, _events(published, now))):
            while chunk := list(islice(rows, _CHUNK)):
                connection.execute(insert(table), chunk)


def _enrollments(published: State, now: datetime) -> Iterator[dict[str, Any]]:
    from holofleet.server.compliance import Entry, Phase, SettingStatus, render_overlay
    from holofleet.storage.moments import to_micros

    uri = next(iter(published.documents.values())).settings[7].oma_uri
    for number, headset in enumerate(published.headsets.values()):
        lot = lot_of(number)
        if not lot.enrolled:
            continue
        seen = now - timedelta(days=lot.seen_days_ago, minutes=number % 480)
        overlay = {}
        if lot.status:
            overlay[uri] = Entry(SettingStatus(lot.status), Phase.WRITE, to_micros(seen), reported="1")
        yield {
            "id": _id(number),
            "client_id": headset.client,
            "deployment": headset.deployment,
            "device_id": f"device-{number}",
            "hardware_id": f"hardware-{number}",
            "certificate_sha256": hashlib.sha256(b"c%d" % number).hexdigest(),
            "public_key_sha256": hashlib.sha256(b"k%d" % number).hexdigest(),
            "certificate_not_after": to_micros(now + timedelta(days=300)),
            "enrolled_at": to_micros(now - timedelta(days=420)),
            "epoch": 1,
            "standing": lot.standing,
            "serial": headset.serial,
            "held_serial": headset.serial,
            "acknowledged_hash": headset.document,
            "overlay": render_overlay(overlay),
            "os_build": "10.0.22621.1266",
            "verified_at": to_micros(seen),
            "compliance": lot.compliance,
            "last_seen_at": to_micros(seen),
        }


def _events(published: State, now: datetime) -> Iterator[dict[str, Any]]:
    from holofleet.storage.moments import to_micros

    for turn, kind in enumerate(("enrolled", "converged", "drifted")[:EVENTS]):
        for number, headset in enumerate(published.headsets.values()):
            if lot_of(number).enrolled:
                yield {
                    "at": to_micros(now - timedelta(days=420 - 200 * turn)),
                    "kind": kind,
                    "client_id": headset.client,
                    "deployment": headset.deployment,
                    "serial": headset.serial,
                    "enrollment_id": _id(number),
                    "actor": f"headset:{_id(number)}",
                }


def _id(number: int) -> str:
    return f"{number:032x}"
