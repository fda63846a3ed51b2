"""The custody desk: who has which headset now? Scan a badge and a headset, in either order, and say what to do.

What a reader types is sent as a form and never stands in an address: the code of a badge is as good as the badge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import HolofleetError, InputError, NotFoundError, RefusedError
from holofleet.server.authorization import Action
from holofleet.server.custody import CustodyRecord, HeadsetState, Kind, Proof, Scanned, Status
from holofleet.server.custody.corrections import UNDO
from holofleet.web.console.names import names_of
from holofleet.web.console.people import NamesOfPeople
from holofleet.web.console.story import Line, lines_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word, problem_of
from holofleet.web.declaration import declares

SHOWN = 50
LONGEST = 200
STATUSES: Mapping[Status, Word] = {
    Status.IN: Word("in", "Free", "compliant", "compliant"),
    Status.OUT: Word("out", "Out", "person", "note"),
    Status.LOST: Word("lost", "Cannot be found", "quarantined", "quarantined"),
    Status.FOUND: Word("found", "Found, not back yet", "late", "late"),
    Status.UNRETURNED: Word("unreturned", "Holder left, not back", "drifted", "drifted"),
}
PROOFS: Mapping[Proof, str] = {
    Proof.DESK: "named at the desk",
    Proof.BADGE: "by badge",
    Proof.SESSION: "by their own sign-in",
    Proof.PIN: "by PIN",
    Proof.PASSKEY: "by passkey",
}
_SAID: Mapping[Kind, str] = {
    Kind.OUT: "{who} has {headset} now",
    Kind.HAND_OVER: "{who} has taken over {headset}",
    Kind.IN: "{headset} is back, and nobody has it",
    Kind.LOST: "{headset} is recorded as not to be found",
    Kind.FOUND: "{headset} is recorded as found",
    Kind.LEFT: "whoever had {headset} has left",
    Kind.CORRECTION: "the record of {headset} is corrected",
    Kind.VOID: "taken back: {headset} stands as before",
}
SPANS = {"hour": timedelta(hours=1), "day": timedelta(hours=12), "week": timedelta(days=3, hours=12)}
"""How much is told around the moment that was asked for, to either side."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What was just recorded, in words, and whether the visitor may still take it back."""

    text: str
    serial: str
    sequence: int
    undo: bool


@declares(Action.READ_CUSTODY)
def desk_page(visit: Visit) -> Response:
    """``/custody``: the field for the reader, what is out, what is astray, and the question box."""
    return _desk(visit)


@declares(Action.READ_CUSTODY)
def scan(visit: Visit) -> Response:
    """``POST /custody/scan``: recognize what was read; it changes nothing."""
    visit.require(Action.READ_CUSTODY)
    first, text = visit.form.get("first", "")[:LONGEST].strip(), visit.form.get("scan", "")[:LONGEST].strip()
    if not text:
        return _desk(visit, errors={"scan": "Scan a badge or a headset."}, first=first, status=422)
    try:
        found = visit.services.custody.desk.scan(visit.principal, tuple(part for part in (first, text) if part))
    except RefusedError:
        raise
    except HolofleetError as error:
        said = problem_of(error)
        return _desk(visit, errors={"scan": said}, first=first, status=422)
    return _desk(visit, scanned=found, first=first, second=text)


@declares(Action.KEEP_CUSTODY)
def keep(visit: Visit) -> Response:
    """``POST /custody``: out, handed over, in, not to be found, or found."""
    form, desk = visit.form, visit.services.custody.desk
    headset, note = form.get("headset", "")[:LONGEST], form.get("note", "")[:500]
    client = desk.state(visit.principal, headset).client
    visit.require(Action.KEEP_CUSTODY, client)
    act = form.get("act", "")
    try:
        if act in ("out", "hand-over"):
            made = desk.check_out(
                visit.principal,
                headset=headset,
                person=form.get("person", "")[:LONGEST],
                hand_over=act == "hand-over",
                expected_at=_moment(form.get("expected", "")),
                note=note,
            )
        elif act == "in":
            made = desk.check_in(visit.principal, headset, note=note)
        elif act == "lost":
            made = desk.note_lost(visit.principal, headset, note=note)
        elif act == "found":
            made = desk.note_found(visit.principal, headset, note=note)
        else:
            raise NotFoundError("there is no such act")
    except (NotFoundError, RefusedError):
        raise
    except HolofleetError as error:
        said = problem_of(error)
        return _desk(visit, errors={"scan": said}, status=409)
    return visit.go("/custody", headset=made.serial, record=str(made.sequence))


@declares(Action.KEEP_CUSTODY)
def undo(visit: Visit) -> Response:
    """``POST /custody/undo``: take back what one has just recorded."""
    serial, number = visit.form.get("headset", "")[:LONGEST], _number(visit.form.get("record", ""))
    visit.require(Action.KEEP_CUSTODY, visit.services.custody.desk.state(visit.principal, serial).client)
    made = visit.services.custody.corrections.undo(visit.principal, serial, number)
    return visit.go("/custody", headset=made.serial, record=str(made.sequence))


