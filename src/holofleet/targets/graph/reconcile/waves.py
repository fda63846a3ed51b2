"""Carry a proposal out in waves: what refers to nothing new first, then what refers to that; deletions last.

Everything of one wave runs as one set of works, so that it leaves in common batches. What fails does not stop
what does not depend on it. Deletions are made only when everything else succeeded, so that nothing is deleted
that an unfinished change still needs; the next run completes both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holofleet.errors import HolofleetError
from holofleet.plans import Act
from holofleet.resources import Address
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.reconcile.compare import Difference
from holofleet.targets.graph.reconcile.kind import Bulk, Scope
from holofleet.targets.graph.reconcile.values import BlockedError, Ids, Wanted
from holofleet.targets.graph.work import Work


@dataclass(frozen=True)
class Outcome:
    """What became of a proposal.

    Args:
        done: What was carried out, in order.
        failed: The error of what was not, by address; :class:`BlockedError` for what waited for it.
        ids: What is known after it.
    """

    done: tuple[Difference, ...]
    failed: Mapping[Address, HolofleetError]
    ids: Ids


async def carry_out(
    engine: Engine, differences: Sequence[Difference], known: Mapping[Address, str], scope: Scope
) -> Outcome:
    """Carry differences out; an object that is not ours is touched only if the difference adopts it.

    Raises:
        PeerError: the other end broke the rules; what is done is done.
    """
    ids = Ids(known)
    done: list[Difference] = []
    failed: dict[Address, HolofleetError] = {}
    left = [difference for difference in differences if difference.act is not Act.DELETE]
    while left:
        wave = _ready(left, ids, failed)
        if not wave:
            for difference in left:
                failed[difference.address] = BlockedError(f"{difference.address}: what it refers to is missing")
            break
        going = {difference.address for difference in wave}
        left = [difference for difference in left if difference.address not in going]
        await _run(engine, [d for d in wave if d.address not in failed], ids, scope, done, failed)
    deletions = [difference for difference in differences if difference.act is Act.DELETE]
    for group in _by_kind(deletions):
        if failed:
            for difference in group:
                reason = f"{difference.address}: not deleted, because other changes failed"
                failed.setdefault(difference.address, BlockedError(reason))
        else:
            await _run(engine, group, ids, scope, done, failed)
    return Outcome(tuple(done), failed, ids)


def _ready(left: Sequence[Difference], ids: Ids, failed: dict[Address, HolofleetError]) -> list[Difference]:
    """Return what can run now: its references are there, and the kinds before it are through."""
    waiting = {difference.kind.name for difference in left}
    unmade = {difference.address for difference in left if difference.act is Act.CREATE}
    ready = []
    for difference in left:
        needed = _references(difference)
        broken = sorted(str(address) for address in needed if address in failed and address not in ids)
        if broken:
            failed[difference.address] = BlockedError(f"{difference.address} waits for {', '.join(broken)}")
            ready.append(difference)
        elif not (needed & unmade - {difference.address}) and not (waiting & set(difference.kind.after)):
            ready.append(difference)
    return ready


def _references(difference: Difference) -> set[Address]:
    wanted = difference.wanted
    return {a for group in wanted.references.values() for a in group} if wanted is not None else set()


async def _run(
    engine: Engine,
    wave: Sequence[Difference],
    ids: Ids,
    scope: Scope,
    done: list[Difference],
    failed: dict[Address, HolofleetError],
) -> None:
    by_address = {_key(difference): difference for difference in wave}
    bulks = _bulks(by_address)
    works: dict[str, Work[Any]] = {
        key: _work(difference, ids, scope)
        for key, difference in by_address.items()
        if difference.kind.name not in bulks or difference.act is not Act.CREATE
    }
    works |= {name: kind.create_all(list(wanted.values()), ids, scope) for name, (kind, wanted) in bulks.items()}
    results = dict(await engine.run(works))
    for name, (_, wanted) in bulks.items():
        made = results.pop(name)
        for key, one in wanted.items():
            results[key] = made if isinstance(made, HolofleetError) else made[one.address]
    for key, result in results.items():
        difference = by_address[key]
        if isinstance(result, HolofleetError):
            failed[difference.address] = result
        else:
            done.append(difference)
            if isinstance(result, str):
                ids.note(difference.address, result)


def _key(difference: Difference) -> str:
    """Return a key of its own for each: objects that left the file together may carry one marker."""
    return f"{difference.address} {difference.act} {difference.seen.id if difference.seen is not None else ''}"


def _bulks(differences: Mapping[str, Difference]) -> dict[str, tuple[Bulk, dict[str, Wanted]]]:
    """Return the creations of kinds that make many at once, by kind and key."""
    found: dict[str, tuple[Bulk, dict[str, Wanted]]] = {}
    for key, one in differences.items():
        kind: object = one.kind
        if one.act is Act.CREATE and one.wanted is not None and isinstance(kind, Bulk):
            found.setdefault(kind.name, (kind, {}))[1][key] = one.wanted
    return found


def _work(difference: Difference, ids: Ids, scope: Scope) -> Work[str | None]:
    kind, wanted, seen = difference.kind, difference.wanted, difference.seen
    if difference.act is Act.CREATE and wanted is not None:
        return (yield from kind.create(wanted, ids, scope))
    if difference.act is Act.UPDATE and wanted is not None and seen is not None:
        yield from kind.update(seen, wanted, difference.names, ids, scope)
    elif seen is not None and seen.ours:
        yield from kind.delete(seen, scope)
    return None


def _by_kind(deletions: Iterable[Difference]) -> list[list[Difference]]:
    """Deletions by kind, in the order of the proposal, which is that of making turned round."""
    grouped: dict[str, list[Difference]] = {}
    for difference in deletions:
        grouped.setdefault(difference.kind.name, []).append(difference)
    return list(grouped.values())
