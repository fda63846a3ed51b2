"""Quality by site on both databases: what headsets measured, by place and path, inside scopes, with a bound."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from tests.custody_world import CustodyWorld, staff
from tests.identity import NOW

from holofleet.errors import RefusedError
from holofleet.protocols.signaling import Call, PartyKind, Seat
from holofleet.server.assist.quality import CallQuality
from holofleet.server.authorization import Principal, PrincipalKind, Role, Scope
from holofleet.storage.assist import StoredCalls, StoredQuality
from holofleet.storage.assist.series import MOST_POINTS, merged
from holofleet.storage.database import Database
from holofleet.storage.tables.assist import CALL_QUALITY
from holofleet.storage.tables.management import HEADSET

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what both databases cannot do differently."""
HELP = staff("kim@contoso.com", Role.HELPDESK)


def sample(grade: str, seconds: float, *, at: int = 0, **more: Any) -> dict[str, Any]:
    return {"t": int(NOW.timestamp() * 1000) + at * 1000, "s": seconds, "grade": grade, **more}


class World(CustodyWorld):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.calls = StoredCalls(database, epoch=1)
        self.quality = CallQuality(StoredQuality(database), self.clock)
        with database.transaction() as connection:
            like = connection.execute(select(HEADSET).where(HEADSET.c.serial == "H-1")).one()._asdict()
            rows = [
                like | {"serial": f"Q-{n}", "site": site} for n, site in enumerate(("near", "near", "far", None))
            ]
            connection.execute(insert(HEADSET), rows)
        self.client = like["client_id"]
        self.number = 0

    def call(self, serial: str, *samples: dict[str, Any], at: datetime = NOW, answered: bool = True) -> str:
        self.number += 1
        key = f"{self.number:032x}"
        headset = Seat(f"h{key}", PartyKind.HEADSET, serial, self.client, "hl", serial=serial)
        expert = Seat(f"e{key}", PartyKind.EXPERT, f"p{key}", self.client, "Megan Bowen")
        call = Call.begin(key, caller=headset, client=self.client, serial=serial, now=at).ring(expert, at)
        if answered:
            call = call.accept(expert.id, at).connected(headset.id, at, path="direct")
            call = call.connected(expert.id, at, path="direct")
        with self.calls.turn(key) as turn:
            turn.put(call)
        with self.calls.turn(key) as turn:
            if samples:
                turn.quality(headset.id, samples)
                turn.quality(expert.id, [sample("none", 999)])
            assert turn.call is not None
            turn.put(turn.call.stop("hung-up", at + timedelta(minutes=1), by=headset.id))
        return key


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_sites_stand_worst_first_with_what_their_headsets_measured(world: World) -> None:
    world.call("Q-0", sample("optimal", 60, path="direct"), sample("minimum", 30, path="direct"))
    world.call("Q-1", sample("optimal", 10, path="relay-udp"))
    world.call("Q-2", sample("optimal", 10, path="direct"), sample("reduced", 30, path="relay-tls"))
    world.call("Q-3", answered=False)
    far, near, nowhere = world.quality.by_site(HELP)
    assert (far.site, near.site, nowhere.site) == ("far", "near", "")
    assert near.seconds == {"optimal": 70, "minimum": 30}
    assert (near.calls, near.connected, near.relayed, near.poor) == (2, 2, 10, 0)
    assert (far.poor, far.relayed) == (0.75, 30)
    assert (nowhere.calls, nowhere.connected, nowhere.measured) == (1, 0, 0)
    by_relay = {one.site: one.seconds for one in world.quality.by_site(HELP, relayed=True) if one.seconds}
    assert by_relay == {"near": {"optimal": 10}, "far": {"reduced": 30}}
    assert {one.site: one.seconds for one in world.quality.by_site(HELP, relayed=False)}["far"] == {"optimal": 10}


@ON_SQLITE
def test_what_was_before_the_window_does_not_count(world: World) -> None:
    world.call("Q-0", sample("none", 60), at=NOW - timedelta(days=8))
    assert world.quality.by_site(HELP, days=7) == []
    (near,) = world.quality.by_site(HELP, days=30)
    assert near.poor == 1


def test_the_last_check_of_each_headset_counts_and_poor_ones_are_named(world: World) -> None:
    for serial, grade, minutes in (
        ("Q-0", "reduced", 0),
        ("Q-0", "optimal", 5),
        ("Q-1", "audio", 1),
        ("Q-2", None, 2),
    ):
        found = {"udp": False} | ({"grade": grade} if grade else {})
        world.calls.keep_check(world.client, serial, found, at=NOW + timedelta(minutes=minutes))
    (near,) = world.quality.by_site(HELP)
    assert near.checks == {"optimal": 1, "audio": 1}
    assert [(one.serial, one.site, one.grade) for one in world.quality.poor_checks(HELP)] == [
        ("Q-1", "near", "audio")
    ]


@ON_SQLITE
def test_ISO_2_a_scope_counts_its_own_sites_alone(world: World) -> None:
    world.call("Q-0", sample("optimal", 60))
    world.call("Q-2", sample("none", 60))
    world.calls.keep_check(world.client, "Q-2", {"grade": "none"}, at=NOW)

    def who(scope: Scope, role: Role = Role.HELPDESK) -> Principal:
        return Principal(PrincipalKind.PERSON, "kim@contoso.com", frozenset({role}), scope)

    near = who(Scope(None, sites=frozenset({"near"})))
    assert [one.site for one in world.quality.by_site(near)] == ["near"]
    assert world.quality.poor_checks(near) == ()
    assert world.quality.by_site(who(Scope.of("nobody"))) == []
    with pytest.raises(RefusedError):
        world.quality.by_site(who(Scope.every(), Role.VIEWER))


def test_a_series_does_not_grow_without_bound_and_loses_no_time(world: World) -> None:
    key = world.call("Q-0", *(sample("optimal", 5, at=n * 5, up_kbps=4000.0) for n in range(MOST_POINTS - 100)))
    with world.calls.turn(key) as turn:
        turn.quality(f"h{key}", [sample("reduced", 5, at=(n + MOST_POINTS) * 5, freezes=1) for n in range(101)])
    with world.database.read() as connection:
        mine = CALL_QUALITY.c.party_id == f"h{key}"
        assert connection.execute(select(func.count()).select_from(CALL_QUALITY).where(mine)).scalar_one() == 361
    (near,) = world.quality.by_site(HELP)
    assert near.seconds == {"optimal": 5 * (MOST_POINTS - 100), "reduced": 505}


def test_two_samples_become_one_with_their_time_and_the_grade_that_lasted() -> None:
    one = sample("optimal", 10, up_kbps=4000.0, width=1920, height=1080)
    two = sample("stills", 5, at=10, up_kbps=1000.0, loss=0.1, width=640, height=360, freezes=2)
    both = merged(one, two)
    assert (both["t"], both["s"], both["grade"]) == (one["t"], 15, "optimal")
    assert (both["up_kbps"], both["loss"], both["width"], both["freezes"]) == (3000.0, 0.1, 1920, 2)
    assert merged(sample("optimal", 5), sample("audio", 5))["grade"] == "audio"


@ON_SQLITE
def test_what_is_forgotten_of_calls_is_forgotten_here(world: World) -> None:
    key = world.call("Q-0", sample("optimal", 60))
    with world.calls.turn(key) as turn:
        turn.keep(records_until=NOW, chat_until=NOW, marks=False)
    world.calls.forget(before=NOW + timedelta(days=1))
    assert world.quality.by_site(HELP) == []
