"""Compare what is wanted with what was seen: pure, the same input gives the same proposal.

An object is ours by its marker, and only then is it changed or deleted. An unmarked one with the natural key of
something wanted is proposed for adoption. Two that carry one marker, or two strangers with one key, are a problem
that a person has to solve: guessing would touch the wrong one. Until then they and what refers to them stay.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

from holofleet.plans import ADOPT, Act, FieldChange
from holofleet.resources import Address
from holofleet.targets.graph.reconcile.kind import Kind, Scope
from holofleet.targets.graph.reconcile.meaning import same
from holofleet.targets.graph.reconcile.twins import sentence, to_keep, uses
from holofleet.targets.graph.reconcile.values import Care, Seen, Wanted


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is not as it is wanted."""

    kind: Kind
    address: Address
    act: Act
    fields: tuple[FieldChange, ...] = ()
    wanted: Wanted | None = None
    seen: Seen | None = None

    @property
    def adopts(self) -> bool:
        """True when the object is not ours yet."""
        return self.seen is not None and not self.seen.ours

    @property
    def names(self) -> frozenset[str]:
        """Names of the fields that change."""
        return frozenset(change.field for change in self.fields)

    @property
    def formerly(self) -> Address | None:
        """Its old address after a renaming."""
        old = self.seen.address if self.seen is not None else None
        return old if old is not None and old != self.address else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the target cannot or may not mend, in a sentence.

    Args:
        address: What it is about.
        reason: The sentence.
        blocks: Addresses whose differences are not carried out until it is mended.
        offered: The difference that would mend it, where it is carried out only when asked for.
        drifts: What the tenant has, in a few words, where that is not what the file wants and only a person can
            mend it; drift tells it.
    """

    address: Address
    reason: str
    blocks: frozenset[Address] = frozenset()
    offered: Difference | None = None
    drifts: str = ""


@dataclass(frozen=True)
class Proposal:
    """All that differs.

    Args:
        differences: To carry out, in a stable order.
        problems: To be shown; nothing is done about them.
        known: Ids in the tenant of what is wanted and there.
        counts: How many objects of each kind are ours.
        held: What differs and is not carried out, because a person has to decide something first.
        seen_hash: Over everything that was seen; two reads of one state of the tenant give one hash.
    """

    differences: tuple[Difference, ...]
    problems: tuple[Problem, ...]
    known: Mapping[Address, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    held: tuple[Difference, ...] = ()
    seen_hash: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One kind with both its sides."""

    kind: Kind
    wanted: Sequence[Wanted]
    seen: Sequence[Seen]