@declares(Action.READ_CUSTODY)
def who_page(visit: Visit) -> Response:
    """``/custody/who``: who had a headset at a moment, and everything that was done with it around then."""
    visit.require(Action.READ_CUSTODY)
    key, text, span = visit.asked("headset")[:LONGEST], visit.asked("at")[:40], visit.asked("span")
    around = SPANS.get(span, SPANS["hour"])
    errors: dict[str, str] = {}
    try:
        at = _moment(text)
    except InputError as error:
        at, errors = None, {"at": f"{error.summary[:1].upper()}{error.summary[1:]}. {error.mend}"}
    if not key or at is None:
        if key and not errors:
            errors = {"at": "Say when."}
        return _who(visit, errors=errors, status=422 if errors else 200)
    custody = visit.services.custody
    try:
        serial = custody.desk.state(visit.principal, key).serial
    except NotFoundError:
        said = "There is no such headset here. Write its serial, or its name as it is spelt."
        return _who(visit, errors={"headset": said}, status=422)
    held = custody.desk.holder(visit.principal, serial, at)
    story = custody.story.what_happened(visit.principal, serial, at - around, at + around)
    name = NamesOfPeople(visit)
    return _who(visit, held=held, story=story, lines=lines_of(story.happenings, name), serial=serial)


def _who(visit: Visit, *, errors: Mapping[str, str] | None = None, status: int = 200, **found: Any) -> Response:
    lines: Iterable[Line] = found.get("lines", ())
    return visit.render(
        "custody_who.html",
        status,
        here="custody",
        errors=errors or {},
        asked={name: visit.asked(name)[:LONGEST] for name in ("headset", "at", "span")},
        held=found.get("held"),
        story=found.get("story"),
        lines=tuple(lines),
        serial=found.get("serial", ""),
        proofs=PROOFS,
        statuses=STATUSES,
    )


def _desk(
    visit: Visit,
    *,
    scanned: Scanned | None = None,
    errors: Mapping[str, str] | None = None,
    first: str = "",
    second: str = "",
    status: int = 200,
) -> Response:
    visit.require(Action.READ_CUSTODY)
    page = visit.services.custody.desk.desk(visit.principal)
    every = bool(visit.asked("all"))
    out = page.out if every else page.out[:SHOWN]
    shown = {one.serial for one in (*out, *page.astray)}
    if scanned is not None and scanned.headset is not None:
        shown.add(scanned.headset.serial)
    complete = scanned is not None and scanned.person is not None and scanned.headset is not None
    return visit.render(
        "custody.html",
        status,
        here="custody",
        out=out,
        more=len(page.out) - len(out),
        total=len(page.out),
        overdue=sum(1 for one in page.out if one.overdue(visit.now)),
        astray=page.astray,
        names=names_of(visit, sorted(shown)),
        scanned=scanned,
        offers=offers_of(scanned),
        person_text=_text_of_person(visit, scanned, (first, second)) if scanned is not None else "",
        first="" if complete else first or second,
        errors=errors or {},
        confirmed=confirmed_of(visit),
        statuses=STATUSES,
        proofs=PROOFS,
        may_keep=any(visit.may(Action.KEEP_CUSTODY, one) for one in visit.scope.clients or ("own",)),
    )


def offers_of(scanned: Scanned | None) -> tuple[tuple[str, str], ...]:
    """Return what can be done with what was read: the act and the button, the likeliest first."""
    if scanned is None or scanned.headset is None:
        return ()
    state, person = scanned.headset, scanned.person
    if state.status is Status.OUT:
        if person is not None and (state.person is None or person.id != state.person.id):
            return (("hand-over", f"Hand over to {person.name}"), ("in", "Take back"))
        return (("in", "Take back"),)
    give = (("out", f"Give to {person.name}"),) if person is not None else ()
    return (*give, ("in", "Take back")) if state.status is not Status.IN else give


def _text_of_person(visit: Visit, scanned: Scanned, texts: Iterable[str]) -> str:
    """Return what to send for the person: the badge as it was read, so that the record says it was a badge."""
    if scanned.person is None:
        return ""
    if not scanned.by_badge:
        return scanned.person.id
    desk = visit.services.custody.desk
    alone = (text for text in texts if text and desk.scan(visit.principal, (text,)).person is not None)
    return next(alone, scanned.person.id)


def confirmed_of(visit: Visit) -> Confirmed | None:
    """Return what the address says was just recorded, read from the record itself."""
    serial, number = visit.asked("headset"), _number(visit.asked("record"))
    if not serial or not number:
        return None
    try:
        records = visit.services.custody.desk.history(visit.principal, serial)
    except HolofleetError:
        return None
    record = next((one for one in records if one.sequence == number), None)
    if record is None:
        return None
    fresh = visit.now - record.recorded_at < UNDO and records[-1].sequence == record.sequence
    mine = record.actor == visit.principal.actor and record.kind not in (Kind.VOID, Kind.CORRECTION)
    return Confirmed(said_of(visit, record), record.serial, record.sequence, undo=fresh and mine)


def said_of(visit: Visit, record: CustodyRecord) -> str:
    """Say a record in words."""
    who = record.person.name if record.person is not None else "somebody"
    name = names_of(visit, [record.serial]).get(record.serial, record.serial)
    text = _SAID[record.kind].format(who=who, headset=name)
    return f"{text[:1].upper()}{text[1:]}."


def path_of(state: HeadsetState) -> str:
    """Return the page of a headset."""
    return f"/headsets/{quote(state.serial, safe='')}"


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is no moment", mend="Write it as 2026-03-02T09:00.") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
