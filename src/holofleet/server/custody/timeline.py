"""Records in the order in which things happened, with corrections applied; pure.

stretches(records) -> ... in until 08:00 | out (Isaiah) until 12:00 | out (Megan) | ...
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from holofleet.clock import render_utc
from holofleet.server.custody.values import (
    CORRECTIONS,
    STATUS_OF,
    CustodyRecord,
    HeadsetState,
    Held,
    Holder,
    Kind,
    Proof,
    Status,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a headset stood in one way; ``until`` is ``None`` for the last."""

    record: CustodyRecord
    status: Status
    until: datetime | None

    @property
    def person(self) -> Holder | None:
        """Who held it."""
        return self.record.person if self.status is Status.OUT else None

    @property
    def since(self) -> datetime:
        """When it began."""
        return self.record.at


def effective(records: Iterable[CustodyRecord]) -> tuple[CustodyRecord, ...]:
    """Return what counts, in the order in which it happened: of several corrections of a record the last."""
    listed = sorted(records, key=lambda record: record.sequence)
    said = {record.corrects: record for record in listed if record.kind in CORRECTIONS}
    counting = []
    for record in listed:
        correction = said.get(record.sequence)
        if record.kind in CORRECTIONS or (correction is not None and correction.kind is Kind.VOID):
            continue
        if correction is not None:
            record = replace(
                record,
                at=correction.at,
                person=correction.person,
                proof=correction.proof,
                expected_at=correction.expected_at,
                note=correction.note,
            )
        counting.append(record)
    return tuple(sorted(counting, key=lambda record: (record.at, record.sequence)))


def stretches(records: Iterable[CustodyRecord]) -> tuple[Stretch, ...]:
    """Return the stretches of time that records make; one that lasts no time at all is left out."""
    counting = effective(records)
    ends = [*(record.at for record in counting[1:]), None][: len(counting)]
    return tuple(
        Stretch(record, STATUS_OF[record.kind], end)
        for record, end in zip(counting, ends, strict=True)
        if end is None or end > record.at
    )


def state_after(records: Iterable[CustodyRecord], *, serial: str, client: str) -> HeadsetState:
    """Return where a headset stands after all its records."""
    listed = list(records)
    found = stretches(listed)
    newest = max((record.sequence for record in listed), default=0)
    if not found:
        return HeadsetState(serial, client, Status.IN, sequence=newest)
    last = found[-1]
    out = last.status is Status.OUT
    return HeadsetState(
        serial,
        client,
        last.status,
        sequence=newest,
        person=last.person,
        proof=last.record.proof if out else None,
        since=last.since,
        expected_at=last.record.expected_at if out else None,
        note=last.record.note,
    )


def held_at(records: Iterable[CustodyRecord], serial: str, at: datetime) -> Held:
    """Say who held a headset at a moment, in one sentence."""
    current = next(
        (one for one in stretches(records) if one.since <= at and (one.until is None or at < one.until)), None
    )
    if current is None:
        return Held(serial, at, Status.IN, None, None, None, None, _sentence(serial, at, None))
    proof = current.record.proof if current.person is not None else None
    return Held(
        serial,
        at,
        current.status,
        current.person,
        proof,
        current.since,
        current.until,
        _sentence(serial, at, current),
    )


_BY = {
    Proof.DESK: "named at the desk",
    Proof.BADGE: "by badge",
    Proof.SESSION: "confirmed in their own session",
    Proof.PIN: "by PIN",
    Proof.PASSKEY: "by passkey",
}
_NOBODY = {
    Status.IN: "it was given back",
    Status.LOST: "it was reported lost",
    Status.FOUND: "it was found",
    Status.UNRETURNED: "whoever had it had left without giving it back",
}


def _sentence(serial: str, at: datetime, current: Stretch | None) -> str:
    moment = _minute(at)
    if current is None:
        return f"Nobody held {serial} at {moment}: nothing had been recorded of it."
    if current.person is None:
        return f"Nobody held {serial} at {moment}: {_NOBODY[current.status]} at {_minute(current.since)}."
    until = f"until {_minute(current.until)}" if current.until is not None else "and holds it still"
    proof = current.record.proof
    how = f" (assurance {proof.assurance}, {_BY[proof]})" if proof is not None else ""
    return f"{current.person.name} held {serial} at {moment}: from {_minute(current.since)} {until}{how}."


def _minute(moment: datetime) -> str:
    return render_utc(moment)[:16].replace("T", " ") + " UTC"
