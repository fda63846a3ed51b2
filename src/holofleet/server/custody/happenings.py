"""Everything that happened with a headset in a time, in one search, each thing with who held it then.

Custody says who held it; events, orders and the audit log say what happened; calls come through a port of the same
form. What somebody may not read is left out, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from holofleet.errors import InputError
from holofleet.server.authorization import Action, Principal, Scope, Target, permit
from holofleet.server.custody.desk import CustodyService
from holofleet.server.custody.timeline import Stretch, stretches
from holofleet.server.custody.values import CustodyRecord, Holder

MOST: Final = 1_000
"""Things of one source in one answer."""


class Source(StrEnum):
    """Where something was recorded."""

    CUSTODY = "custody"
    EVENT = "event"
    ORDER = "order"
    AUDIT = "audit"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing. ``reference`` finds it in its source: a number or an id. ``holder`` had the headset then."""

    at: datetime
    source: Source
    kind: str
    actor: str
    reference: str
    data: Mapping[str, Any] = field(default_factory=dict)
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """The answer, oldest first.

    Args:
        holders: Who held it in that time, one sentence each.
        left_out: Sources that the reader may not read.
        cut: Sources of which there is more than fits; ask for a shorter time.
    """

    serial: str
    since: datetime
    until: datetime
    holders: tuple[str, ...]
    happenings: tuple[Happening, ...]
    left_out: tuple[Source, ...] = ()
    cut: tuple[Source, ...] = ()


class HappeningsStore(Protocol):
    """One source. Implemented for events, orders, audit; and for calls where there are any."""

    def happenings(
        self, scope: Scope, serial: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Happening]:
        """Return what happened from ``since`` to before ``until`` at the clients in ``scope``, oldest first."""
        ...


_ACTIONS = {
    Source.EVENT: Action.READ_EVENTS,
    Source.ORDER: Action.READ_ORDERS,
    Source.AUDIT: Action.READ_AUDIT,
    Source.CALL: Action.READ_EVENTS,
}


class StoryService:
    """The one search."""

    def __init__(self, custody: CustodyService, sources: Mapping[Source, HappeningsStore]) -> None:
        self._custody = custody
        self._sources = dict(sources)

    def what_happened(self, principal: Principal, serial: str, since: datetime, until: datetime) -> Story:
        """Tell who held a headset in a time, and what happened with it.

        Raises:
            RefusedError: the principal may not read custody.
            NotFoundError: no such headset here.
            InputError: the time ends before it begins.
        """
        if since >= until:
            raise InputError("this time ends before it begins")
        records = self._custody.history(principal, serial)
        name = records[0].serial if records else self._custody.state(principal, serial).serial
        held = stretches(records)
        found = [_of_record(record) for record in records if since <= record.recorded_at < until]
        left_out, cut = [], []
        for source, store in self._sources.items():
            if not permit(principal, _ACTIONS[source], Target.installation()).allowed:
                left_out.append(source)
                continue
            some = store.happenings(principal.scope, name, since=since, until=until, limit=MOST + 1)
            found += some[:MOST]
            if len(some) > MOST:
                cut.append(source)
        told = [
            _with_holder(one, held) for one in sorted(found, key=lambda one: (one.at, one.source, one.reference))
        ]
        return Story(name, since, until, _holders(held, since, until), tuple(told), tuple(left_out), tuple(cut))


def _of_record(record: CustodyRecord) -> Happening:
    data: dict[str, Any] = {
        "person": record.person.upn if record.person is not None else "",
        "proof": str(record.proof or ""),
        "assurance": record.proof.assurance if record.proof is not None else 0,
        "note": record.note,
    }
    if record.corrects is not None:
        data["corrects"] = record.corrects
    return Happening(
        record.recorded_at, Source.CUSTODY, str(record.kind), record.actor, str(record.sequence), data
    )


def _with_holder(one: Happening, held: Sequence[Stretch]) -> Happening:
    current = next((s for s in held if s.since <= one.at and (s.until is None or one.at < s.until)), None)
    holder = current.person if current is not None else None
    return Happening(one.at, one.source, one.kind, one.actor, one.reference, one.data, holder)


def _holders(held: Sequence[Stretch], since: datetime, until: datetime) -> tuple[str, ...]:
    inside = [s for s in held if s.since < until and (s.until is None or s.until > since) and s.person is not None]
    return tuple(_sentence(one) for one in inside)


def _sentence(one: Stretch) -> str:
    name = one.person.name if one.person is not None else ""
    upn = f" <{one.person.upn}>" if one.person is not None and one.person.upn != name else ""
    end = f"to {one.until:%Y-%m-%d %H:%M} UTC" if one.until is not None else "on, and still does"
    proof = (
        f", assurance {one.record.proof.assurance} ({one.record.proof})" if one.record.proof is not None else ""
    )
    return f"{name}{upn} held it from {one.since:%Y-%m-%d %H:%M} UTC {end}{proof}."
