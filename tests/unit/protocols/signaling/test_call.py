"""A call, step by step: who may do what when, and what time does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

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

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HEADSET = Seat("h", PartyKind.HEADSET, "100", "own", "hl-100", serial="100")
MEGAN = Seat("m", PartyKind.EXPERT, "megan", "own", "Megan Bowen")
ADELE = Seat("a", PartyKind.EXPERT, "adele", "own", "Adele Vance")
GUEST = Seat("g", PartyKind.GUEST, "link", "", "A guest")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def begun(*, queue: tuple[str, ...] = ()) -> Call:
    return Call.begin("c", caller=HEADSET, client="own", serial="100", now=NOW, queue=queue)


def ringing() -> Call:
    return begun().ring(MEGAN, NOW)


def connected() -> Call:
    return ringing().accept("m", NOW).connected("h", NOW).connected("m", NOW)


def test_a_call_rings_is_answered_connects_and_ends() -> None:
    call = ringing()
    assert call.state is CallState.RINGING
    call = call.accept("m", later(3))
    assert (call.state, call.since) == (CallState.CONNECTING, later(3))
    call = call.connected("h", later(4))
    assert call.state is CallState.CONNECTING
    call = call.connected("m", later(5))
    assert (call.state, call.started_at) == (CallState.CONNECTED, later(5))
    call = call.leave("h", later(60))
    assert (call.state, call.ending and call.ending.reason, call.ending and call.ending.by) == (
        CallState.ENDED,
        "hung-up",
        "h",
    )


@pytest.mark.parametrize(("after", "ends"), [(44, False), (45, True)])
def test_nobody_answers_within_45_seconds(after: float, ends: bool) -> None:
    call = ringing().tick(later(after))
    assert call.is_over is ends
    if ends:
        assert call.ending is not None
        assert call.ending.reason == "missed"


def test_media_that_does_not_connect_within_20_seconds_ends_the_call() -> None:
    call = ringing().accept("m", later(10)).tick(later(29))
    assert not call.is_over
    call = call.tick(later(30))
    assert call.ending is not None
    assert call.ending.reason == "no-connection"


def test_a_lost_party_has_30_seconds_to_come_back() -> None:
    call = connected().lost("m", later(100))
    assert call.state is CallState.RECONNECTING
    assert call.back("m", later(120)).state is CallState.CONNECTED
    gone = call.tick(later(130))
    assert gone.ending is not None
    assert gone.ending.reason == "lost"


def test_an_end_is_final() -> None:
    call = connected().stop("hung-up", NOW, by="h")
    assert call.stop("not-allowed", later(1)) == call
    assert call.tick(later(1000)) == call
    for act in (
        lambda: call.accept("m", NOW),
        lambda: call.leave("h", NOW),
        lambda: call.connected("m", NOW),
        lambda: call.ring(ADELE, NOW),
        lambda: call.about(asset="", work_order="", note=""),
    ):
        with pytest.raises(NotNowError):
            act()


def test_saying_yes_twice_is_saying_it_once() -> None:
    call = ringing().accept("m", NOW)
    assert call.accept("m", later(5)) == call


def test_who_has_not_accepted_has_no_say() -> None:
    call = ringing()
    for act in (lambda: call.connected("m", NOW), lambda: call.media("m", camera=True, microphone=True)):
        with pytest.raises(NotNowError):
            act()


def test_a_hand_over_keeps_the_first_expert_until_the_second_is_connected() -> None:
    call = connected().ring(ADELE, later(10), replaces="m").accept("a", later(12))
    assert call.seat("m").state is SeatState.JOINED
    call = call.connected("a", later(14))
    assert (call.seat("m").state, call.seat("m").why) == (SeatState.LEFT, "handed-over")
    assert call.state is CallState.CONNECTED


def test_a_hand_over_that_nobody_takes_changes_nothing() -> None:
    call = connected().ring(ADELE, later(10), replaces="m").tick(later(60))
    assert call.seat("a").why == "missed"
    assert call.state is CallState.CONNECTED


def test_a_third_party_joins_and_the_call_goes_on_when_one_expert_leaves() -> None:
    call = connected().ring(ADELE, later(1)).accept("a", later(2)).connected("a", later(3)).leave("m", later(4))
    assert call.state is CallState.CONNECTED
    assert call.leave("a", later(5)).is_over


def test_without_the_headset_experts_have_no_call() -> None:
    call = connected().ring(ADELE, later(1)).accept("a", later(2)).connected("a", later(3)).leave("h", later(4))
    assert call.is_over


def test_a_headset_and_a_guest_alone_have_no_call() -> None:
    call = connected().ring(GUEST, later(1)).accept("g", later(2)).connected("g", later(3)).leave("m", later(4))
    assert call.is_over


def test_a_guest_comes_only_when_an_expert_has_answered() -> None:
    with pytest.raises(NotNowError):
        ringing().ring(GUEST, NOW)
    assert connected().ring(GUEST, NOW).seat("g").state is SeatState.RINGING


def test_only_an_expert_takes_over_from_an_expert() -> None:
    for before in ("h", "m"):
        with pytest.raises(NotNowError):
            connected().ring(GUEST, NOW, replaces=before)


def test_the_id_of_a_seat_is_given_once() -> None:
    call = begun(queue=("adele",)).ring(MEGAN, NOW).decline("m", "busy", NOW)
    with pytest.raises(NotNowError):
        call.ring(MEGAN, NOW)


def test_a_call_takes_four_parties_at_one_time() -> None:
    call = connected().ring(ADELE, NOW).ring(GUEST, NOW)
    with pytest.raises(NotNowError, match="full"):
        call.ring(replace(ADELE, id="x", key="lee"), NOW)


def test_a_rota_goes_on_to_the_next_one() -> None:
    call = begun(queue=("adele",)).ring(MEGAN, NOW)
    assert call.deadline == later(20)
    call = call.tick(later(20))
    assert call.asks_next
    assert not call.is_over
    call = call.without_queue(["adele"]).ring(ADELE, later(20)).decline("a", "busy", later(25))
    assert call.ending is not None
    assert (call.ending.reason, call.ending.by) == ("busy", "a")


def test_only_the_caller_cancels_and_only_while_it_rings() -> None:
    with pytest.raises(NotNowError):
        ringing().cancel("m", NOW)
    assert ringing().cancel("h", NOW).is_over
    with pytest.raises(NotNowError):
        connected().cancel("h", NOW)


def test_a_recording_needs_everybody_and_ends_with_the_first_no() -> None:
    call = connected().ask_to_record("m")
    assert call.consent.state is Recording.ASKED
    call = call.answer_recording("h", True)
    assert call.consent.state is Recording.ON
    assert call.answer_recording("h", False).consent.state is Recording.NONE


def test_who_joins_is_asked_before_a_recording_goes_on() -> None:
    call = connected().ask_to_record("m").answer_recording("h", True).ring(ADELE, NOW).accept("a", NOW)
    assert call.consent.state is Recording.ASKED
    assert call.answer_recording("a", True).consent.state is Recording.ON
    assert call.leave("a", NOW).consent.state is Recording.ON


def test_a_recording_ends_when_who_asked_leaves() -> None:
    call = connected().ring(ADELE, NOW).accept("a", NOW).connected("a", NOW).ask_to_record("m")
    call = call.answer_recording("h", True).answer_recording("a", True)
    assert call.consent.state is Recording.ON
    assert call.leave("m", NOW).consent.state is Recording.NONE


def test_the_headset_never_gives_way_and_of_two_experts_the_later_one_does() -> None:
    call = connected().ring(ADELE, NOW).accept("a", NOW)
    polite = {seat.id: call_view(call, seat, Permitted())["polite"] for seat in call.seats}
    assert polite == {
        "h": {"m": False, "a": False},
        "m": {"h": True, "a": False},
        "a": {"h": True, "m": True},
    }


def test_a_headset_sees_no_note_and_a_guest_no_holder() -> None:
    call = connected().about(asset="P", work_order="W", note="for us").ring(GUEST, NOW).accept("g", NOW)
    assert "note" not in call_view(call, call.seat("h"), Permitted())
    assert call_view(call, call.seat("m"), Permitted())["note"] == "for us"
    guest = call_view(call, call.seat("g"), Permitted())
    headset = next(party for party in guest["parties"] if party["kind"] == "headset")
    assert not headset.keys() & {"serial", "holder", "account"}


def test_a_call_is_the_same_after_it_was_kept() -> None:
    for call in (
        ringing(),
        connected().ask_to_record("m"),
        connected().stop("hung-up", NOW, by="h", offer="adele"),
    ):
        assert call_from_json(call_to_json(call)) == call
