"""Calls: who called whom, how long, and how was it? Records of calls, never what was said in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from holofleet.server.assist import CallDetail, CallRecord, Came, PartyRecord, QualityRecord, RecordQuery
from holofleet.server.authorization import Action
from holofleet.server.custody import Proof
from holofleet.web.console import recordings
from holofleet.web.console.address import asking
from holofleet.web.console.course import course_of, moments_of
from holofleet.web.console.names import names_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word
from holofleet.web.declaration import declares

FIELDS = ("serial", "person", "from", "to", "came")
CAME: Mapping[Came, Word] = {
    Came.RUNNING: Word("running", "Going on", "pending", "pending"),
    Came.CONNECTED: Word("connected", "Connected", "compliant", "compliant"),
    Came.UNANSWERED: Word("unanswered", "Never connected", "retired", "retired"),
}
REASONS: Mapping[str, str] = {
    "hung-up": "somebody hung up",
    "missed": "nobody answered in time",
    "declined": "it was declined",
    "busy": "they were busy",
    "not-now": "they asked for another time",
    "cancelled": "the caller gave up",
    "nobody": "nobody else was there to ask",
    "no-connection": "the media did not connect",
    "lost": "the connection was lost and did not come back",
    "not-allowed": "the rules of calls did not allow it any more",
    "handed-over": "handed over",
    "time-over": "an hour was over",
    "withdrawn": "the invitation was taken back",
}
"""Why a call ended, or a party left."""
GRADES: Mapping[str, Word] = {
    "optimal": Word("optimal", "Optimal", "compliant", "compliant"),
    "minimum": Word("minimum", "Enough", "pending", "pending"),
    "reduced": Word("reduced", "Reduced picture", "late", "late"),
    "stills": Word("stills", "Stills and sound", "drifted", "drifted"),
    "audio": Word("audio", "Sound alone", "drifted", "drifted"),
    "none": Word("none", "Nothing", "refused", "refused"),
}
"""Best first."""
PATHS: Mapping[str, str] = {
    "direct": "directly",
    "relay-udp": "through the relay, UDP",
    "relay-tcp": "through the relay, TCP",
    "relay-tls": "through the relay, TLS",
}
METHODS: Mapping[str, str] = {
    Proof.DESK: "from the desk",
    Proof.BADGE: "by their badge",
    Proof.SESSION: "from their own signed-in session",
    Proof.PIN: "by their PIN",
    Proof.PASSKEY: "by their passkey",
}
"""How it is known who had the headset."""


@declares(Action.READ_CALLS)
def calls_page(visit: Visit) -> Response:
    """``/calls``: calls, newest first, by headset, expert, time and what came of them."""
    visit.require(Action.READ_CALLS)
    texts = {name: visit.asked(name)[:255] for name in FIELDS}
    problems: dict[str, str] = {}
    query = RecordQuery(
        serial=texts["serial"],
        person=texts["person"],
        came=next((one for one in Came if one == texts["came"]), None),
        since=_moment(texts, "from", problems),
        until=_moment(texts, "to", problems),
    )
    after = visit.asked("after")
    found, more = ((), "") if problems else visit.services.assist.records.listed(
        visit.principal, query, after=after
    )  # fmt: skip

    def href(**changes: str) -> str:
        return asking("/calls", texts | changes)

    return visit.render(
        "calls.html",
        here="calls",
        calls=found,
        names=names_of(visit, {one.serial for one in found}),
        texts=texts,
        errors=problems,
        asked_on=any(texts.values()),
        chosen=query.came,
        href=href,
        next=href(after=more) if more else "",
        is_first=not after,
        parted=bool(visit.principal.scope.apart),
        came=CAME,
        came_of=came_of,
        lasted=lasted,
        reasons=REASONS,
        grades=GRADES,
        worst_of=worst_of,
    )


@declares(Action.READ_CALLS)
def call_page(visit: Visit) -> Response:
    """``/calls/ID``: everything that is kept of one call."""
    visit.require(Action.READ_CALLS)
    found = visit.services.assist.records.detail(visit.principal, visit.path("call"))
    record = found.record
    recorded = recordings.recorded(visit, record.id)
    return visit.render(
        "call.html",
        here="calls",
        call=record,
        found=found,
        name=names_of(visit, [record.serial]).get(record.serial, record.serial),
        came=CAME[came_of(record)],
        lasted=lasted,
        reasons=REASONS,
        grades=GRADES,
        paths=PATHS,
        methods=METHODS,
        courses=courses_of(found),
        course_of=course_of,
        moments=moments_of(found, recorded.recordings),
        duration=duration,
        party_names={party.id: party.name for party in record.parties},
        recorded=recorded,
        recordings=recordings,
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a drawing of 1,000 units: one grade without a break."""

    grade: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Course:
    """How the media of one party was over time. ``seconds``: by grade, best first."""

    party: PartyRecord
    stretches: tuple[Stretch, ...]
    seconds: tuple[tuple[str, int], ...]
    rtt_ms: int | None
    up_kbps: int | None
    size: str

    @property
    def sentence(self) -> str:
        """The drawing in words."""
        parts = ", ".join(f"{GRADES[grade].label.lower()} for {duration(s)}" for grade, s in self.seconds)
        return f"{self.party.name}: {parts}."


