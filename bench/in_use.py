"""A fleet in use: people, who has which headset, the audit log and calls, written into a database for pages.

As in :mod:`bench.mixed`, nobody did any of it: rows are as the acts would have left them, and are only read.
Hashes of the audit log are no chain, which only ``audit verify`` would notice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from bench import fleet
from bench.mixed import CLIENTS, DEPLOYMENTS

if TYPE_CHECKING:
    from holofleet.cli.services import Wired

_CHUNK = 2_000


def fill(wired: Wired, headsets: int, *, now: datetime) -> None:
    """Write a person for five headsets, a record of custody and of the audit for each, a call for ten."""
    from sqlalchemy import insert, select, update

    from holofleet.storage.tables.assist import CALL, CALL_PARTY
    from holofleet.storage.tables.custody import CUSTODY, CUSTODY_STATE
    from holofleet.storage.tables.directory import PERSON
    from holofleet.storage.tables.identity import AUDIT, AUDIT_HEAD

    people, calls = max(1, headsets // 5), headsets // 10
    with wired.database.transaction() as connection:
        first = connection.execute(select(AUDIT_HEAD.c.sequence)).scalar_one()
        connection.execute(update(AUDIT_HEAD).values(sequence=first + headsets))
        for table, rows in (
            (PERSON, _people(people, now)),
            (CUSTODY, _custody(headsets, people, now)),
            (CUSTODY_STATE, _standing(headsets, people, now)),
            (AUDIT, _audit(first, headsets, now)),
            (CALL, (_call(number, headsets, people, now) for number in range(calls))),
            (CALL_PARTY, chain.from_iterable(_parties(number, headsets, people) for number in range(calls))),
        ):
            while chunk := list(islice(rows, _CHUNK)):
                connection.execute(insert(table), chunk)


def client_of(headset: int) -> str:
    """Return whose headset it is."""
    return CLIENTS[headset % DEPLOYMENTS % len(CLIENTS)]


def person_of(number: int) -> str:
    """Return the id of a person."""
    return f"{number:032x}"


def _people(people: int, now: datetime) -> Iterator[dict[str, Any]]:
    from holofleet.storage.moments import to_micros

    for number in range(people):
        yield {
            "id": person_of(number),
            "client_id": "own",
            "upn": f"wearer-{number:05}@contoso.com",
            "display_name": f"Wearer {number:05}",
            "sort_name": f"wearer {number:05}",
            "account": "person",
            "source": "scim",
            "created_at": to_micros(now),
            "changed_at": to_micros(now),
        }


def _custody(headsets: int, people: int, now: datetime) -> Iterator[dict[str, Any]]:
    from holofleet.storage.moments import to_micros

    for number in range(headsets):
        at = to_micros(now - timedelta(minutes=headsets - number))
        yield {
            "sequence": number + 1,
            "client_id": client_of(number),
            "serial": fleet.serial(number),
            "kind": "out" if number % 2 else "in",
            "person_client_id": "own",
            "person_id": person_of(number % people),
            "proof": "badge",
            "at": at,
            "actor": "person:desk@contoso.com",
            "recorded_at": at,
        }


def _standing(headsets: int, people: int, now: datetime) -> Iterator[dict[str, Any]]:
    from holofleet.storage.moments import to_micros

    for number in range(headsets):
        out = number % 2
        yield {
            "serial": fleet.serial(number),
            "client_id": client_of(number),
            "status": "out" if out else "in",
            "person_client_id": "own" if out else None,
            "person_id": person_of(number % people) if out else None,
            "since": to_micros(now - timedelta(minutes=headsets - number)),
            "expected_at": to_micros(now + timedelta(hours=number % 48 - 4)) if out else None,
            "sequence": number + 1,
        }


def _audit(first: int, headsets: int, now: datetime) -> Iterator[dict[str, Any]]:
    from holofleet.storage.moments import to_micros

    for number in range(headsets):
        yield {
            "sequence": first + number + 1,
            "epoch": 1,
            "at": to_micros(now - timedelta(minutes=headsets - number)),
            "actor": "person:desk@contoso.com",
            "action": "order-sync",
            "subject": f"headset:{fleet.serial(number)}",
            "client_id": client_of(number),
            "data": json.dumps({"reason": "asked by its wearer"}),
            "hash": hashlib.sha256(b"a%d" % number).hexdigest(),
        }


def _call(number: int, headsets: int, people: int, now: datetime) -> dict[str, Any]:
    from holofleet.protocols.signaling import Call, Ending, PartyKind, Seat, SeatState
    from holofleet.protocols.signaling.stored import call_to_json
    from holofleet.storage.moments import to_micros

    headset = number * 7 % headsets
    began = now - timedelta(minutes=10 * number + 10)
    ended = began + timedelta(minutes=6)
    named = (
        (PartyKind.HEADSET, fleet.serial(headset), f"HL-{headset:05}"),
        (PartyKind.EXPERT, person_of(number % people), f"Wearer {number % people:05}"),
    )
    seats = tuple(
        Seat(
            f"s{place}",
            kind,
            key,
            "own",
            name,
            state=SeatState.LEFT,
            accepted_at=began,
            joined_at=began,
            left_at=ended,
        )
        for place, (kind, key, name) in enumerate(named)
    )
    call = Call(f"{number:032x}", client_of(headset), fleet.serial(headset), "s0", began, ended, seats)
    call = replace(call, started_at=began, ending=Ending("hung-up", ended, "s0"))
    return {
        "id": call.id,
        "client_id": call.client,
        "serial": call.serial,
        "open": 0,
        "data": call_to_json(call),
        "created_at": to_micros(began),
        "started_at": to_micros(began),
        "ended_at": to_micros(ended),
        "kept_until": to_micros(now + timedelta(days=365)),
        "reason": "hung-up",
    }


def _parties(number: int, headsets: int, people: int) -> list[dict[str, Any]]:
    headset, person = number * 7 % headsets, person_of(number % people)
    shared = {"call_id": f"{number:032x}", "client_id": client_of(headset), "state": "left"}
    who = (("headset", fleet.serial(headset), None), ("expert", person, person))
    return [
        {**shared, "id": f"s{place}", "kind": kind, "who": f"{kind}:{key}", "place": place, "person_id": known}
        for place, (kind, key, known) in enumerate(who)
    ]
