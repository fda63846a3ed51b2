"""Which browser is on which headset, on both databases (SECURITY D4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Column, select
from tests.custody_world import CustodyWorld, staff

from holofleet.errors import InputError, NotFoundError, RefusedError
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.custody.at_headset import PAIRED_LIFE, PAIRING_CODE_LIFE, SECRET_LIFE
from holofleet.server.custody.store import ROTATION_GRACE
from holofleet.storage.database import Database
from holofleet.storage.tables.identity import AUDIT
from holofleet.storage.tables.management import EVENT

DEPLOYER = staff("lee@contoso.com", Role.DEPLOYER)
LATER = SECRET_LIFE + timedelta(seconds=1)


@pytest.fixture
def world(database: Database) -> CustodyWorld:
    return CustodyWorld(database)


def paired(world: CustodyWorld, waiting: str = "a browser that waits") -> str:
    world.kiosk.confirm(DEPLOYER, "H-1", world.kiosk.pairing_code(waiting))
    secret = world.kiosk.pair_shown(waiting)
    assert secret is not None
    return secret


def column(world: CustodyWorld, of: Column[str]) -> list[str]:
    with world.database.read() as connection:
        return list(connection.execute(select(of)).scalars())


def test_a_browser_is_paired_when_somebody_types_the_code_that_it_shows(world: CustodyWorld) -> None:
    waiting = "a browser that waits"
    assert world.kiosk.pair_shown(waiting) is None
    code = world.kiosk.pairing_code(waiting)
    assert len(code) == 8
    world.kiosk.confirm(DEPLOYER, "H-1", f"{code[:4]} {code[4:]}")
    assert world.kiosk.pair_shown("another browser") is None
    secret = world.kiosk.pair_shown(waiting)
    assert secret is not None
    assert world.kiosk.state(secret).serial == "H-1"
    assert world.kiosk.pair_shown(waiting) is None, "once"


def test_a_confirmed_code_does_not_wait_for_ever(world: CustodyWorld) -> None:
    world.kiosk.confirm(DEPLOYER, "H-1", world.kiosk.pairing_code("waiting"))
    world.clock.advance(PAIRING_CODE_LIFE + timedelta(seconds=1))
    assert world.kiosk.pair_shown("waiting") is None


@pytest.mark.parametrize(
    "code", ["", "1234567", "123456789", "abcdefgh", "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668"]
)
def test_what_is_no_code_is_refused_with_what_it_should_be(world: CustodyWorld, code: str) -> None:
    with pytest.raises(InputError, match="eight digits"):
        world.kiosk.confirm(DEPLOYER, "H-1", code)


def test_nobody_pairs_a_headset_of_somebody_else(world: CustodyWorld) -> None:
    theirs = staff("pat@northwind.com", Role.DEPLOYER, clients=("northwind",))
    with pytest.raises(NotFoundError):
        world.kiosk.confirm(theirs, "H-1", "12345678")
    with pytest.raises(RefusedError):
        world.kiosk.confirm(staff("v@contoso.com", Role.VIEWER), "H-1", "12345678")


def test_the_secret_changes_and_the_former_ends_when_the_new_one_was_seen(world: CustodyWorld) -> None:
    first = paired(world)
    assert world.kiosk.renew(first) is None, "it is new"
    world.clock.advance(LATER)
    second = world.kiosk.renew(first)
    assert second is not None
    assert world.kiosk.state(first).serial == "H-1", "the answer may have been lost"
    assert world.kiosk.state(second).serial == "H-1"
    world.clock.advance(ROTATION_GRACE - timedelta(seconds=1))
    assert world.kiosk.state(first).serial == "H-1", "an answer may be on its way"


def test_an_answer_that_was_lost_costs_the_browser_nothing(world: CustodyWorld) -> None:
    first = paired(world)
    world.clock.advance(LATER)
    lost = world.kiosk.renew(first)
    assert world.kiosk.renew(first) is None, "not twice at one time"
    world.clock.advance(ROTATION_GRACE + timedelta(seconds=1))
    assert world.kiosk.state(first).serial == "H-1"
    world.clock.advance(LATER)
    again = world.kiosk.renew(first)
    assert again is not None
    assert again != lost
    assert world.kiosk.state(again).serial == "H-1"
    with pytest.raises(RefusedError):
        world.kiosk.state(lost or "")
    assert world.kiosk.state(again).serial == "H-1", "nobody ever had the lost one: it is no copy"


def test_a_former_secret_shows_a_copy_and_ends_both(world: CustodyWorld) -> None:
    newest = first = paired(world)
    for _ in range(2):
        world.clock.advance(LATER)
        newest = world.kiosk.renew(newest) or ""
        world.kiosk.state(newest)
    world.clock.advance(ROTATION_GRACE + timedelta(seconds=1))
    with pytest.raises(RefusedError, match="not paired"):
        world.kiosk.state(first)
    with pytest.raises(RefusedError, match="not paired"):
        world.kiosk.state(newest)
    assert "pairing-copied" in column(world, AUDIT.c.action)
    assert "pairing-copied" in column(world, EVENT.c.kind)


def test_a_headset_in_use_stays_paired_and_one_that_is_not_has_to_be_paired_again(world: CustodyWorld) -> None:
    secret = paired(world)
    for _ in range(5):
        world.clock.advance(PAIRED_LIFE / 2)
        secret = world.kiosk.renew(secret) or secret
        assert world.kiosk.state(secret).serial == "H-1"
    world.clock.advance(PAIRED_LIFE + timedelta(seconds=1))
    with pytest.raises(RefusedError):
        world.kiosk.state(secret)


def test_unpairing_forgets_former_secrets_as_well(world: CustodyWorld) -> None:
    first = paired(world)
    world.clock.advance(LATER)
    second = world.kiosk.renew(first)
    assert world.kiosk.unpair(LOCAL_ADMIN, "H-1") == 1
    for secret in (first, second or ""):
        with pytest.raises(RefusedError):
            world.kiosk.state(secret)
    assert "pairing-copied" not in column(world, AUDIT.c.action)


def test_what_a_form_carries_is_bound_to_its_browser(world: CustodyWorld) -> None:
    assert world.kiosk.form_token("one") == world.kiosk.form_token("one")
    assert world.kiosk.form_token("one") != world.kiosk.form_token("two")