def courses_of(found: CallDetail) -> tuple[Course, ...]:
    """Return the course of each party that measured anything, in the order of joining."""
    start = found.record.started_at or found.record.created_at
    samples = {
        party.id: [one for one in found.quality if one.party == party.id and one.grade in GRADES]
        for party in found.record.parties
    }
    listed = [one for party in samples.values() for one in party]
    end = max((one.at + timedelta(seconds=one.seconds) for one in listed), default=start)
    end = max(end, found.record.ended_at or end)
    whole = max((end - start).total_seconds(), 1.0)
    return tuple(
        Course(
            party,
            tuple(_stretches(samples[party.id], start, whole)),
            tuple((grade, round(party.grades[grade])) for grade in GRADES if party.grades.get(grade)),
            _middle(one.rtt_ms for one in samples[party.id]),
            _middle(one.up_kbps for one in samples[party.id]),
            _size(samples[party.id]),
        )
        for party in found.record.parties
        if samples[party.id]
    )


def _stretches(samples: Sequence[QualityRecord], start: datetime, whole: float) -> Iterable[Stretch]:
    """Yield stretches within 0 and 1,000; a page's clock may be off, so nothing goes beyond."""
    held: tuple[str, float, float] | None = None
    for one in samples:
        begins = (one.at - start).total_seconds() / whole * 1000
        x = min(max(begins, 0.0), 1000.0)
        end = min(x + one.seconds / whole * 1000, 1000.0)
        if end <= x:
            continue
        if held is not None and held[0] == one.grade and x <= held[2] + 0.5:
            held = (one.grade, held[1], max(end, held[2]))  # else a seam shows between two of one grade
            continue
        if held is not None:
            yield Stretch(held[0], round(held[1], 1), round(held[2] - held[1], 1))
        held = (one.grade, x, end)
    if held is not None:
        yield Stretch(held[0], round(held[1], 1), round(held[2] - held[1], 1))


def _middle(values: Iterable[float | None]) -> int | None:
    known = sorted(value for value in values if value is not None)
    return round(known[len(known) // 2]) if known else None


def _size(samples: Sequence[QualityRecord]) -> str:
    sizes = [(one.width, one.height) for one in samples if one.width and one.height]
    return "{} x {}".format(*max(sizes)) if sizes else ""


def came_of(record: CallRecord) -> Came:
    """Return what came of a call."""
    if record.state != "ended":
        return Came.RUNNING
    return Came.UNANSWERED if record.started_at is None else Came.CONNECTED


def worst_of(record: CallRecord) -> str:
    """Return the worst grade that lasted a tenth of a party's time or more; empty where nothing was measured."""
    there = {
        grade
        for party in record.parties
        for grade, seconds in party.grades.items()
        if grade in GRADES and seconds >= sum(party.grades.values()) / 10
    }
    return next((grade for grade in reversed(tuple(GRADES)) if grade in there), "")


def lasted(record: CallRecord) -> str:
    """Say how long two parties were connected."""
    return duration(record.seconds) if record.seconds else ""


def duration(seconds: int) -> str:
    """Write a duration: ``45 s``, ``12 min``, ``1 h 5 min``."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _moment(texts: Mapping[str, str], name: str, problems: dict[str, str]) -> datetime | None:
    text = texts[name]
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        problems[name] = "Write it as 2026-03-02T09:00."
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
