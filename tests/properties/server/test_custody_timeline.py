"""Custody under any sequence of acts: what is stored, what is replayed and what a plain model says agree."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.custody_world import DEPLOYER, DESK, CustodyWorld
from tests.databases import fresh_sqlite
from tests.identity import NOW

from holofleet.errors import HolofleetError
from holofleet.server.authorization import Scope
from holofleet.server.custody import CustodyRecord, Kind, Status
from holofleet.server.custody.timeline import effective, state_after, stretches

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["out", "hand-over", "in", "lost", "found", "void", "person", "earlier"]),
        st.integers(0, 1),
        st.integers(0, 90),
        st.integers(0, 12),
    ),
    max_size=14,
)


def do(world: CustodyWorld, act: str, who: int, which: int) -> None:
    person = (world.isaiah, world.megan)[who].upn
    records = world.desk.history(DESK, "H-1")
    if act in ("out", "hand-over"):
        world.desk.check_out(DESK, headset="H-1", person=person, hand_over=act == "hand-over")
    elif act == "in":
        world.desk.check_in(DESK, "H-1")
    elif act == "lost":
        world.desk.note_lost(DESK, "H-1", note="")
    elif act == "found":
        world.desk.note_found(DESK, "H-1", note="")
    elif records:
        record = records[which % len(records)]
        changed = {
            "void": {"void": True},
            "person": {"person": person},
            "earlier": {"at": record.at - timedelta(minutes=which)},
        }[act]
        world.corrections.correct(DEPLOYER, "H-1", record.sequence, note="why", **changed)  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
def test_the_stored_state_is_the_one_that_the_records_make(acts: list[tuple[str, int, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        database = fresh_sqlite(Path(folder) / "holofleet.db")
        world = CustodyWorld(database)
        seen: tuple[CustodyRecord, ...] = ()
        for act, who, minutes, which in acts:
            world.clock.advance(timedelta(minutes=minutes))
            try:
                do(world, act, who, which)
            except HolofleetError:
                assert world.desk.history(DESK, "H-1") == seen  # refused: nothing was written
            records = world.desk.history(DESK, "H-1")
            assert records[: len(seen)] == seen  # append only
            seen = records
            state = world.desk.state(DESK, "H-1")
            replayed = state_after(records, serial="H-1", client="own")
            assert (state.status, state.person, state.sequence) == (
                replayed.status,
                replayed.person,
                replayed.sequence,
            )
            now = world.desk.holder(DESK, "H-1", world.clock.now())
            assert now.person == (state.person if state.status is Status.OUT else None)
        told = stretches(seen)
        assert all(one.until == after.since for one, after in pairwise(told))
        for one in told:
            assert world.desk.holder(DESK, "H-1", one.since).person == one.person
        assert world.desk.holder(DESK, "H-1", NOW - timedelta(days=9)).person is None
        assert world.desk.history(DESK, "H-1") == tuple(
            world.desk._store.records(Scope.every(), "H-1")  # the whole table, unscoped
        )
        database.close()


MOMENTS = st.integers(0, 20).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), MOMENTS, st.integers(1, 8)), max_size=8))
def test_only_the_last_correction_of_a_record_counts_and_a_void_record_not_at_all(
    drawn: list[tuple[Kind, object, int]],
) -> None:
    records = [
        CustodyRecord(
            sequence=number,
            serial="H-1",
            client="own",
            kind=kind,
            at=at,  # type: ignore[arg-type]
            actor="a",
            recorded_at=NOW,
            corrects=target if kind in (Kind.CORRECTION, Kind.VOID) else None,
        )
        for number, (kind, at, target) in enumerate(drawn, start=1)
    ]
    last = {record.corrects: record for record in records if record.corrects is not None}
    expected = {
        record.sequence: (last[record.sequence].at if record.sequence in last else record.at)
        for record in records
        if record.corrects is None and not (record.sequence in last and last[record.sequence].kind is Kind.VOID)
    }
    assert {record.sequence: record.at for record in effective(records)} == expected
    assert effective(reversed(records)) == effective(records)
