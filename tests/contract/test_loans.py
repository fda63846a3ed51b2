"""Loans on both databases: the way of a headset from client to client, and the gate before it leaves (EXT-54)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import SQLAlchemyError
from tests.custody_world import CustodyWorld, staff, state_of
from tests.identity import NOW

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError, RefusedError
from holofleet.resources import Loan, State
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.loans import ActKind, HeadsetOnLoan, LineState, LoanService, LoanStatus, Stage
from holofleet.storage.database import Database
from holofleet.storage.loans import StoredLoans
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.loans import LOAN_ACT
from holofleet.storage.tables.management import ENROLLMENT, ORDER

DEPLOYER = staff("lee@contoso.com", Role.DEPLOYER)
FIRST = Loan(
    name="fabrikam-2026-03-02",
    client="fabrikam",
    serials=("H-1", "H-2"),
    ships=date(2026, 3, 2),
    returns=date(2026, 3, 20),
)
SECOND = Loan(name="northwind-2026-04-01", client="northwind", serials=("H-1",), ships=date(2026, 4, 1))


class LoanWorld(CustodyWorld):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.loans = LoanService(StoredLoans(database, epoch=1), self.clock)
        self.lend(FIRST, SECOND)

    def lend(self, *loans: Loan) -> None:
        state = state_of()
        self.publish(State([*state.resources.values(), *loans], state.documents.values()))

    def act(self, loan: Loan, kind: ActKind, *serials: str, **more: datetime) -> LoanStatus:
        return self.loans.record(DEPLOYER, loan.name, kind, serials=serials, **more)

    def one(self, loan: Loan, serial: str = "H-1") -> HeadsetOnLoan:
        return next(one for one in self.loans.loan(DEPLOYER, loan.name).headsets if one.serial == serial)

    def open_lines(self, loan: Loan) -> dict[str, str]:
        return {line.what: line.why for line in self.one(loan).lines if line.stops}

    def enroll(self, client: str, at: datetime, *, lock: str = "never", number: int = 1) -> str:
        deployment = {"own": "line", "fabrikam": "loans", "northwind": "dock"}[client]
        found = f"{number:032x}"
        with self.database.transaction() as connection:
            connection.execute(update(ENROLLMENT).values(held_serial=None))
            connection.execute(
                insert(ENROLLMENT).values(
                    id=found,
                    client_id=client,
                    deployment=deployment,
                    device_id=f"d{number}",
                    certificate_sha256=f"{number:064x}",
                    public_key_sha256=f"{number:064x}",
                    certificate_not_after=to_micros(at + timedelta(days=365)),
                    enrolled_at=to_micros(at),
                    epoch=1,
                    serial="H-1",
                    held_serial="H-1",
                    tenant_lock=lock,
                )
            )
        return found

    def wipe(self, enrollment: str, client: str, at: datetime, status: str = "done") -> None:
        with self.database.transaction() as connection:
            connection.execute(
                insert(ORDER).values(
                    id=f"{at.timestamp():.0f}",
                    client_id=client,
                    enrollment_id=enrollment,
                    kind="wipe",
                    status=status,
                    actor="person:lee@contoso.com",
                    epoch=1,
                    created_at=to_micros(at),
                    expires_at=to_micros(at + timedelta(days=30)),
                    closed_at=to_micros(at),
                )
            )

    def back(self, days: int = 10) -> None:
        """The first loan goes out and comes back."""
        self.act(FIRST, ActKind.SHIPPED)
        self.clock.advance(timedelta(days=days))
        self.act(FIRST, ActKind.RETURNED)
        self.clock.advance(timedelta(hours=1))


@pytest.fixture
def world(database: Database) -> LoanWorld:
    return LoanWorld(database)


def test_a_loan_goes_from_the_shelf_to_the_client_and_back(world: LoanWorld) -> None:
    stages = [world.loans.loan(DEPLOYER, FIRST.name).stage]
    for kind in (ActKind.TEST_CALL, ActKind.SHIPPED, ActKind.ARRIVED):
        stages.append(world.act(FIRST, kind).stage)
    world.clock.advance(timedelta(days=20))
    late = world.loans.board(DEPLOYER)[0]
    assert (late.loan.name, late.stage, late.overdue) == (FIRST.name, Stage.DUE_BACK, True)
    for kind in (ActKind.RETURNED, ActKind.PASSWORD_RESET, ActKind.WIPED, ActKind.RELEASED):
        stages.append(world.act(FIRST, kind).stage)
    assert stages == [
        Stage.READY,
        Stage.READY,
        Stage.SHIPPED,
        Stage.AT_CLIENT,
        Stage.RETURNED,
        Stage.RETURNED,
        Stage.RETURNED,
        Stage.RELEASED,
    ]


def test_a_loan_is_as_far_as_its_headset_that_is_furthest_behind(world: LoanWorld) -> None:
    assert world.act(FIRST, ActKind.SHIPPED, "H-1").stage is Stage.READY
    assert world.one(FIRST).stage is Stage.SHIPPED
    assert world.act(FIRST, ActKind.SHIPPED, "H-2").stage is Stage.SHIPPED


def test_EXT_54_what_was_not_done_since_the_last_client_keeps_a_headset_from_the_next(world: LoanWorld) -> None:
    world.act(FIRST, ActKind.SHIPPED)
    assert world.open_lines(SECOND) == {"back": "it is not back from fabrikam, where it was to go on 2026-03-02"}
    world.enroll("fabrikam", NOW, lock="locked")
    world.clock.advance(timedelta(days=10))
    world.act(FIRST, ActKind.RETURNED)
    world.clock.advance(timedelta(hours=1))
    assert world.open_lines(SECOND) == {
        "password": "it was not reset since fabrikam had it",
        "wipe": "it was not wiped since fabrikam had it",
        "tenant lock": "the lock that it had at fabrikam was not released",
    }
    with pytest.raises(ConflictError) as refused:
        world.act(SECOND, ActKind.SHIPPED)
    assert "H-1: it was not reset since fabrikam had it" in refused.value.detail
    assert "H-1: the lock that it had at fabrikam was not released" in refused.value.detail
    for kind in (ActKind.PASSWORD_RESET, ActKind.WIPED):
        world.act(FIRST, kind, "H-1")
        with pytest.raises(ConflictError):
            world.act(SECOND, ActKind.SHIPPED)
    world.act(FIRST, ActKind.LOCK_RELEASED, "H-1")
    assert world.open_lines(SECOND) == {}
    assert world.act(SECOND, ActKind.SHIPPED).stage is Stage.SHIPPED


def test_a_headset_that_is_back_shows_what_is_left_to_do_and_is_not_released_before(world: LoanWorld) -> None:
    world.back()
    assert set(world.open_lines(FIRST)) == {"password", "wipe"}
    world.act(FIRST, ActKind.PASSWORD_RESET)
    with pytest.raises(ConflictError) as refused:
        world.act(FIRST, ActKind.RELEASED, "H-1")
    assert refused.value.detail == "H-1: it was not wiped since fabrikam had it"
    world.act(FIRST, ActKind.WIPED)
    assert world.act(FIRST, ActKind.RELEASED).stage is Stage.RELEASED
    assert world.one(FIRST).lines == ()


def test_an_accepted_wipe_is_no_wipe_until_the_headset_enrolls_anew(world: LoanWorld) -> None:
    enrollment = world.enroll("fabrikam", NOW)
    world.wipe(enrollment, "fabrikam", NOW + timedelta(days=1))  # before it came back: does not count
    world.back()
    world.act(FIRST, ActKind.PASSWORD_RESET, "H-1")
    assert world.open_lines(SECOND) == {"wipe": "it was not wiped since fabrikam had it"}
    world.wipe(enrollment, "fabrikam", world.clock.now(), status="sent")
    assert world.open_lines(SECOND) == {"wipe": "it was not wiped since fabrikam had it"}
    world.wipe(enrollment, "fabrikam", world.clock.now() + timedelta(seconds=1))
    assert world.open_lines(SECOND)["wipe"].startswith("it accepted a wipe on 2026-03-12, and nothing proves")
    world.enroll("northwind", world.clock.now() + timedelta(hours=2), number=2)
    lines = {line.what: line.state for line in world.one(SECOND).lines}
    assert lines["wipe"] is LineState.PROVED
    assert world.open_lines(SECOND) == {}


@pytest.mark.parametrize(("lock", "state"), [("never", LineState.NOT_NEEDED), ("released", LineState.PROVED)])
def test_a_lock_that_the_headset_says_is_off_needs_nobodys_word(
    world: LoanWorld, lock: str, state: LineState
) -> None:
    world.enroll("fabrikam", NOW, lock=lock)
    world.back()
    assert next(line.state for line in world.one(SECOND).lines if line.what == "tenant lock") is state


def test_days_in_the_fleet_file_count_like_somebodys_word(world: LoanWorld) -> None:
    world.clock.advance(timedelta(days=60))
    done = {"returned": date(2026, 3, 18), "password_reset": date(2026, 3, 17), "wiped": date(2026, 3, 18)}
    world.lend(FIRST.model_copy(update=done), SECOND)
    assert world.one(FIRST).stage is Stage.RETURNED
    assert world.open_lines(SECOND) == {
        "password": "the last reset, on 2026-03-17, was before it came back since fabrikam had it"
    }
    world.lend(FIRST.model_copy(update=done | {"password_reset": date(2026, 3, 18)}), SECOND)
    assert world.open_lines(SECOND) == {}


def test_a_loan_that_should_have_left_and_of_which_nobody_said_anything_blocks_the_next(world: LoanWorld) -> None:
    world.clock.advance(timedelta(days=40))
    assert set(world.open_lines(SECOND)) == {"back"}
    world.lend(SECOND)  # it never left, so it is taken out of the file
    assert world.open_lines(SECOND) == {}
    with pytest.raises(NotFoundError):
        world.loans.loan(DEPLOYER, FIRST.name)


def test_the_same_client_again_needs_the_return_and_nothing_else(world: LoanWorld) -> None:
    again = SECOND.model_copy(update={"client": "fabrikam", "name": "fabrikam-2026-04-01"})
    world.lend(FIRST, again)
    world.act(FIRST, ActKind.SHIPPED)
    assert set(world.open_lines(again)) == {"back"}
    world.act(FIRST, ActKind.RETURNED)
    assert world.open_lines(again) == {}


def test_a_headset_that_is_lost_or_set_up_for_another_client_does_not_leave(world: LoanWorld) -> None:
    lost = FIRST.model_copy(update={"serials": ("N-1",), "name": "fabrikam-2026-05-01", "ships": date(2026, 5, 1)})
    world.lend(FIRST, lost)
    with pytest.raises(ConflictError, match="does not ship") as refused:
        world.act(lost, ActKind.SHIPPED)
    assert "it is set up for northwind" in refused.value.detail
    world.desk.note_lost(LOCAL_ADMIN, "H-2", note="gone")
    with pytest.raises(ConflictError) as refused:
        world.act(FIRST, ActKind.SHIPPED)
    assert refused.value.detail == "H-2: it is marked or reported lost"
    assert world.one(FIRST).acts == ()  # all or none


@pytest.mark.parametrize(
    "kind", [ActKind.ARRIVED, ActKind.PASSWORD_RESET, ActKind.WIPED, ActKind.LOCK_RELEASED, ActKind.RELEASED]
)
def test_nothing_is_recorded_before_what_it_stands_on(world: LoanWorld, kind: ActKind) -> None:
    with pytest.raises(ConflictError):
        world.act(FIRST, kind)
    world.back()
    if kind in (ActKind.PASSWORD_RESET, ActKind.WIPED):
        with pytest.raises(ConflictError, match="cannot be recorded"):
            world.act(FIRST, kind, at=NOW + timedelta(days=1))
    with pytest.raises(ConflictError):
        world.act(FIRST, ActKind.SHIPPED)
    with pytest.raises(InputError, match="still to come"):
        world.act(FIRST, ActKind.WIPED, at=world.clock.now() + timedelta(days=1))
    with pytest.raises(InputError, match="not in the loan"):
        world.act(FIRST, ActKind.WIPED, "N-1")


def test_a_mistake_is_taken_back_by_another_act_and_stays(world: LoanWorld) -> None:
    world.act(FIRST, ActKind.SHIPPED)
    world.act(FIRST, ActKind.ARRIVED, "H-1")
    shipped = next(act for act in world.one(FIRST).acts if act.kind is ActKind.SHIPPED)
    with pytest.raises(ConflictError, match="arrived stands on it"):
        world.loans.take_back(DEPLOYER, FIRST.name, shipped.sequence, note="wrong box")
    other = next(act for act in world.one(FIRST, "H-2").acts)
    with pytest.raises(InputError, match="why"):
        world.loans.take_back(DEPLOYER, FIRST.name, other.sequence, note=" ")
    world.loans.take_back(DEPLOYER, FIRST.name, other.sequence, note="wrong box")
    assert world.one(FIRST, "H-2").stage is Stage.READY
    with pytest.raises(ConflictError, match="taken back already"):
        world.loans.take_back(DEPLOYER, FIRST.name, other.sequence, note="again")
    with pytest.raises((HolofleetError, SQLAlchemyError)), world.database.transaction() as connection:
        connection.execute(delete(LOAN_ACT))


def test_two_people_at_one_time_do_not_both_ship(world: LoanWorld) -> None:
    def ship(_: int) -> str:
        try:
            return world.act(FIRST, ActKind.SHIPPED).stage
        except ConflictError:
            return "conflict"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ship, range(2))) == ["conflict", "shipped"]
    assert len(world.one(FIRST).acts) == 1


def test_a_day_that_changes_in_the_file_is_the_same_loan_and_a_shipped_loan_outlives_the_file(
    world: LoanWorld,
) -> None:
    before = world.loans.loan(DEPLOYER, FIRST.name).loan.id
    moved = FIRST.model_copy(update={"name": "fabrikam-2026-03-03", "ships": date(2026, 3, 3)})
    world.lend(moved, SECOND)
    assert world.loans.loan(DEPLOYER, moved.name).loan.id == before
    world.clock.advance(timedelta(days=2))
    world.act(moved, ActKind.SHIPPED)
    world.lend(SECOND)
    kept = world.loans.loan(DEPLOYER, moved.name)
    assert (kept.loan.in_file, kept.stage) == (False, Stage.SHIPPED)
    assert set(world.open_lines(SECOND)) == {"back"}


def test_ISO_2_a_client_sees_its_own_loans_and_does_not_hear_who_had_the_headset_before(world: LoanWorld) -> None:
    theirs = staff("anna@northwind.com", Role.DEPLOYER, clients=("northwind",))
    world.act(FIRST, ActKind.SHIPPED)
    assert [one.loan.name for one in world.loans.board(theirs)] == [SECOND.name]
    for act in (
        lambda: world.loans.loan(theirs, FIRST.name),
        lambda: world.loans.record(theirs, FIRST.name, ActKind.RETURNED),
        lambda: world.loans.take_back(theirs, FIRST.name, 1, note="x"),
    ):
        with pytest.raises(NotFoundError):
            act()
    lines = world.loans.loan(theirs, SECOND.name).headsets[0].lines
    said = " ".join(line.why for line in lines)
    assert "another client" in said
    assert "fabrikam" not in said
    with pytest.raises(ConflictError) as refused:
        world.loans.record(theirs, SECOND.name, ActKind.SHIPPED)
    assert "fabrikam" not in refused.value.detail


def test_helpdesk_reads_loans_and_changes_none(world: LoanWorld) -> None:
    helpdesk = staff("adele@contoso.com", Role.HELPDESK)
    assert len(world.loans.board(helpdesk)) == 2
    with pytest.raises(RefusedError):
        world.loans.record(helpdesk, FIRST.name, ActKind.SHIPPED)
