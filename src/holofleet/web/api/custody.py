"""Custody: headsets out and in, who had what when, badges, PINs, paired browsers, owners of shared secrets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from holofleet.clock import parse_utc
from holofleet.errors import InputError
from holofleet.server.authorization import Action
from holofleet.server.custody import CustodyRecord, HeadsetState, Held, Proof, Story
from holofleet.web.api.call import PREFIX, Body, Caller, Reason, Serial, route
from holofleet.web.api.render import render

router = APIRouter(prefix=PREFIX)
_Text = Annotated[str, Field(max_length=256)]
_Moment = Annotated[str | None, Field(max_length=40)]
_At = Annotated[str | None, Query(max_length=40)]
_DAY = timedelta(days=1)


class Scan(Body):
    texts: Annotated[list[_Text], Field(max_length=2)]


class Out(Body):
    headset: Serial
    person: _Text
    hand_over: bool = False
    expected_at: _Moment = None
    note: Reason = ""


class Note(Body):
    headset: Serial
    note: Reason = ""


class Correction(Body):
    note: Reason
    person: _Text | None = None
    at: _Moment = None
    void: bool = False


class Badge(Body):
    code: _Text


class Ownership(Body):
    owner: _Text
    every_days: int = 0


class Reset(Body):
    at: _Moment = None


@route(router, "GET", "/custody", Action.READ_CUSTODY)
def show_desk(call: Caller) -> dict[str, Any]:
    page = call.services.custody.desk.desk(call.principal)
    now = call.services.clock.now()
    return {
        "out": [{**state_of(one), "overdue": one.overdue(now)} for one in page.out],
        "astray": [state_of(one) for one in page.astray],
        "more": page.more,
    }


@route(router, "POST", "/custody/scan", Action.READ_CUSTODY)
def scan(wish: Scan, call: Caller) -> dict[str, Any]:
    found = call.services.custody.desk.scan(call.principal, tuple(wish.texts))
    return {
        "person": render(found.person),
        "by_badge": found.by_badge,
        "headset": None if found.headset is None else state_of(found.headset),
    }


@route(router, "POST", "/custody/out", Action.KEEP_CUSTODY, status=201)
def check_out(wish: Out, call: Caller) -> dict[str, Any]:
    return record_of(
        call.services.custody.desk.check_out(
            call.principal,
            headset=wish.headset,
            person=wish.person,
            hand_over=wish.hand_over,
            expected_at=_moment("expected_at", wish.expected_at),
            note=wish.note,
        )
    )


@route(router, "POST", "/custody/in", Action.KEEP_CUSTODY, status=201)
def check_in(wish: Note, call: Caller) -> dict[str, Any]:
    return record_of(call.services.custody.desk.check_in(call.principal, wish.headset, note=wish.note))


@route(router, "POST", "/custody/lost", Action.KEEP_CUSTODY, status=201)
def note_lost(wish: Note, call: Caller) -> dict[str, Any]:
    return record_of(call.services.custody.desk.note_lost(call.principal, wish.headset, note=wish.note))


@route(router, "POST", "/custody/found", Action.KEEP_CUSTODY, status=201)
def note_found(wish: Note, call: Caller) -> dict[str, Any]:
    return record_of(call.services.custody.desk.note_found(call.principal, wish.headset, note=wish.note))


@route(router, "GET", "/custody/headsets/{serial}", Action.READ_CUSTODY)
def show_custody(serial: str, call: Caller) -> dict[str, Any]:
    records = call.services.custody.desk.history(call.principal, serial)
    return {"records": [record_of(record) for record in records]}


@route(router, "GET", "/custody/headsets/{serial}/holder", Action.READ_CUSTODY)
def show_holder(serial: str, call: Caller, at: _At = None) -> dict[str, Any]:
    when = _moment("at", at) or call.services.clock.now()
    return held_of(call.services.custody.desk.holder(call.principal, serial, when))


@route(router, "GET", "/custody/headsets/{serial}/story", Action.READ_CUSTODY)
def show_story(serial: str, call: Caller, since: _At = None, until: _At = None) -> dict[str, Any]:
    end = _moment("until", until) or call.services.clock.now()
    begin = _moment("since", since) or end - _DAY
    return story_of(call.services.custody.story.what_happened(call.principal, serial, begin, end))


@route(router, "POST", "/custody/headsets/{serial}/records/{sequence}/undo", Action.KEEP_CUSTODY)
def undo(serial: str, sequence: int, call: Caller) -> dict[str, Any]:
    return record_of(call.services.custody.corrections.undo(call.principal, serial, sequence))


@route(
    router, "POST", "/custody/headsets/{serial}/records/{sequence}/correction", Action.CORRECT_CUSTODY, status=201
)
def correct(serial: str, sequence: int, wish: Correction, call: Caller) -> dict[str, Any]:
    return record_of(
        call.services.custody.corrections.correct(
            call.principal,
            serial,
            sequence,
            note=wish.note,
            person=wish.person,
            at=_moment("at", wish.at),
            void=wish.void,
        )
    )


@route(router, "POST", "/custody/headsets/{serial}/pairing", Action.PAIR_HEADSET, status=201)
def invite_browser(serial: str, call: Caller) -> dict[str, Any]:
    found: dict[str, Any] = render(call.services.custody.kiosk.invite(call.principal, serial))
    return found


@route(router, "DELETE", "/custody/headsets/{serial}/pairing", Action.PAIR_HEADSET)
def unpair_browser(serial: str, call: Caller) -> dict[str, Any]:
    return {"ended": call.services.custody.kiosk.unpair(call.principal, serial)}


@route(router, "GET", "/people/{key}/headsets", Action.READ_CUSTODY)
def list_held(key: str, call: Caller) -> dict[str, Any]:
    return {"headsets": [state_of(one) for one in call.services.custody.desk.held_by(call.principal, key)]}


@route(router, "PUT", "/people/{key}/badge", Action.KEEP_CUSTODY, status=204)
def give_badge(key: str, wish: Badge, call: Caller) -> None:
    call.services.custody.badges.give(call.principal, key, wish.code)


@route(router, "DELETE", "/people/{key}/badge", Action.KEEP_CUSTODY, status=204)
def take_badge(key: str, call: Caller) -> None:
    call.services.custody.badges.take(call.principal, key)


@route(router, "GET", "/people/{key}/pin", Action.READ_CUSTODY)
def show_pin(key: str, call: Caller) -> dict[str, Any]:
    found: dict[str, Any] = render(call.services.custody.pins.state(call.principal, key))
    return found


@route(router, "DELETE", "/people/{key}/pin", Action.VOID_PIN, status=204)
def void_pin(key: str, call: Caller) -> None:
    call.services.custody.pins.void(call.principal, key)


@route(router, "GET", "/account-secrets", Action.READ_CUSTODY)
def list_secrets(call: Caller) -> dict[str, Any]:
    owners = call.services.custody.owners
    return {
        "secrets": render(owners.listed(call.principal)),
        "unowned": list(owners.unowned(call.principal)),
    }


@route(router, "PUT", "/account-secrets/{account}/{what}", Action.KEEP_ACCOUNT_SECRETS, status=204)
def own_secret(account: str, what: str, wish: Ownership, call: Caller) -> None:
    call.services.custody.owners.own(call.principal, account, what, owner=wish.owner, every_days=wish.every_days)


@route(router, "POST", "/account-secrets/{account}/{what}/reset", Action.KEEP_ACCOUNT_SECRETS, status=204)
def reset_secret(account: str, what: str, wish: Reset, call: Caller) -> None:
    call.services.custody.owners.reset(call.principal, account, what, at=_moment("at", wish.at))


def state_of(state: HeadsetState) -> dict[str, Any]:
    """Return where a headset stands as JSON."""
    found: dict[str, Any] = render(state)
    return _with_assurance(found, state.proof)


def record_of(record: CustodyRecord) -> dict[str, Any]:
    """Return a record as JSON."""
    found: dict[str, Any] = render(record)
    return _with_assurance(found, record.proof)


def held_of(held: Held) -> dict[str, Any]:
    """Return the answer to who held a headset as JSON."""
    found: dict[str, Any] = render(held)
    return _with_assurance(found, held.proof)


def story_of(story: Story) -> dict[str, Any]:
    """Return what happened as JSON."""
    found: dict[str, Any] = render(story)
    return found


def _with_assurance(found: dict[str, Any], proof: Proof | None) -> dict[str, Any]:
    return {**found, "assurance": 0 if proof is None else proof.assurance}


def _moment(field: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_utc(text)
    except ValueError as error:
        raise InputError(
            f"{field}: no moment with a time zone", mend="Write it as 2026-11-24T10:00:00Z."
        ) from error