@runtime_checkable
class Examining(Protocol):
    """A kind that sees trouble which no difference shows, such as too few seats."""

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return the problems of its objects; pure.

        Args:
            sides: All kinds, by name.
            scope: As given to the other methods.
        """
        ...


def examine(sides: Sequence[Side], scope: Scope) -> tuple[Problem, ...]:
    """Return the problems that the kinds themselves see."""
    named = {side.kind.name: side for side in sides}
    return tuple(
        problem
        for side in sides
        if isinstance(side.kind, Examining)
        for problem in side.kind.problems(named, scope)
    )


def compare(sides: Sequence[Side], *, asked: Iterable[Address] = (), examined: Sequence[Problem] = ()) -> Proposal:
    """Return what differs.

    Args:
        sides: Every kind, in the order in which they are made.
        asked: Addresses of tenant-wide settings that are to be written.
        examined: What :func:`examine` found.
    """
    allowed = frozenset(asked)
    blocked = frozenset[Address]().union(*(problem.blocks for problem in examined))
    used = uses(one for side in sides for one in side.seen)
    pairs: list[tuple[Side, dict[Address, Seen], list[Problem]]] = [
        (side, *_matched(side, used)) for side in sides
    ]
    doubted = frozenset[Address]().union(*(problem.blocks for _, _, faults in pairs for problem in faults))
    known = {address: seen.id for _, matched, _ in pairs for address, seen in matched.items()}
    names = {id_: str(address) for address, id_ in known.items()}
    names |= {s.id: str(s.address) for side in sides for s in side.seen if s.address is not None}
    absent = {w.address for side in sides for w in side.wanted if w.care is Care.EXPECT} - known.keys()
    absent |= blocked - known.keys()  # not there, and not made before somebody mends what blocks it
    made: list[Difference] = []
    gone: list[Difference] = []
    problems: list[Problem] = list(examined)
    for side, matched, faults in pairs:
        problems += faults
        for wanted in sorted(side.wanted, key=lambda w: w.address):
            waits = _waits_for(wanted, absent)
            if waits:
                problems.append(Problem(wanted.address, f"It waits for {waits}, which somebody else has to make."))
            elif wanted.address not in doubted:
                seen = matched.get(wanted.address)
                _differ(side.kind, _without(wanted, absent), seen, known, names, allowed, made, problems)
        kept = {seen.id for seen in matched.values()}
        gone += [
            Difference(side.kind, seen.address, Act.DELETE, seen=seen)
            for seen in sorted(side.seen, key=lambda s: (str(s.address), s.id))
            if seen.address is not None and seen.id not in kept and seen.address not in doubted
        ]
    counts = {side.kind.name: sum(seen.ours for seen in side.seen) for side in sides}
    problems += [_waiting(one, doubted) for one in made if _doubtful(one, doubted)]
    undecided = frozenset[Address]().union(*(problem.blocks for problem in examined if problem.drifts))
    held = tuple(one for one in made if _doubtful(one, doubted) or one.address in undecided)
    made = [one for one in made if not _doubtful(one, doubted)]
    differences = tuple(one for one in made + gone[::-1] if one.address not in blocked)
    problems = [one for one in problems if one.offered is None or one.address not in blocked]
    return Proposal(differences, tuple(problems), known, counts, held, _hash(sides))


def _waits_for(wanted: Wanted, absent: set[Address]) -> str:
    """Return what it refers to, cannot do without, and nobody here makes; empty where there is nothing."""
    needed = (a for name, addresses in wanted.references.items() if name not in wanted.lenient for a in addresses)
    return ", ".join(sorted(str(address) for address in needed if address in absent))


def _without(wanted: Wanted, absent: set[Address]) -> Wanted:
    """Leave out of lenient references what somebody else has to make and has not."""
    if not absent or not wanted.lenient:
        return wanted
    references = {
        name: tuple(a for a in addresses if a not in absent) if name in wanted.lenient else addresses
        for name, addresses in wanted.references.items()
    }
    return replace(wanted, references=references)


def _doubtful(difference: Difference, doubted: frozenset[Address]) -> list[str]:
    """Return what it refers to that is there twice."""
    wanted = difference.wanted
    references = wanted.references.values() if wanted is not None else ()
    return sorted(str(address) for addresses in references for address in addresses if address in doubted)


def _waiting(difference: Difference, doubted: frozenset[Address]) -> Problem:
    listed = ", ".join(_doubtful(difference, doubted))
    return Problem(difference.address, f"It differs, and waits until there is one {listed}.")


def _matched(side: Side, used: Mapping[str, int]) -> tuple[dict[Address, Seen], list[Problem]]:
    """Find the object of everything wanted: by marker, by old marker, then by natural key.

    Of twins the one to keep is taken for the object, so that what refers to it does not differ for that alone.
    """
    ours: dict[Address, list[Seen]] = defaultdict(list)
    strangers: dict[str, list[Seen]] = defaultdict(list)
    for seen in side.seen:
        if seen.address is not None:
            ours[seen.address].append(seen)
        if seen.key:
            strangers[seen.key.casefold()].append(seen)
    matched: dict[Address, Seen] = {}
    problems: list[Problem] = []
    for wanted in side.wanted:
        found = ours.get(wanted.address) or (ours.get(wanted.formerly) if wanted.formerly else None)
        if found and len(found) > 1:
            matched[wanted.address] = to_keep(found, used)
            problems.append(_problem(wanted, found, sentence(side.kind, found, used)))
            continue
        if not found and wanted.key:
            found = [s for s in strangers[wanted.key.casefold()] if not s.ours or wanted.care is not Care.MANAGE]
        if found and len(found) > 1:
            listed = ", ".join(sorted(seen.id for seen in found)[:5])
            reason = f"{len(found)} objects are called {wanted.key}, and none is marked as ours ({listed});"
            problems.append(_problem(wanted, found, f"{reason} delete or rename all but one."))
        elif found:
            matched[wanted.address] = found[0]
    return matched, problems


def _problem(wanted: Wanted, found: Sequence[Seen], reason: str) -> Problem:
    blocks = {wanted.address} | ({wanted.formerly} if wanted.formerly else set())
    ids = ", ".join(sorted(seen.id for seen in found)[:5])
    return Problem(wanted.address, reason, frozenset(blocks), drifts=f"{len(found)} objects: {ids}")


def _differ(
    kind: Kind,
    wanted: Wanted,
    seen: Seen | None,
    known: Mapping[Address, str],
    names: Mapping[str, str],
    asked: frozenset[Address],
    made: list[Difference],
    problems: list[Problem],
) -> None:
    if wanted.care is Care.EXPECT:
        if seen is None:
            problems.append(Problem(wanted.address, wanted.why or "It is not in the tenant, and is never made."))
        return
    fields = _fields(kind, wanted, seen, known, names)
    if wanted.care is Care.OFFER and wanted.address not in asked:
        if fields:
            listed = ", ".join(f"{f.field}: {f.before!r}, wanted {f.after!r}" for f in fields)
            how = f"It is written only when asked for by name ({wanted.address})."
            reason = " ".join(part for part in (listed + ".", wanted.why, how) if part)
            act = Act.CREATE if seen is None else Act.UPDATE
            offered = Difference(kind, wanted.address, act, fields, wanted, seen)
            problems.append(Problem(wanted.address, reason, offered=offered))
        return
    if seen is None:
        made.append(Difference(kind, wanted.address, Act.CREATE, fields, wanted))
        return
    if not seen.ours and wanted.care is Care.MANAGE:
        fields = (FieldChange(ADOPT, None, seen.id), *fields)
    if fields or (seen.address is not None and seen.address != wanted.address):
        made.append(Difference(kind, wanted.address, Act.UPDATE, fields, wanted, seen))


def _fields(
    kind: Kind, wanted: Wanted, seen: Seen | None, known: Mapping[Address, str], names: Mapping[str, str]
) -> tuple[FieldChange, ...]:
    """Return the properties and references that differ, by name."""
    before: Mapping[str, Any] = seen.properties if seen is not None else {}
    changes = []
    for name, value in wanted.properties.items():
        by = kind.comparers.get(name, same)
        if seen is None or not by(value, before.get(name)):
            changes.append(FieldChange(name, before.get(name), value))
    changes += [
        FieldChange(name, value, None)
        for name, value in before.items()
        if name not in wanted.properties and name.startswith(tuple(kind.closed))
    ]
    for name, addresses in wanted.references.items():
        there = set(seen.references.get(name, ())) if seen is not None else set()
        if seen is None or {known.get(address) for address in addresses} != there:
            shown = sorted(names.get(id_, id_) for id_ in there)
            changes.append(FieldChange(name, shown, sorted(str(address) for address in addresses)))
    if seen is None:
        changes = [change for change in changes if change.after not in (None, "", [], {})]
    return tuple(sorted(changes, key=lambda change: change.field))


def _hash(sides: Sequence[Side]) -> str:
    told = [
        [
            side.kind.name,
            *sorted([s.id, str(s.address), dict(s.properties), _sorted(s.references)] for s in side.seen),
        ]
        for side in sides
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _sorted(references: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: sorted(ids) for name, ids in references.items()}
