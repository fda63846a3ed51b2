"""The count of failed sign-ins, on both databases (SECURITY DOS-1, DIR-2)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from tests.identity import NOW

from holofleet.clock import SetClock
from holofleet.server.sign_in.failures import SignInFailures
from holofleet.storage.database import Database
from holofleet.storage.identity import StoredSignIn
from holofleet.storage.tables.sign_in import SIGN_IN_FAILURE

HERE, THERE = "203.0.113.7", "203.0.113.8"
NONE = timedelta()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


def process(database: Database, clock: SetClock) -> SignInFailures:
    """Return what one server process counts with; nothing but the database is shared."""
    return SignInFailures(StoredSignIn(database, epoch=1), clock, key=b"k" * 32)


def fail(failures: SignInFailures, times: int, *, address: str = HERE, account: str | None = "ana") -> None:
    for _ in range(times):
        failures.count(address, account)


def test_DOS_1_processes_on_one_database_count_together(database: Database, clock: SetClock) -> None:
    one, other = process(database, clock), process(database, clock)
    fail(one, 3)
    fail(other, 1)
    assert one.wait(HERE, "ana") == other.wait(HERE, "ana") == NONE
    fail(other, 1)
    assert one.wait(HERE, "ana") == other.wait(HERE, "ana") == timedelta(minutes=5)


def test_DOS_1_a_restart_forgets_nothing(database: Database, clock: SetClock) -> None:
    fail(process(database, clock), 5)
    clock.advance(timedelta(minutes=2))
    assert process(database, clock).wait(HERE, "ana") == timedelta(minutes=3)


def test_DIR_2_an_account_is_never_locked_from_elsewhere(database: Database, clock: SetClock) -> None:
    failures = process(database, clock)
    fail(failures, 50)
    assert failures.wait(HERE, "ana") > NONE
    assert failures.wait(THERE, "ana") == NONE
    assert failures.wait(HERE, "alex") == NONE
    assert failures.wait(HERE, None) == NONE


def test_DOS_1_any_five_minutes_hold_five_failures(database: Database, clock: SetClock) -> None:
    failures = process(database, clock)
    for _ in range(5):
        fail(failures, 1)
        clock.advance(timedelta(minutes=1))
    assert failures.wait(HERE, "ana") == NONE
    fail(failures, 1)
    assert failures.wait(HERE, "ana") == timedelta(minutes=1)


def test_DOS_1_an_address_has_a_hundred_an_hour_whatever_is_said(database: Database, clock: SetClock) -> None:
    failures = process(database, clock)
    for number in range(99):
        fail(failures, 1, account=None if number % 2 else f"a{number}")
    assert failures.wait(HERE, "new") == NONE
    fail(failures, 1, account="")
    clock.advance(timedelta(minutes=59))
    assert failures.wait(HERE, "new") == failures.wait(HERE, None) == timedelta(minutes=1)
    assert failures.wait(THERE, "new") == NONE
    clock.advance(timedelta(minutes=1))
    assert failures.wait(HERE, "new") == NONE


def test_old_failures_are_deleted_with_the_next(database: Database, clock: SetClock) -> None:
    failures = process(database, clock)
    fail(failures, 7)
    clock.advance(timedelta(minutes=30))
    fail(failures, 1, address=THERE)
    clock.advance(timedelta(minutes=31))
    fail(failures, 1, address=THERE)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(SIGN_IN_FAILURE)).scalar_one() == 2


def test_LEAK_1_the_database_names_neither_address_nor_account(database: Database, clock: SetClock) -> None:
    fail(process(database, clock), 1)
    fail(SignInFailures(StoredSignIn(database, epoch=1), clock, key=b"o" * 32), 1)
    with database.read() as connection:
        rows = connection.execute(select(SIGN_IN_FAILURE.c.address, SIGN_IN_FAILURE.c.account)).all()
    assert not any(said in repr(rows) for said in (HERE, "ana"))
    assert len({digest for row in rows for digest in row}) == 4


def test_a_clock_that_was_set_back_makes_nobody_wait_longer(database: Database, clock: SetClock) -> None:
    fail(process(database, clock), 5)
    earlier = SetClock(NOW - timedelta(days=3))
    assert process(database, earlier).wait(HERE, "ana") == timedelta(minutes=5)
