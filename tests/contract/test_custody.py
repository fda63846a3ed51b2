"""Custody on both databases: out and in, hand-over, corrections, who had what when (SECURITY CUS-2, ISO-2, D3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import SQLAlchemyError
from tests.custody_world import DEPLOYER, DESK, CustodyWorld, staff, state_of
from tests.identity import NOW

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, RefusedError
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.custody import Kind, Proof, Status
from holofleet.server.directory import Account
from holofleet.storage.database import Database
from holofleet.storage.tables.custody import CUSTODY
from holofleet.storage.tables.directory import PERSON


@pytest.fixture
def world(database: Database) -> CustodyWorld:
    return CustodyWorld(database)


def test_a_headset_goes_out_from_hand_to_hand_and_back(world: CustodyWorld) -> None:
    world.out(world.isaiah)
    world.clock.advance(timedelta(hours=2))
    world.out(world.megan, hand_over=True)
    world.clock.advance(timedelta(hours=2))
    world.desk.check_in(DESK, "hl-h-1")
    assert world.desk.state(DESK, "H-1").status is Status.IN
    said = [
        world.desk.holder(DESK, "H-1", NOW + timedelta(hours=hours)).sentence for hours in (-1, 1, 2, 3.99, 4, 99)
    ]
    assert said == [
        "Nobody held H-1 at 2026-03-02 08:00 UTC: nothing had been recorded of it.",
        "Isaiah Langer held H-1 at 2026-03-02 10:00 UTC: from 2026-03-02 09:00 UTC until 2026-03-02 11:00 UTC "
        "(assurance 1, named at the desk).",
        "Megan Bowen held H-1 at 2026-03-02 11:00 UTC: from 2026-03-02 11:00 UTC until 2026-03-02 13:00 UTC "
        "(assurance 1, named at the desk).",
        "Megan Bowen held H-1 at 2026-03-02 12:59 UTC: from 2026-03-02 11:00 UTC until 2026-03-02 13:00 UTC "
        "(assurance 1, named at the desk).",
        "Nobody held H-1 at 2026-03-02 13:00 UTC: it was given back at 2026-03-02 13:00 UTC.",
        "Nobody held H-1 at 2026-03-06 12:00 UTC: it was given back at 2026-03-02 13:00 UTC.",
    ]


def test_what_somebody_has_nobody_else_takes_without_a_hand_over(world: CustodyWorld) -> None:
    world.out(world.isaiah)
    for person, hand_over in ((world.megan, False), (world.isaiah, False), (world.isaiah, True)):
        with pytest.raises(ConflictError, match="Isaiah Langer has H-1"):
            world.out(person, hand_over=hand_over)
    with pytest.raises(ConflictError, match="nobody has H-2"):
        world.out(world.megan, "H-2", hand_over=True)
    with pytest.raises(ConflictError, match="in already"):
        world.desk.check_in(DESK, "H-2")


def test_two_desks_at_one_time_give_a_headset_to_one_person(world: CustodyWorld) -> None:
    def give(upn: str) -> str:
        try:
            return world.desk.check_out(DESK, headset="H-1", person=upn).kind
        except ConflictError:
            return "conflict"

    with ThreadPoolExecutor(2) as pool:
        got = sorted(pool.map(give, [world.isaiah.upn, world.megan.upn]))
    assert got == ["conflict", "out"]
    assert len(world.desk.history(DESK, "H-1")) == 1


def test_a_badge_and_a_headset_are_recognized_in_either_order(world: CustodyWorld) -> None:
    world.badges.give(DESK, world.isaiah.upn, "BADGE-0042")
    for texts in (("BADGE-0042", "H-1"), ("H-1", "BADGE-0042")):
        found = world.desk.scan(DESK, texts)
        assert found.person is not None
        assert found.headset is not None
        assert (found.person.upn, found.headset.serial, found.by_badge) == (world.isaiah.upn, "H-1", True)
    record = world.desk.check_out(DESK, headset="H-1", person="BADGE-0042")
    assert record.proof is Proof.BADGE
    assert record.proof.assurance == 1
    with pytest.raises(ConflictError, match="somebody else"):
        world.badges.give(DESK, world.megan.upn, "BADGE-0042")
    world.badges.give(DESK, world.isaiah.upn, "BADGE-0043")
    with pytest.raises(NotFoundError):
        world.desk.scan(DESK, ("BADGE-0042",))
    with pytest.raises(InputError, match="second"):
        world.desk.scan(DESK, (world.isaiah.upn, world.megan.upn))


@pytest.mark.parametrize("code", ["", "abc", "123456", "a@b", "with blank", "x" * 200])
def test_what_a_reader_could_take_for_something_else_is_no_badge(world: CustodyWorld, code: str) -> None:
    with pytest.raises(InputError):
        world.badges.give(DESK, world.isaiah.upn, code)
    with pytest.raises(ConflictError, match="like a headset"):
        world.badges.give(DESK, world.isaiah.upn, "hl-h-1")


def test_what_is_overdue_comes_first_and_what_is_astray_stands_apart(world: CustodyWorld) -> None:
    late = NOW + timedelta(hours=1)
    world.desk.check_out(DESK, headset="H-1", person=world.isaiah.upn, expected_at=NOW + timedelta(days=2))
    world.desk.check_out(DESK, headset="H-2", person=world.megan.upn, expected_at=late)
    world.desk.check_out(DESK, headset="F-1", person=world.nestor.upn)
    world.clock.advance(timedelta(hours=2))
    page = world.desk.desk(DESK)
    assert [(one.serial, one.overdue(world.clock.now())) for one in page.out] == [
        ("H-2", True),
        ("H-1", False),
        ("F-1", False),
    ]
    world.desk.note_lost(DESK, "H-2", note="not in the cabinet")
    assert [(one.serial, one.status, one.note) for one in world.desk.desk(DESK).astray] == [
        ("H-2", Status.LOST, "not in the cabinet")
    ]
    with pytest.raises(ConflictError, match="reported lost"):
        world.out(world.isaiah, "H-2")
    world.desk.note_found(DESK, "H-2", note="canteen")
    world.desk.check_in(DESK, "H-2")
    assert world.desk.desk(DESK).astray == ()
    with pytest.raises(InputError, match="before it leaves"):
        world.desk.check_out(DESK, headset="H-2", person=world.megan.upn, expected_at=NOW)


def test_CUS_2_records_are_never_changed_not_even_by_the_database(world: CustodyWorld) -> None:
    world.out(world.isaiah)
    for statement in (update(CUSTODY).values(person_id=world.megan.id), delete(CUSTODY)):
        with pytest.raises((HolofleetError, SQLAlchemyError)), world.database.transaction() as connection:
            connection.execute(statement)
    assert world.desk.holder(DESK, "H-1", NOW).person is not None


def test_ledgers_keep_people_by_id_and_show_them_by_name(world: CustodyWorld) -> None:
    adele = world.add("adele@contoso.com", "Adele Vance")
    world.out(world.isaiah)
    (record,) = world.desk.history(DESK, "H-1")
    assert record.actor == "person:adele@contoso.com"
    with world.database.read() as connection:
        assert connection.execute(CUSTODY.select()).one().actor == f"person:{adele.id}"
    world.corrections.undo(DESK, "H-1", record.sequence)
    with world.database.transaction() as connection:
        connection.execute(update(PERSON).where(PERSON.c.id == adele.id).values(upn=f"erased-{adele.id}"))
    assert {one.actor for one in world.desk.history(DESK, "H-1")} == {f"person:erased-{adele.id}"}


def test_CUS_2_a_correction_is_a_new_record_with_its_author_and_the_old_one_stays(world: CustodyWorld) -> None:
    wrong = world.out(world.isaiah)
    world.clock.advance(timedelta(hours=3))
    world.corrections.correct(DEPLOYER, "H-1", wrong, person=world.megan.upn, note="wrong badge was scanned")
    assert world.desk.holder(DESK, "H-1", NOW).sentence.startswith("Megan Bowen held H-1")
    assert world.desk.state(DESK, "H-1").person == world.desk.holder(DESK, "H-1", NOW).person
    first, second = world.desk.history(DESK, "H-1")
    assert first.person is not None
    assert (first.kind, first.person.upn, first.actor) == (Kind.OUT, world.isaiah.upn, DESK.actor)
    assert (second.kind, second.corrects, second.actor, second.note) == (
        Kind.CORRECTION,
        wrong,
        DEPLOYER.actor,
        "wrong badge was scanned",
    )
    world.corrections.correct(DEPLOYER, "H-1", wrong, at=NOW - timedelta(hours=1), note="it was an hour earlier")
    held = world.desk.holder(DESK, "H-1", NOW - timedelta(minutes=30))
    assert held.person is not None
    assert held.person.upn == world.megan.upn
    world.corrections.correct(DEPLOYER, "H-1", wrong, void=True, note="never left the desk")
    assert world.desk.state(DESK, "H-1").status is Status.IN
    assert world.desk.holder(DESK, "H-1", NOW).person is None
    with pytest.raises(ConflictError, match="correction already"):
        world.corrections.correct(DEPLOYER, "H-1", second.sequence, void=True, note="x")
    with pytest.raises(InputError, match="reason"):
        world.corrections.correct(DEPLOYER, "H-1", wrong, void=True, note=" ")
    with pytest.raises(InputError, match="still to come"):
        world.corrections.correct(DEPLOYER, "H-1", wrong, at=world.clock.now() + timedelta(hours=1), note="x")


def test_CUS_2_helpdesk_takes_back_its_own_newest_record_for_half_a_minute_and_corrects_nothing_else(
    world: CustodyWorld,
) -> None:
    first = world.out(world.isaiah)
    with pytest.raises(RefusedError):
        world.corrections.correct(DESK, "H-1", first, void=True, note="x")
    world.clock.advance(timedelta(seconds=20))
    with pytest.raises(RefusedError):
        world.corrections.undo(staff("other@contoso.com", Role.HELPDESK), "H-1", first)
    world.corrections.undo(DESK, "H-1", first)
    assert world.desk.state(DESK, "H-1").status is Status.IN
    second = world.out(world.megan)
    world.clock.advance(timedelta(seconds=31))
    with pytest.raises(RefusedError, match="half a minute"):
        world.corrections.undo(DESK, "H-1", second)


def test_whoever_leaves_holds_nothing_and_what_they_had_is_looked_for(world: CustodyWorld) -> None:
    world.out(world.isaiah)
    world.badges.give(DESK, world.isaiah.upn, "BADGE-0042")
    world.clock.advance(timedelta(hours=1))
    ended = {one.what: one.count for one in world.directory.leave(LOCAL_ADMIN, world.isaiah.upn)}
    assert ended == {"custody": 1, "badges": 1}
    state = world.desk.state(DESK, "H-1")
    assert (state.status, state.person) == (Status.UNRETURNED, None)
    assert world.desk.holder(DESK, "H-1", NOW).sentence.startswith("Isaiah Langer held H-1")
    assert world.desk.holder(DESK, "H-1", world.clock.now()).sentence.endswith(
        "whoever had it had left without giving it back at 2026-03-02 10:00 UTC."
    )
    with pytest.raises(NotFoundError):
        world.out(world.isaiah, "H-2")
    world.out(world.megan)
    with pytest.raises(ConflictError, match="stays"):
        world.corrections.correct(
            DEPLOYER, "H-1", world.desk.history(DESK, "H-1")[1].sequence, void=True, note="x"
        )


def test_accounts_of_headsets_and_people_of_another_client_hold_nothing(world: CustodyWorld) -> None:
    shared = world.add("line3@contoso.com", "Line 3", account=Account.SHARED)
    with pytest.raises(RefusedError, match="account of a headset"):
        world.out(shared)
    with pytest.raises(RefusedError, match="cannot hold"):
        world.out(world.nestor)
    with pytest.raises(RefusedError, match="cannot hold"):
        world.out(world.nestor, "N-1")
    world.out(world.isaiah, "F-1")  # one of our own may carry a client's headset
    world.out(world.nestor, "F-1", hand_over=True)


def test_ISO_2_a_client_sees_neither_headsets_nor_holders_of_another(world: CustodyWorld) -> None:
    world.out(world.nestor, "F-1")
    theirs = staff("desk@northwind.com", Role.HELPDESK, Role.DEPLOYER, clients=("northwind",))
    assert world.desk.desk(theirs).out == ()
    acts = (
        lambda: world.desk.state(theirs, "F-1"),
        lambda: world.desk.history(theirs, "F-1"),
        lambda: world.desk.holder(theirs, "F-1", NOW),
        lambda: world.desk.check_in(theirs, "F-1"),
        lambda: world.desk.check_out(theirs, headset="F-1", person=world.nestor.upn),
        lambda: world.desk.check_out(theirs, headset="N-1", person=world.nestor.upn),
        lambda: world.desk.note_lost(theirs, "F-1", note=""),
        lambda: world.corrections.correct(theirs, "F-1", 1, void=True, note="x"),
        lambda: world.corrections.undo(theirs, "F-1", 1),
        lambda: world.badges.give(theirs, world.nestor.upn, "BADGE-1"),
        lambda: world.desk.held_by(theirs, world.nestor.upn),
        lambda: world.story.what_happened(theirs, "F-1", NOW, NOW + timedelta(days=1)),
        lambda: world.pins.void(theirs, world.nestor.upn),
        lambda: world.kiosk.invite(theirs, "F-1"),
        lambda: world.kiosk.unpair(theirs, "F-1"),
    )
    for act in acts:
        with pytest.raises(NotFoundError):
            act()


def test_ISO_2_a_headset_that_goes_to_another_client_leaves_its_past_behind(world: CustodyWorld) -> None:
    moved = state_of()
    world.out(world.nestor, "F-1")
    headsets = {serial: headset for serial, headset in moved.headsets.items() if serial != "F-1"}
    again = moved.headsets["F-1"].model_copy(update={"deployment": "dock", "client": "northwind"})
    others = [one for one in moved.resources.values() if one.kind != "headset"]
    world.publish(type(moved)([*others, *headsets.values(), again], moved.documents.values()))
    theirs = staff("desk@northwind.com", Role.HELPDESK, clients=("northwind",))
    assert world.desk.state(theirs, "F-1").status is Status.IN
    assert world.desk.history(theirs, "F-1") == ()
    assert world.desk.desk(theirs).out == ()
    anna = world.add("anna@northwind.com", "Anna", client="northwind")
    world.clock.advance(timedelta(hours=1))
    world.desk.check_out(theirs, headset="F-1", person=anna.upn)
    ours = staff("desk@fabrikam.com", Role.HELPDESK, clients=("fabrikam",))
    assert [record.person and record.person.upn for record in world.desk.history(ours, "F-1")] == [
        world.nestor.upn
    ]
    assert [one.serial for one in world.desk.held_by(theirs, anna.upn)] == ["F-1"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_whoever_only_reads_changes_nothing(world: CustodyWorld, role: Role) -> None:
    reader = staff("reader@contoso.com", role)
    for act in (
        lambda: world.desk.check_out(reader, headset="H-1", person=world.isaiah.upn),
        lambda: world.desk.check_in(reader, "H-1"),
        lambda: world.desk.note_found(reader, "H-1", note=""),
        lambda: world.badges.give(reader, world.isaiah.upn, "BADGE-1"),
        lambda: world.pins.void(reader, world.isaiah.upn),
    ):
        with pytest.raises(RefusedError):
            act()
    assert world.desk.history(LOCAL_ADMIN, "H-1") == ()
