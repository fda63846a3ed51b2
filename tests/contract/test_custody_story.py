"""Who used a headset, and what did they do: one search, from check-out to return, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update
from tests.custody_world import DESK, PIN, CustodyWorld, staff
from tests.identity import NOW

from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.custody import Happening, Source, Status, Story, StoryService
from holofleet.server.events import EventKind, NewEvent
from holofleet.storage.database import Database
from holofleet.storage.events import append_events
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.management import ENROLLMENT

AUDITOR = staff("audit@contoso.com", Role.AUDITOR)


class Calls:
    """Calls, as their room will give them."""

    def happenings(
        self, scope: Scope, serial: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Happening]:
        at = NOW + timedelta(hours=1, minutes=30)
        call = Happening(at, Source.CALL, "call", "headset:H-1", "c1", {"with": "anna@contoso.com", "minutes": 12})
        return [call] if serial == "H-1" and since <= at < until else []


@pytest.fixture
def world(database: Database) -> CustodyWorld:
    made = CustodyWorld(database)
    with database.transaction() as connection:
        connection.execute(
            insert(ENROLLMENT).values(
                id="e" * 32,
                client_id="own",
                deployment="line",
                device_id="d",
                certificate_sha256="1" * 64,
                public_key_sha256="2" * 64,
                certificate_not_after=to_micros(NOW + timedelta(days=365)),
                enrolled_at=to_micros(NOW),
                epoch=1,
                serial="H-1",
                held_serial="H-1",
            )
        )
    return made


def happened(world: CustodyWorld, kind: EventKind, serial: str = "H-1", client: str = "own") -> None:
    with world.database.transaction() as connection:
        event = NewEvent(kind, client, f"headset:{serial}", serial=serial, data={"oma_uri": "./Vendor/MSFT/x"})
        append_events(connection, at=world.clock.now(), events=[event])


def a_day(world: CustodyWorld) -> None:
    """Isaiah by PIN from nine, Megan from eleven, back at one; drift at ten, an order at half past eleven."""
    world.pins.choose(world.session(world.isaiah), PIN)
    secret = world.paired()
    world.kiosk.take_by_pin(secret, world.isaiah.upn, PIN)
    world.clock.advance(timedelta(hours=1))
    happened(world, EventKind.DRIFTED)
    happened(world, EventKind.DRIFTED, "H-2")
    world.clock.advance(timedelta(hours=1))
    world.out(world.megan, hand_over=True)
    world.clock.advance(timedelta(minutes=30))
    world.orders.create(LOCAL_ADMIN, "H-1", "reboot", "froze")
    world.clock.advance(timedelta(minutes=90))
    world.kiosk.give_back(secret)
    world.clock.advance(timedelta(hours=1))
    happened(world, EventKind.MENDED)


def told(story: Story) -> list[tuple[str, str, str, str]]:
    return [
        (f"{one.at:%H:%M}", one.holder.upn.split("@")[0] if one.holder else "", str(one.source), one.kind)
        for one in story.happenings
    ]


def test_the_whole_day_from_check_out_to_return_takes_one_search(world: CustodyWorld) -> None:
    a_day(world)
    story = StoryService(world.desk, {**world.sources, Source.CALL: Calls()}).what_happened(
        AUDITOR, "H-1", NOW, NOW + timedelta(days=1)
    )
    assert story.holders == (
        "Isaiah Langer <isaiah@contoso.com> held it from 2026-03-02 09:00 UTC to 2026-03-02 11:00 UTC, "
        "assurance 2 (pin).",
        "Megan Bowen <megan@contoso.com> held it from 2026-03-02 11:00 UTC to 2026-03-02 13:00 UTC, "
        "assurance 1 (desk).",
    )
    assert (story.left_out, story.cut) == ((), ())
    assert sorted(told(story)) == sorted(
        [
            ("09:00", "isaiah", "audit", "pair-headset"),
            ("09:00", "isaiah", "audit", "pair-headset"),
            ("09:00", "isaiah", "audit", "keep-custody"),
            ("09:00", "isaiah", "custody", "out"),
            ("10:00", "isaiah", "event", "drifted"),
            ("10:30", "isaiah", "call", "call"),
            ("11:00", "megan", "audit", "keep-custody"),
            ("11:00", "megan", "custody", "hand-over"),
            ("11:30", "megan", "audit", "order-reboot"),
            ("11:30", "megan", "event", "order-created"),
            ("11:30", "megan", "order", "reboot"),
            ("13:00", "", "audit", "keep-custody"),
            ("13:00", "", "custody", "in"),
            ("14:00", "", "event", "mended"),
        ]
    )
    assert [one.at for one in story.happenings] == sorted(one.at for one in story.happenings)
    order = next(one for one in story.happenings if one.source is Source.ORDER)
    assert order.data == {"status": "queued", "reason": "froze", "outcome": ""}
    kept = [one for one in story.happenings if one.kind == "keep-custody"]
    assert [one.data["holder"] for one in kept] == ["isaiah@contoso.com", "megan@contoso.com", "megan@contoso.com"]


def test_ten_o_clock_is_one_sentence_and_one_short_list(world: CustodyWorld) -> None:
    a_day(world)
    ten = NOW + timedelta(hours=1)
    assert world.desk.holder(DESK, "H-1", ten).sentence == (
        "Isaiah Langer held H-1 at 2026-03-02 10:00 UTC: from 2026-03-02 09:00 UTC until 2026-03-02 11:00 UTC "
        "(assurance 2, by PIN)."
    )
    story = world.story.what_happened(DESK, "hl-h-1", ten, ten + timedelta(hours=1))
    assert told(story) == [("10:00", "isaiah", "event", "drifted")]
    assert len(story.holders) == 1


def test_what_somebody_may_not_read_is_left_out_and_said(world: CustodyWorld) -> None:
    a_day(world)
    story = world.story.what_happened(DESK, "H-1", NOW, NOW + timedelta(days=1))
    assert story.left_out == (Source.AUDIT,)
    assert Source.AUDIT not in {one.source for one in story.happenings}
    with pytest.raises(RefusedError):
        world.story.what_happened(staff("v@contoso.com", Role.VIEWER), "H-1", NOW, NOW + timedelta(days=1))
    with pytest.raises(InputError):
        world.story.what_happened(DESK, "H-1", NOW, NOW)
    with pytest.raises(NotFoundError):
        world.story.what_happened(DESK, "H-9", NOW, NOW + timedelta(days=1))


def test_a_correction_moves_what_happened_to_who_really_had_it(world: CustodyWorld) -> None:
    wrong = world.out(world.isaiah)
    world.clock.advance(timedelta(hours=1))
    happened(world, EventKind.DRIFTED)
    world.corrections.correct(LOCAL_ADMIN, "H-1", wrong, person=world.megan.upn, note="wrong badge")
    story = world.story.what_happened(DESK, "H-1", NOW, NOW + timedelta(days=1))
    assert [one.holder.upn for one in story.happenings if one.holder] == ["megan@contoso.com"] * 3
    assert [one.kind for one in story.happenings if one.source is Source.CUSTODY] == ["out", "correction"]


def test_ISO_2_of_a_headset_that_moved_each_client_reads_its_own_part(world: CustodyWorld) -> None:
    happened(world, EventKind.DRIFTED, "N-1", "fabrikam")
    world.clock.advance(timedelta(minutes=1))
    happened(world, EventKind.MENDED, "N-1", "northwind")
    theirs = staff("desk@northwind.com", Role.HELPDESK, clients=("northwind",))
    story = world.story.what_happened(theirs, "N-1", NOW, NOW + timedelta(days=1))
    assert [one.kind for one in story.happenings] == ["mended"]


def test_D3_a_headset_that_is_marked_lost_is_neither_given_out_nor_paired_nor_served(world: CustodyWorld) -> None:
    world.pins.choose(world.session(world.isaiah), PIN)
    secret = world.paired()
    with world.database.transaction() as connection:
        connection.execute(update(ENROLLMENT).values(standing="lost"))
    for act in (
        lambda: world.out(world.isaiah),
        lambda: world.kiosk.invite(DESK, "H-1"),
        lambda: world.kiosk.show_code(secret),
        lambda: world.kiosk.take_by_pin(secret, world.isaiah.upn, PIN),
        lambda: world.kiosk.state(secret),
    ):
        with pytest.raises(RefusedError, match="marked lost"):
            act()
    world.desk.note_lost(DESK, "H-1", note="")
    assert world.desk.state(DESK, "H-1").status is Status.LOST
