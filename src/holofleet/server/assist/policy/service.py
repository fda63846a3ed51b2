"""Search and judgment over what stands in the store now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from holofleet.clock import Clock
from holofleet.resources import Rota
from holofleet.server.assist.policy.hours import is_open, opens_at
from holofleet.server.assist.policy.published import PublishedCalls
from holofleet.server.assist.policy.rules import judge_call, judge_pair, may_begin, segments, switches
from holofleet.server.assist.policy.store import PolicyStore
from holofleet.server.assist.policy.values import (
    ALLOWED,
    Entry,
    Found,
    OpenRota,
    Side,
    SideKind,
    Switches,
    Verdict,
)

PAGE = 50
_NOBODY = Verdict(False, "EXT-57", "Nobody of that name can be called from here.")


class CallPolicy:
    """Answers from the published rules; those are kept while their number stays the same."""

    def __init__(self, store: PolicyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: tuple[int, PublishedCalls] = (-1, PublishedCalls())

    def headset(self, serial: str) -> Side | None:
        """Return the headset as the rules see it now."""
        return self._store.headset(serial)

    def expert(self, person: str) -> Side | None:
        """Return a person as the rules see them now; ``None`` for nobody and for somebody who is no expert."""
        side = self._store.person(person)
        return side if side is not None and side.expert and side.here else None

    def find(
        self, headset: Side, *, others: Iterable[Side] = (), query: str = "", after: str = "", limit: int = PAGE
    ) -> Found:
        """Return whom a headset may call, by name; for a call that runs, who may join it.

        Args:
            headset: Whose call it is.
            others: Everybody else in the call; nobody for a new one.
            query: Beginning of a word of the name; empty for everybody.
            after: The ``after`` of the page before.
        """
        calls, now = self._calls(), self._clock.now()
        present = tuple(others)
        rules = calls.rules.get(headset.deployment)
        verdict = ALLOWED if present else may_begin(calls, headset, now)
        if rules is None or not verdict.allowed:
            shut = verdict.rule == "assist.hours" and rules is not None
            until = opens_at(rules.hours, now) if shut and rules is not None else None
            return Found((), closed_until=until, verdict=verdict)
        able = self._able(calls, headset, present, rules.experts)
        rotas = self._open(calls, calls.rotas, able)
        matching = [side for side in able if _matches(side, query) and _place(side) > after]
        answers = {key: rota.display_name for rota in rotas for key in rota.experts}
        entries = tuple(
            Entry(
                side.key, side.name or side.upn, side.client, (answers[side.key],) if side.key in answers else ()
            )
            for side in matching[:limit]
        )
        return Found(entries, rotas, _place(matching[limit - 1]) if len(matching) > limit else "")

    def anyone(self, headset: Side, *, rota: str = "", asset: str = "") -> tuple[str, ...]:
        """Return the experts who answer a call that names nobody, in the order in which they are asked."""
        calls, now = self._calls(), self._clock.now()
        rules = calls.rules.get(headset.deployment)
        if rules is None or not may_begin(calls, headset, now).allowed:
            return ()
        able = self._able(calls, headset, (), rules.experts)
        chosen = tuple(one for one in calls.rotas if one.name == rota) if rota else calls.rotas_for(asset)
        if not chosen and not rota:
            return tuple(side.key for side in able)
        return tuple(dict.fromkeys(key for one in self._open(calls, chosen, able) for key in one.experts))

    def leaves(self, headset: Side) -> Verdict:
        """Tell whether a headset may leave a message for later: as it may call, but at any hour."""
        verdict = may_begin(self._calls(), headset, self._clock.now())
        return ALLOWED if verdict.rule == "assist.hours" else verdict

    def reached(self, headset: Side, *, rota: str = "") -> tuple[tuple[str, ...], str]:
        """Return who finds a message for a rota at any hour, and its title; without a rota whoever answers."""
        calls = self._calls()
        rules = calls.rules.get(headset.deployment)
        if rules is None or not self.leaves(headset).allowed:
            return (), ""
        able = self._able(calls, headset, (), rules.experts)
        chosen = tuple(one for one in calls.rotas if one.name == rota) if rota else calls.rotas_for("")
        if not chosen and not rota:
            return tuple(side.key for side in able), ""
        people = [key for one in chosen for key in _asked(one, able)]
        return tuple(dict.fromkeys(people)), chosen[0].display_name or chosen[0].name if rota and chosen else ""

    def judge(self, caller: Side, callee: Side, others: Iterable[Side] = ()) -> Verdict:
        """Tell whether a call may begin between two sides, or a side may join a call (``others``)."""
        calls = self._calls()
        present = tuple(others)
        if not present:
            for side in (caller, callee):
                if (
                    side.kind is SideKind.HEADSET
                    and not (begins := may_begin(calls, side, self._clock.now())).allowed
                ):
                    return begins
        if SideKind.HEADSET not in {side.kind for side in (caller, callee, *present)}:
            return _NOBODY
        return judge_call(calls, (caller, callee, *present))

    def stands(self, sides: Sequence[Side]) -> Verdict:
        """Tell whether a call that runs may go on; hours end no call that has begun."""
        return judge_call(self._calls(), sides)

    def segments(self, *, headset: str = "", people: Iterable[str] = ()) -> frozenset[str]:
        """Return on which sides of barriers a headset and people stand now, experts or not.

        Args:
            headset: Its serial number.
            people: Their ids; what is empty or nobody's stands nowhere.
        """
        found = [self._store.headset(headset)] if headset else []
        found += [self._store.person(key) for key in sorted({*people} - {""})]
        return frozenset[str]().union(*(segments(side) for side in found if side is not None))

    def switches(self, sides: Iterable[Side]) -> Switches:
        """Return what a call of these sides may do."""
        return switches(self._calls(), sides)

    def kept_days(self, headset: Side) -> tuple[int, int]:
        """Return for how many days chat of experts and records of calls are kept."""
        rules = self._calls().rules.get(headset.deployment)
        return (rules.chat_days, rules.records_days) if rules is not None else (90, 730)

    def kept_recordings(self, headset: Side) -> tuple[int, bool]:
        """Return how many days recordings are kept, and whether taking an agreement back deletes one."""
        rules = self._calls().rules.get(headset.deployment)
        return (rules.recordings_days, rules.withdrawn == "deleted") if rules is not None else (30, True)

    def _able(
        self, calls: PublishedCalls, headset: Side, others: tuple[Side, ...], names: Iterable[str]
    ) -> tuple[Side, ...]:
        """Return the experts who may meet everybody in the call, sorted by their place."""
        there = {side.key for side in others}
        found = (
            side
            for side in self._store.experts(names)
            if side.key not in there
            and all(judge_pair(calls, side, other).allowed for other in (headset, *others))
        )
        return tuple(sorted(found, key=_place))

    def _open(self, calls: PublishedCalls, rotas: Iterable[Rota], able: Sequence[Side]) -> tuple[OpenRota, ...]:
        now = self._clock.now()
        found = []
        for rota in calls.rotas:
            if rota not in rotas or not is_open(rota.hours, now):
                continue
            asked = _asked(rota, able)
            if asked:
                found.append(OpenRota(rota.name, rota.display_name or rota.name, asked))
        return tuple(found)

    def _calls(self) -> PublishedCalls:
        number = self._store.number()
        if self._kept[0] != number:
            self._kept = (number, self._store.published())
        return self._kept[1]


def _asked(rota: Rota, able: Sequence[Side]) -> tuple[str, ...]:
    """Return who of a rota may be called, in the order in which they are asked."""
    asked = (side.key for name in rota.experts for side in able if name == side.upn or name in side.groups)
    return tuple(dict.fromkeys(asked))


def _place(side: Side) -> str:
    """Where somebody stands in a list: by name, then by key."""
    return f"{(side.name or side.upn).casefold()}\x00{side.key}"


def _matches(side: Side, query: str) -> bool:
    wanted = query.casefold().split()
    words = f"{side.name} {side.upn}".casefold().split()
    return all(any(word.startswith(part) for word in words) for part in wanted)
