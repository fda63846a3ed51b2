"""What proves who takes a headset: PINs, codes, paired browsers (SECURITY CUS-1, CUS-2, LEAK-1, D3)."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.custody_world import DESK, PIN, CustodyWorld, staff
from tests.databases import fresh_sqlite

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, RefusedError
from holofleet.server.audit import AuditQuery
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.custody import KioskService, PinService, Proof, Status
from holofleet.storage.database import Database, sqlite_url
from holofleet.storage.identity import StoredAudit
from holofleet.storage.tables.custody import ATTEMPT, HEADSET_CODE, PAIRING, PERSON_PIN
from holofleet.storage.upkeep import SQLUpkeepStore

WRONG = "194736"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CustodyWorld]:
    database = fresh_sqlite(tmp_path / "holofleet.db")
    made = CustodyWorld(database)
    made.pins.choose(made.session(made.isaiah), PIN)
    yield made
    database.close()


def try_pin(world: CustodyWorld, secret: str, pin: str) -> str:
    try:
        return world.kiosk.take_by_pin(secret, world.isaiah.upn, pin).kind
    except RefusedError as error:
        return error.summary


def test_CUS_1_a_right_pin_takes_the_headset_with_assurance_2(world: CustodyWorld) -> None:
    record = world.kiosk.take_by_pin(world.paired(), world.isaiah.id, PIN)
    assert record.proof is Proof.PIN
    assert record.proof.assurance == 2
    assert (record.serial, record.actor) == ("H-1", "person:isaiah@contoso.com")


def test_CUS_1_five_errors_lock_a_pin_for_a_quarter_of_an_hour_at_every_headset(world: CustodyWorld) -> None:
    first, second = world.paired("H-1"), world.paired("H-2")
    for _ in range(5):
        assert try_pin(world, first, WRONG) == "this is not the PIN"
    for secret in (first, second):
        assert try_pin(world, secret, PIN) == "this PIN is locked after wrong tries"
    assert world.pins.state(DESK, world.isaiah.upn).locked_until == world.clock.now() + timedelta(minutes=15)
    locked = StoredAudit(world.database, epoch=1).page(Scope.every(), query=AuditQuery(action="pin-locked"))
    assert [(one.actor, one.subject) for one in locked] == [("kiosk:H-1", f"person:{world.isaiah.id}")]
    world.clock.advance(timedelta(minutes=15, seconds=1))
    for _ in range(4):
        try_pin(world, second, WRONG)
    assert try_pin(world, second, PIN) == "out"
    assert (
        len(StoredAudit(world.database, epoch=1).page(Scope.every(), query=AuditQuery(action="pin-locked"))) == 1
    )


def test_CUS_1_tries_at_one_time_cannot_pass_the_limit_together(world: CustodyWorld) -> None:
    secret = world.paired()
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: try_pin(world, secret, WRONG), range(12)))
    assert said.count("this is not the PIN") == 5
    assert said.count("this PIN is locked after wrong tries") == 7


def test_CUS_1_a_headset_takes_twenty_errors_a_day_of_whomever(world: CustodyWorld) -> None:
    secret = world.paired()
    people = [world.isaiah, *(world.add(f"p{index}@contoso.com", f"P {index}") for index in range(5))]
    for person in people[1:]:
        for _ in range(4):
            with pytest.raises(RefusedError, match="not the PIN"):
                world.kiosk.take_by_pin(secret, person.upn, WRONG)
    assert try_pin(world, secret, PIN) == "too many wrong PINs at this headset today"
    assert try_pin(world, world.paired("H-2"), PIN) == "out"
    world.clock.advance(timedelta(days=1))
    world.desk.check_in(DESK, "H-2")
    assert try_pin(world, secret, PIN) == "out"


def test_CUS_1_right_pins_use_up_nothing(world: CustodyWorld) -> None:
    secret = world.paired()
    for _ in range(25):
        assert try_pin(world, secret, PIN) == "out"
        world.kiosk.give_back(secret)


def test_CUS_1_counters_are_the_databases_and_not_a_process_s(world: CustodyWorld, tmp_path: Path) -> None:
    secret = world.paired()
    for _ in range(4):
        try_pin(world, secret, WRONG)
    other_process = Database.open(sqlite_url(tmp_path / "holofleet.db"))
    from holofleet.server.custody import PinService
    from holofleet.storage.custody import StoredCustody, StoredPins
    from holofleet.storage.directory import StoredDirectory

    store = StoredCustody(other_process, epoch=1)
    pins = PinService(
        StoredPins(other_process, epoch=1),
        store,
        StoredDirectory(other_process, epoch=1),
        world.clock,
        pepper=b"p" * 32,
    )
    headset = store.headset(Scope.every(), "H-1")
    assert headset is not None
    with pytest.raises(RefusedError, match="not the PIN"):
        pins.require(headset, world.isaiah, WRONG)
    assert try_pin(world, secret, PIN) == "this PIN is locked after wrong tries"
    other_process.close()


def test_CUS_1_a_hundred_errors_in_a_row_end_a_pin(world: CustodyWorld) -> None:
    with world.database.transaction() as connection:
        connection.execute(update(PERSON_PIN).values(errors_in_a_row=100))
    assert try_pin(world, world.paired(), PIN) == "this is not the PIN"
    state = world.pins.state(DESK, world.isaiah.upn)
    assert (state.set, state.voided_by) == (False, "server: too many errors in a row")


@pytest.mark.parametrize(
    "pin", ["", "12345", "abcdef", "123456", "987654", "111111", "121212", "283283", "2839156283915", "28３915"]
)
def test_CUS_1_a_pin_that_is_short_or_tried_first_is_not_taken(world: CustodyWorld, pin: str) -> None:
    with pytest.raises(InputError):
        world.pins.choose(world.session(world.megan), pin)


def test_CUS_1_a_browser_that_is_not_paired_does_nothing(world: CustodyWorld) -> None:
    invitation = world.kiosk.invite(DESK, "H-1").secret
    for secret in ("", "x" * 43, invitation, "H-1"):
        for act in (
            lambda secret=secret: world.kiosk.take_by_pin(secret, world.isaiah.upn, PIN),
            lambda secret=secret: world.kiosk.show_code(secret),
            lambda secret=secret: world.kiosk.people(secret, "I"),
            lambda secret=secret: world.kiosk.give_back(secret),
            lambda secret=secret: world.kiosk.state(secret),
        ):
            with pytest.raises(RefusedError, match="not paired"):
                act()


def test_CUS_1_an_invitation_pairs_once_and_a_new_browser_replaces_the_old(world: CustodyWorld) -> None:
    invitation = world.kiosk.invite(DESK, "H-1").secret
    first = world.kiosk.pair(invitation)
    with pytest.raises(RefusedError, match="does not count"):
        world.kiosk.pair(invitation)
    late = world.kiosk.invite(DESK, "H-1").secret
    world.clock.advance(timedelta(minutes=31))
    with pytest.raises(RefusedError):
        world.kiosk.pair(late)
    second = world.paired()
    assert world.kiosk.state(second).serial == "H-1"
    with pytest.raises(RefusedError, match="not paired"):
        world.kiosk.state(first)
    assert world.kiosk.unpair(DESK, "H-1") == 1
    with pytest.raises(RefusedError, match="not paired"):
        world.kiosk.state(second)


def test_CUS_1_a_code_counts_once_for_two_minutes_and_on_one_headset(world: CustodyWorld) -> None:
    secret = world.paired()
    old = world.kiosk.show_code(secret).code
    shown = world.kiosk.show_code(secret)
    assert len(shown.code) == 6
    with pytest.raises(NotFoundError):
        world.desk.check_out(DESK, headset=old if old != shown.code else "x", person=world.isaiah.upn)
    assert world.desk.scan(DESK, (shown.code,)).headset == world.desk.state(DESK, "H-1")
    assert world.desk.check_out(DESK, headset=shown.code, person=world.isaiah.upn).serial == "H-1"
    with pytest.raises(NotFoundError):
        world.desk.check_in(DESK, shown.code)
    late = world.kiosk.show_code(secret).code
    world.clock.advance(timedelta(minutes=2))
    with pytest.raises(NotFoundError):
        world.desk.check_in(DESK, late)


def test_CUS_1_wrong_codes_at_the_desk_are_counted(world: CustodyWorld) -> None:
    good = world.kiosk.show_code(world.paired()).code
    bad = next(code for code in ("000001", "000002") if code != good)
    for _ in range(20):
        with pytest.raises(NotFoundError):
            world.desk.scan(DESK, (bad,))
    with pytest.raises(RefusedError, match="too many wrong codes"):
        world.desk.check_out(DESK, headset=good, person=world.isaiah.upn)


def test_a_person_takes_a_headset_by_its_code_in_their_own_session(world: CustodyWorld) -> None:
    code = world.kiosk.show_code(world.paired()).code
    record = world.desk.take_by_code(world.session(world.isaiah), code)
    assert record.person is not None
    assert (record.person.upn, record.proof) == (world.isaiah.upn, Proof.SESSION)
    foreign = world.kiosk.show_code(world.paired("N-1")).code
    with pytest.raises(NotFoundError):
        world.desk.take_by_code(world.session(world.nestor), foreign)
    for principal in (LOCAL_ADMIN, Principal(PrincipalKind.TOKEN, "ci", frozenset(Role), Scope.every())):
        with pytest.raises(RefusedError):
            world.desk.take_by_code(principal, foreign)


def test_a_hand_over_needs_only_the_next_persons_proof(world: CustodyWorld) -> None:
    secret = world.paired()
    world.kiosk.take_by_passkey(secret, world.megan.id)
    with pytest.raises(ConflictError, match="Megan Bowen has H-1"):
        world.kiosk.take_by_pin(secret, world.isaiah.upn, PIN)
    record = world.kiosk.take_by_pin(secret, world.isaiah.upn, PIN, hand_over=True)
    assert record.kind == "hand-over"
    assert [one.proof.assurance for one in world.desk.history(DESK, "H-1") if one.proof] == [3, 2]


def test_names_on_a_headset_are_those_of_its_client_and_ours_and_never_all_at_once(world: CustodyWorld) -> None:
    world.add("nina@northwind.com", "Nina", client="northwind")
    secret = world.paired("F-1")
    assert world.kiosk.people(secret, " ") == ()
    assert [one.upn for one in world.kiosk.people(secret, "N")] == ["nestor@fabrikam.com"]
    assert [one.upn for one in world.kiosk.people(secret, "i")] == ["isaiah@contoso.com"]


def test_CUS_2_helpdesk_voids_a_pin_and_has_no_verb_that_sets_one(world: CustodyWorld) -> None:
    world.pins.void(DESK, world.isaiah.upn)
    assert try_pin(world, world.paired(), PIN) == "this is not the PIN"
    state = world.pins.state(DESK, world.isaiah.upn)
    assert (state.set, state.voided_by) == (False, DESK.actor)
    with pytest.raises(NotFoundError):
        world.pins.void(DESK, world.isaiah.upn)
    # Whoever chooses a PIN says it for the name of the session, and nobody gives a name: every verb that takes a
    # principal and a PIN takes no person.
    takes = {
        name: set(inspect.signature(verb).parameters)
        for service in (PinService, KioskService)
        for name, verb in inspect.getmembers(service, inspect.isfunction)
        if "principal" in inspect.signature(verb).parameters and not name.startswith("_")
    }
    assert [name for name, names in takes.items() if "pin" in names] == ["choose"]
    assert takes["choose"] == {"self", "principal", "pin"}
    for principal in (
        LOCAL_ADMIN,
        Principal(PrincipalKind.TOKEN, world.isaiah.upn, frozenset(Role), Scope.every()),
        Principal(PrincipalKind.HEADSET, world.isaiah.upn, frozenset(), Scope.every()),
        staff("nobody@contoso.com", Role.ADMINISTRATOR),
    ):
        with pytest.raises(RefusedError):
            world.pins.choose(principal, PIN)


def test_LEAK_1_neither_pin_nor_badge_nor_code_nor_secret_stands_in_the_database(
    world: CustodyWorld, tmp_path: Path
) -> None:
    world.badges.give(DESK, world.isaiah.upn, "BADGE-0042")
    secret = world.paired()
    code = world.kiosk.show_code(secret).code
    invitation = world.kiosk.invite(DESK, "H-2").secret
    with sqlite3.connect(tmp_path / "holofleet.db") as connection:
        dump = "\n".join(line for line in connection.iterdump())
    for hidden in (f"'{PIN}'", "BADGE-0042", f"'{code}'", secret, invitation):
        assert hidden not in dump
    assert "$argon2id$" in dump


def test_LEAK_1_without_the_pepper_the_right_pin_does_not_fit_what_is_kept(world: CustodyWorld) -> None:
    from argon2 import PasswordHasher
    from argon2.exceptions import VerifyMismatchError

    from holofleet.server.custody.pin import PinHasher

    kept = PinHasher(b"p" * 32).hash(world.isaiah.id, PIN)
    for attempt in (PIN, f"{world.isaiah.id}{PIN}"):
        with pytest.raises(VerifyMismatchError):
            PasswordHasher().verify(kept, attempt)
    assert PinHasher(b"p" * 32).matches(kept, world.isaiah.id, PIN)
    assert not PinHasher(b"r" * 32).matches(kept, world.isaiah.id, PIN)
    assert not PinHasher(b"p" * 32).matches(kept, world.megan.id, PIN)


def test_a_leavers_pin_is_gone(world: CustodyWorld) -> None:
    world.directory.leave(LOCAL_ADMIN, world.isaiah.upn)
    assert try_pin(world, world.paired(), PIN) == "this is not the PIN"
    with world.database.read() as connection:
        assert connection.execute(PERSON_PIN.select()).all() == []


def test_no_verb_of_a_paired_browser_reaches_another_headset(world: CustodyWorld) -> None:
    secret = world.paired("H-1")
    named = [
        name
        for name, verb in inspect.getmembers(KioskService, inspect.isfunction)
        if "secret" in inspect.signature(verb).parameters and "headset" in inspect.signature(verb).parameters
    ]
    assert named == []
    with pytest.raises(HolofleetError):
        world.kiosk.found(secret)  # it is in: nobody finds what is not away
    assert world.desk.state(DESK, "H-2").status is Status.IN


def test_what_counts_no_more_is_forgotten_and_what_counts_is_kept(world: CustodyWorld) -> None:
    secret = world.paired()
    world.kiosk.show_code(secret)
    try_pin(world, secret, WRONG)
    upkeep = SQLUpkeepStore(world.database)

    def left() -> list[int]:
        with world.database.read() as connection:
            return [len(connection.execute(table.select()).all()) for table in (ATTEMPT, HEADSET_CODE, PAIRING)]

    for days, expected in ((0, [1, 1, 1]), (1, [0, 0, 1]), (200, [0, 0, 0])):
        before = world.clock.now() + timedelta(days=days)
        upkeep.delete_old(events_before=before, answers_before=before)
        assert left() == expected
