"""Whatever happens in whatever order to a call, its promises hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet.protocols.signaling import (
    Call,
    CallState,
    NotNowError,
    PartyKind,
    Permitted,
    Recording,
    Seat,
    SeatState,
    call_from_json,
    call_to_json,
    call_view,
)
from holofleet.protocols.signaling.call import MOST_SEATS

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HEADSET = Seat("h", PartyKind.HEADSET, "100", "own", "hl-100", serial="100")
OTHERS = [
    Seat("m", PartyKind.EXPERT, "megan", "own", "Megan Bowen"),
    Seat("a", PartyKind.EXPERT, "adele", "own", "Adele Vance"),
    Seat("l", PartyKind.EXPERT, "lee", "own", "Lee Gu"),
    Seat("g", PartyKind.GUEST, "link", "", "A guest"),
]
SEATS = ["h", "m", "a", "l", "g", "x"]
STEP = st.tuples(
    st.sampled_from(
        ["accept", "decline", "cancel", "connected", "lost", "back", "leave", "stop", "ring", "hand_over", "media",
         "about", "ask", "yes", "no", "still", "tick", "postpone", "again"]
    ),
    st.sampled_from(SEATS),
    st.integers(0, 3),
    st.integers(0, 50),
)  # fmt: skip


def done(call: Call, act: str, seat: str, other: int, now: datetime, number: int) -> Call:
    new = replace(OTHERS[other], id=f"{OTHERS[other].id}{number}")
    acts: dict[str, Any] = {
        "accept": lambda: call.accept(seat, now),
        "decline": lambda: call.decline(seat, "busy", now),
        "cancel": lambda: call.cancel(seat, now),
        "connected": lambda: call.connected(seat, now),
        "lost": lambda: call.lost(seat, now),
        "back": lambda: call.back(seat, now),
        "leave": lambda: call.leave(seat, now),
        "stop": lambda: call.stop("hung-up", now, by=seat),
        "ring": lambda: call.ring(OTHERS[other], now) if number < 5 else call.ring(new, now),
        "hand_over": lambda: call.ring(new, now, replaces=seat),
        "media": lambda: call.media(seat, camera=True, microphone=False),
        "about": lambda: call.about(asset="a", work_order="", note=""),
        "ask": lambda: call.ask_to_record(seat),
        "yes": lambda: call.answer_recording(seat, True),
        "no": lambda: call.answer_recording(seat, False),
        "still": lambda: call.stop_recording(seat),
        "tick": lambda: call.tick(now),
        "postpone": lambda: call.postponed(now),
        "again": lambda: call_from_json(call_to_json(call)),
    }
    result: Call = acts[act]()
    return result


def holds(before: Call, call: Call) -> None:
    if before.is_over:
        assert call == before
    present = call.present
    assert len({seat.who for seat in present}) == len(present) <= MOST_SEATS
    assert call.is_over == (not present)
    assert len({seat.id for seat in call.seats}) == len(call.seats)
    kinds = [seat.kind for seat in present]
    assert kinds.count(PartyKind.HEADSET) <= 1
    if not call.is_over and not call.asks_next:
        assert PartyKind.HEADSET in kinds
        assert PartyKind.EXPERT in kinds
    if call.state is CallState.CONNECTED:
        assert sum(seat.state is SeatState.JOINED for seat in present) >= 2
    if call.consent.state is Recording.ON:
        assert {seat.id for seat in call.seats if seat.has_accepted} == set(call.consent.answers)
    for seat in call.seats:
        assert (seat.left_at is not None) == (seat.state is SeatState.LEFT)
        assert seat.deadline is None or seat.is_in
        view = call_view(call, seat, Permitted())
        assert view["me"] == seat.id
        assert ("note" in view) == (seat.kind is PartyKind.EXPERT)
    # Nobody rings, connects or reconnects without an end, but for who waits for somebody to answer.
    for seat in present:
        waits = seat.id == call.caller and call.state is CallState.RINGING
        assert seat.state is SeatState.JOINED or seat.deadline is not None or waits


@settings(max_examples=300, deadline=None)
@given(st.lists(STEP, max_size=40), st.booleans())
def test_no_order_of_acts_and_times_breaks_a_call(steps: list[tuple[str, str, int, int]], rota: bool) -> None:
    queue = ("adele", "lee") if rota else ()
    call = Call.begin("c", caller=HEADSET, client="own", serial="100", now=NOW, queue=queue).ring(OTHERS[0], NOW)
    now = NOW
    for number, (act, seat, other, seconds) in enumerate(steps):
        now += timedelta(seconds=seconds)
        before = call
        try:
            call = done(call, act, seat, other, now, number)
        except NotNowError:
            continue
        holds(before, call)
        if call.asks_next:
            call = call.without_queue(call.queue[:1]).stop("nobody", now) if not call.queue else call


@settings(deadline=None)
@given(st.lists(STEP, max_size=20))
def test_left_alone_a_call_always_ends_or_is_connected(steps: list[tuple[str, str, int, int]]) -> None:
    call = Call.begin("c", caller=HEADSET, client="own", serial="100", now=NOW).ring(OTHERS[0], NOW)
    now = NOW
    for number, (act, seat, other, seconds) in enumerate(steps):
        now += timedelta(seconds=seconds)
        try:
            call = done(call, act, seat, other, now, number)
        except NotNowError:
            continue
    for _ in range(6):
        now += timedelta(minutes=1)
        call = call.tick(now)
    assert call.state in (CallState.ENDED, CallState.CONNECTED)
