"""The table of docs/privacy.md on what is kept of calls: rows are there as long as it says, and no longer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.contract.test_calls import MEGAN, World
from tests.served_assist import fleet

from holofleet.protocols.signaling import messages
from holofleet.resources import CallRules
from holofleet.server.assist.left import Draft, Part, PartKind
from holofleet.server.assist.recordings import ChunkRow, ConsentAct, ConsentRecord, RecordingRecord
from holofleet.server.authorization import Principal, PrincipalKind, Scope
from holofleet.storage.database import Database
from holofleet.storage.identity.privacy import all_tables
from holofleet.storage.tables.metadata import METADATA

DOCUMENT = Path(__file__).parents[2] / "docs" / "privacy.md"
NOW_ALONE = {"call_socket", "call_presence", "call_favourite", "call_policy", "call_barrier"}
"""Tables that say what is now; the document names those with people in its text."""
EARLY, LATE = timedelta(hours=2), timedelta(hours=4)


def rows() -> Iterator[tuple[list[str], int, str]]:
    """Yield tables, days and key of each row of the document."""
    part = DOCUMENT.read_text(encoding="utf-8").partition("## What is kept of calls")[2].partition("\n## ")[0]
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[2].isdigit():
            yield re.findall(r"`(\w+)`", cells[1]), int(cells[2]), cells[3].strip("`")


DAYS = {table: days for tables, days, _ in rows() for table in tables}


def test_the_document_names_every_table_of_calls_once_and_the_defaults_of_the_fleet_file() -> None:
    all_tables()
    named = [table for tables, _, _ in rows() for table in tables]
    assert len(named) == len(set(named))
    there = {name for name in METADATA.tables if re.match(r"(call|guest_link)(_|$)", name)}
    assert there == set(named) | NOW_ALONE
    usual = CallRules(name="", client="")
    keys = {"records_days": usual.records_days, "expert_chat_days": usual.chat_days}
    keys |= {"recordings_days": usual.recordings_days}
    assert {key: days for _, days, key in rows() if key} == keys


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.publish(text=fleet().replace(", keep: {records_days: 30}", ""))
    return made


def happen(world: World) -> None:
    """Let a call leave something in every table of the document."""
    headset, megan = world.headset("100"), world.expert(MEGAN)
    call = world.connected(headset, megan)
    seat = world.rooms.store.seats(call)[megan.who][0]
    theirs = world.rooms.store.seats(call)[headset.who][0]
    event = {"id": "A1", "call": call, "author": seat, "seq": 1, "t": 1.0, "base": "live", "op": "mark.add"}
    world.ask(megan, messages.MarksCopy, call=call, events=[event])
    world.ask(megan, messages.ChatSend, call=call, text="Turn the valve")
    file = {"id": "f1", "name": "plan.pdf", "type": "application/pdf", "size": 3, "sha256": "0" * 64}
    world.ask(megan, messages.FileOffer, call=call, file=file)
    now = world.clock.now()
    side = world.rooms.policy.headset("100")
    assert side is not None
    until = now + timedelta(days=world.rooms.policy.kept_recordings(side)[0])
    record = RecordingRecord(
        uuid.uuid4().hex, call, side.client, "100", seat, (), "video/webm", now, None, "", 0, 0, until
    )
    with world.rooms.store.turn(call) as turn:
        turn.quality(theirs, [{"t": int(now.timestamp() * 1000), "s": 5, "grade": "optimal"}])
        turn.recordings.begin(record, megan.who, b"key")
        turn.recordings.add(record.id, ChunkRow(0, "000000-a", b"header", 1))
        turn.recordings.consents([ConsentRecord(seat, ConsentAct.AGREED, "1", now)])
        turn.recordings.end(record.id, b"mark", why="finished", until=until, at=now)
    world.ask(megan, messages.CallEnd, call=call)
    picture = Part(PartKind.PICTURE, "image/jpeg", b"\xff\xd8\xff" + b"p" * 10)
    world.rooms.left.leave("100", Draft(uuid.uuid4().hex, to=megan.key, parts=(picture,)))
    maker = Principal(PrincipalKind.PERSON, MEGAN, frozenset(), Scope.every())
    world.rooms.links.make(maker, "Service", headset="100", life=timedelta(minutes=30))
    world.rooms.store.keep_check(side.client, "100", {"grade": "optimal"}, at=now)


def there(world: World) -> set[str]:
    with world.database.read() as connection:
        counted = {name: select(func.count()).select_from(METADATA.tables[name]) for name in DAYS}
        return {name for name, statement in counted.items() if connection.execute(statement).scalar_one()}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_call_leaves_is_there_as_long_as_the_document_says_and_no_longer(world: World) -> None:
    began = world.clock.now()
    happen(world)
    assert there(world) == set(DAYS)
    for days in sorted(set(DAYS.values()) - {0}):
        for after in (timedelta(days=days) - EARLY, timedelta(days=days) + LATE):
            world.clock.advance(began + after - world.clock.now())
            world.rooms.watch.forget()
            expected = {name for name, kept in DAYS.items() if timedelta(days=kept) > after}
            assert there(world) == expected, after
