"""The course of a call: bitrate, delay and loss over time with what happened. Drawn here, without script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Final

from holofleet.server.assist import CallDetail, PartyRecord, QualityRecord
from holofleet.server.assist.recordings import RecordingRecord

WIDTH, HEIGHT = 1000.0, 100.0
GAP_S: Final = 30.0
"""A line does not cross a time of which nothing is known for longer than this."""
MOST_ROWS: Final = 60
"""Of the table that says the same."""
MOST_TURNS: Final = 20
"""Changes of the grade that are named; a call that changes more often has its bar."""
LASTING_S: Final = 10.0
"""Shorter changes of the grade are not named."""
_GRADES: Final = ("optimal", "minimum", "reduced", "stills", "audio", "none")


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened in a call. ``x``: in units of the drawing; ``at_s``: seconds since it began.

    ``kind``: ``joined``, ``left``, ``worse``, ``better``, ``recording`` (it began) or ``recorded`` (it ended).
    ``why``: the reason, or the grade; ``recording``: the id of that one.
    """

    number: int
    x: float
    at: datetime
    kind: str
    party: str
    why: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """One line. ``bands``: heights of the guide's lines with their value."""

    title: str
    unit: str
    line: str
    top: float
    bands: tuple[tuple[float, float], ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One time of the table; ``None``: not measured."""

    at: datetime
    grade: str
    kbps: float | None
    rtt_ms: float | None
    loss: float | None


@dataclass(frozen=True, slots=True)
class Course:
    """What a party measured over time."""

    plots: tuple[Plot, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class _Measure:
    title: str
    unit: str
    least_top: float
    bands: tuple[float, ...]
    of: Callable[[QualityRecord, PartyRecord], float | None]


def _kbps(sample: QualityRecord, party: PartyRecord) -> float | None:
    """A headset sends the picture, everybody else receives it."""
    value = sample.up_kbps if party.kind == "headset" else sample.down_kbps
    other = sample.down_kbps if party.kind == "headset" else sample.up_kbps
    return other if value is None else value


_MEASURES: Final = (
    _Measure("Bitrate", "kbit/s", 5000, (1500, 4000), _kbps),
    _Measure("Round trip", "ms", 200, (), lambda sample, party: sample.rtt_ms),
    _Measure("Loss", "%", 2, (), lambda sample, party: None if sample.loss is None else sample.loss * 100),
)


def span_of(found: CallDetail) -> tuple[datetime, float]:
    """Return when the drawing begins, and its seconds; a sample may reach beyond the end of the call."""
    start = found.record.started_at or found.record.created_at
    ends = [one.at + timedelta(seconds=one.seconds) for one in found.quality]
    end = max([*ends, found.record.ended_at or start])
    return start, max((end - start).total_seconds(), 1.0)


def course_of(found: CallDetail, party: PartyRecord) -> Course:
    """Return what a party measured; without lines where it measured nothing but grades."""
    samples = [one for one in found.quality if one.party == party.id]
    start, whole = span_of(found)
    plots = (_plot(measure, samples, party, start, whole) for measure in _MEASURES)
    return Course(
        tuple(plot for plot in plots if plot is not None),
        tuple(
            TableRow(
                one.at, one.grade, _kbps(one, party), one.rtt_ms, None if one.loss is None else one.loss * 100
            )
            for one in samples[:: max(1, ceil(len(samples) / MOST_ROWS))]
        ),
    )


def moments_of(found: CallDetail, recordings: Sequence[RecordingRecord] = ()) -> tuple[Moment, ...]:
    """Return what happened, in order, numbered as in the drawings."""
    start, whole = span_of(found)
    happened: list[tuple[datetime, str, str, str]] = []
    names = {party.id: party.name for party in found.record.parties}
    recorded: list[tuple[datetime, str, str, str, str]] = []
    for one in recordings:
        by = names.get(one.party, "")
        recorded.append((one.started_at, "recording", by, "", one.id))
        if one.ended_at is not None:
            recorded.append((one.ended_at, "recorded", by, one.why, one.id))
    for party in found.record.parties:
        if party.joined_at is not None:
            happened.append((party.joined_at, "joined", party.name, ""))
        if party.left_at is not None and party.joined_at is not None:
            happened.append((party.left_at, "left", party.name, party.why))
        happened += _turns([one for one in found.quality if one.party == party.id], party)[:MOST_TURNS]
    return tuple(
        Moment(number, _x(at, start, whole), at, kind, name, why, recording)
        for number, (at, kind, name, why, recording) in enumerate(
            sorted([*((*one, "") for one in happened), *recorded]), start=1
        )
    )


def _turns(samples: Sequence[QualityRecord], party: PartyRecord) -> list[tuple[datetime, str, str, str]]:
    """Return changes of the grade that last."""
    stretches: list[tuple[datetime, str, float]] = []
    for one in samples:
        if one.grade not in _GRADES:
            continue
        if stretches and stretches[-1][1] == one.grade:
            at, grade, seconds = stretches[-1]
            stretches[-1] = (at, grade, seconds + one.seconds)
        else:
            stretches.append((one.at, one.grade, one.seconds))
    lasting = [stretch for stretch in stretches if stretch[2] >= LASTING_S]
    found = []
    for (_, before, _), (at, grade, _) in pairwise(lasting):
        if before != grade:
            kind = "worse" if _GRADES.index(grade) > _GRADES.index(before) else "better"
            found.append((at, kind, party.name, grade))
    return found


def _plot(
    measure: _Measure, samples: Sequence[QualityRecord], party: PartyRecord, start: datetime, whole: float
) -> Plot | None:
    points = [(one, value) for one in samples if (value := measure.of(one, party)) is not None]
    if len(points) < 2:
        return None
    values = sorted(value for _, value in points)
    top = _nice(max(values[-1], measure.least_top))
    runs: list[list[str]] = []
    until: datetime | None = None
    for one, value in points:
        if until is None or (one.at - until).total_seconds() > GAP_S:
            runs.append([])
        middle = one.at + timedelta(seconds=one.seconds / 2)
        runs[-1].append(f"{_x(middle, start, whole)} {_y(value, top)}")
        until = one.at + timedelta(seconds=one.seconds)
    line = " ".join("M" + " L".join(run) + (" h4" if len(run) == 1 else "") for run in runs)
    median = values[len(values) // 2]
    sentence = (
        f"{party.name}, {measure.title.lower()}: {_short(median)} {measure.unit} in the middle, "
        f"from {_short(values[0])} to {_short(values[-1])}."
    )
    bands = tuple((_y(value, top), value) for value in measure.bands)
    return Plot(measure.title, measure.unit, line, top, bands, sentence)


def _x(at: datetime, start: datetime, whole: float) -> float:
    """Return a place within the drawing; the clock of a page may be off, so nothing goes beyond."""
    return round(min(max((at - start).total_seconds() / whole, 0.0), 1.0) * WIDTH, 1)


def _y(value: float, top: float) -> float:
    return round(HEIGHT * (1 - min(value, top) / top), 1)


def _nice(value: float) -> float:
    """Return the next number that reads well: 1, 2 or 5 times a power of ten."""
    scale = 1.0
    while scale * 10 <= value:
        scale *= 10
    return next(scale * step for step in (1, 2, 5, 10) if scale * step >= value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
