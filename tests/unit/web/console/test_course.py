"""The course of a call: lines that stay within their drawing, what happened, and a table that says the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from holofleet.server.assist import CallDetail, CallRecord, PartyRecord, QualityRecord
from holofleet.server.assist.recordings import RecordingRecord
from holofleet.web.console.course import MOST_ROWS, course_of, moments_of

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def party(key: str, kind: str, joined: int | None, left: int | None = None, why: str = "") -> PartyRecord:
    at = [None if s is None else BEGAN + timedelta(seconds=s) for s in (joined, left)]
    return PartyRecord(key, kind, key.title(), "", joined_at=at[0], left_at=at[1], why=why)


def sample(who: str, at_s: int, grade: str = "optimal", seconds: float = 5, **more: float) -> QualityRecord:
    return QualityRecord(who, BEGAN + timedelta(seconds=at_s), seconds, grade, **more)  # type: ignore[arg-type] # numbers


def detail(parties: list[PartyRecord], samples: list[QualityRecord], seconds: int = 100) -> CallDetail:
    ended = BEGAN + timedelta(seconds=seconds)
    record = CallRecord(
        "c", "own", "H-1", "ended", BEGAN, BEGAN, ended, "hung-up", "", "", "", 0, 0, None, tuple(parties)
    )  # fmt: skip
    return CallDetail(record, quality=tuple(samples))


HEADSET = party("headset", "headset", 0, 100, "hung-up")


def points(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", line)]


def test_a_line_stays_within_its_drawing_even_where_a_page_has_a_wrong_clock() -> None:
    samples = [sample("headset", at, up_kbps=4000, rtt_ms=40, loss=0.01) for at in (-500, 0, 50, 95, 99_999)]
    course = course_of(detail([HEADSET], samples), HEADSET)
    assert [plot.title for plot in course.plots] == ["Bitrate", "Round trip", "Loss"]
    for plot in course.plots:
        assert all(0 <= x <= 1000 and 0 <= y <= 100 for x, y in points(plot.line))


def test_heights_are_right_and_the_guides_lines_stand_where_they_belong() -> None:
    samples = [sample("headset", 0, up_kbps=0), sample("headset", 5, up_kbps=5000)]
    (plot,) = course_of(detail([HEADSET], samples, 10), HEADSET).plots
    assert plot.top == 5000
    assert points(plot.line) == [(250, 100), (750, 0)]
    assert plot.bands == ((70, 1500), (20, 4000))
    assert plot.sentence == "Headset, bitrate: 5,000 kbit/s in the middle, from 0 to 5,000."


def test_a_line_does_not_cross_a_time_of_which_nothing_is_known() -> None:
    samples = [sample("headset", at, rtt_ms=10) for at in (0, 5, 60, 65)]
    (plot,) = course_of(detail([HEADSET], samples), HEADSET).plots
    assert plot.line.count("M") == 2


def test_who_sees_is_drawn_by_what_arrives_and_who_shows_by_what_leaves() -> None:
    expert = party("expert", "expert", 0)
    samples = [sample(who, at, up_kbps=100, down_kbps=900) for who in ("headset", "expert") for at in (0, 5)]
    found = detail([HEADSET, expert], samples)
    assert [course_of(found, one).rows[0].kbps for one in (HEADSET, expert)] == [100, 900]


def test_one_sample_or_none_draws_nothing_and_the_table_stays_short() -> None:
    assert course_of(detail([HEADSET], [sample("headset", 0, up_kbps=1)]), HEADSET).plots == ()
    many = [sample("headset", at, seconds=1, up_kbps=1) for at in range(700)]
    assert len(course_of(detail([HEADSET], many, 700), HEADSET).rows) <= MOST_ROWS


def test_recordings_stand_among_what_happened_with_why_they_ended() -> None:
    begun = RecordingRecord(
        "r1", "c", "own", "H-1", "megan", (), "video/webm", BEGAN + timedelta(seconds=10),
        BEGAN + timedelta(seconds=70), "withdrew", 0, 0, BEGAN, None, "", "", None,
    )  # fmt: skip
    still = replace(begun, id="r2", started_at=BEGAN + timedelta(seconds=80), ended_at=None)
    found = moments_of(detail([HEADSET, party("megan", "expert", 1, 60, "hung-up")], []), (begun, still))
    assert [(one.kind, one.party, one.why, one.recording) for one in found if one.recording] == [
        ("recording", "Megan", "", "r1"),
        ("recorded", "Megan", "withdrew", "r1"),
        ("recording", "Megan", "", "r2"),
    ]
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert next(one for one in found if one.recording).x == pytest.approx(100)


def test_what_happened_stands_in_order_and_a_flicker_is_not_named() -> None:
    samples = [
        sample("headset", 0, "optimal", 20),
        sample("headset", 20, "none", 5),
        sample("headset", 25, "reduced", 30),
        sample("headset", 55, "optimal", 45),
    ]
    first, second = party("lee", "expert", 1, 60, "handed-over"), party("megan", "expert", 58)
    never = party("kim", "expert", None, 5, "declined")
    found = moments_of(detail([HEADSET, first, second, never], samples))
    assert [(one.kind, one.party, one.why) for one in found] == [
        ("joined", "Headset", ""),
        ("joined", "Lee", ""),
        ("worse", "Headset", "reduced"),
        ("better", "Headset", "optimal"),
        ("joined", "Megan", ""),
        ("left", "Lee", "handed-over"),
        ("left", "Headset", "hung-up"),
    ]
    assert [one.number for one in found] == list(range(1, 8))
    assert found[2].x == pytest.approx(250)
