"""The chain: each record's hash covers the hash before it, its number and its epoch.

What a verification proves: that no record up to the last was changed, deleted, inserted or moved, as long as the
last hash is the true one. Without an anchor that was kept elsewhere it does not prove that the end was not cut
off, nor that somebody with the database did not write the whole chain anew; :class:`Verification` says so.

The idea of the hash chain is that of append-only logs (RFC 9162), in its simplest form.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_DOMAIN = b"holofleet audit record 1\x00"
GENESIS = hashlib.sha256(b"holofleet audit genesis 1").hexdigest()
"""The hash before the first record."""


@dataclass(frozen=True, slots=True)
class Link:
    """A record as it is stored; ``at`` in microseconds since the epoch, UTC."""

    sequence: int
    epoch: int
    at: int
    actor: str
    action: str
    subject: str
    client: str
    data: Mapping[str, Any]
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A record's number and hash, noted somewhere that the database's writer cannot reach."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Records up to ``anchor`` that were deleted after their time.

    Args:
        anchor: The last of them.
        line: The checkpoint that proves that they were there.
        actor: Who cut.
        at: When, in microseconds since the epoch, UTC.
    """

    anchor: Anchor
    line: str
    actor: str
    at: int


CUT_ACTION = "cut-audit"
"""The action of the record that names a cut; the record itself is behind it."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Args:
        records: How many records hold together, from the first on or from the cut on.
        head: Hash of the last of them.
        broken_at: Number of the first record that does not fit; ``None`` when all do.
        problem: What is wrong there, in words; empty when nothing is.
        anchors: The anchors that were used; those of records before a cut cannot be.
        cut: Where the chain begins now, if its beginning was cut.
    """

    records: int
    head: str
    broken_at: int | None = None
    problem: str = ""
    anchors: tuple[Anchor, ...] = ()
    cut: Cut | None = None

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.broken_at is None and not self.problem

    @property
    def not_excluded(self) -> str:
        """What this verification cannot exclude, in a sentence for a person."""
        if not self.anchors:
            return (
                "No anchor from outside was used: records cut off at the end, or a chain written anew by somebody "
                "who controls the database, are not excluded."
            )
        last = max(anchor.sequence for anchor in self.anchors)
        return f"Records after number {last}, the newest anchor, could have been cut off or written anew."


def link_hash(previous: str, link: Link) -> str:
    """Return the hash of a record that follows the one with hash ``previous``."""
    record = [
        link.sequence,
        link.epoch,
        link.at,
        link.actor,
        link.action,
        link.subject,
        link.client,
        dict(link.data),
    ]
    canonical = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(_DOMAIN + bytes.fromhex(previous) + canonical.encode()).hexdigest()


def verify_chain(
    links: Iterable[Link],
    *,
    head: Anchor | None = None,
    anchors: Iterable[Anchor] = (),
    cut: Cut | None = None,
) -> Verification:
    """Walk the chain from its first record, or from the first that a cut left.

    Args:
        links: All records in the order of their numbers.
        head: What the database itself keeps as the newest record; shows a tail that was cut clumsily.
        anchors: Notes from outside.
        cut: What was deleted, as the database says; whether a checkpoint proves it is for the caller to see.
    """
    start = Anchor(0, GENESIS) if cut is None else cut.anchor
    wanted = {anchor.sequence: anchor.hash for anchor in anchors if anchor.sequence >= start.sequence}
    used = tuple(Anchor(sequence, noted) for sequence, noted in sorted(wanted.items()))
    previous, count, recorded = start.hash, start.sequence, cut is None

    def result(broken_at: int | None = None, problem: str = "") -> Verification:
        return Verification(count - start.sequence, previous, broken_at, problem, used, cut)

    if cut is not None and wanted.get(start.sequence, start.hash) != start.hash:
        return result(
            start.sequence, f"record {start.sequence}, the last that was cut, is not the one of an anchor"
        )
    for link in links:
        problem = _problem(link, previous, count, wanted)
        if problem:
            return result(count + 1, problem)
        previous, count = link.hash, count + 1
        recorded = recorded or _names(link, start)
    beyond = [sequence for sequence in wanted if sequence > count]
    if beyond:
        return result(count + 1, f"an anchor names record {max(beyond)}, which is gone")
    if head is not None and (head.sequence, head.hash) != (count, previous):
        return result(count + 1, f"the database remembers {head.sequence} records, {count} are there")
    if not recorded:
        return result(None, f"records up to {start.sequence} were cut, and no record says so")
    return result()


def _names(link: Link, cut: Anchor) -> bool:
    said = (link.data.get("sequence"), link.data.get("hash"))
    return link.action == CUT_ACTION and said == (cut.sequence, cut.hash)


def _problem(link: Link, previous: str, count: int, wanted: Mapping[int, str]) -> str:
    if link.sequence != count + 1:
        return f"record {count + 1} is missing, {link.sequence} stands in its place"
    if link_hash(previous, link) != link.hash:
        return (
            f"record {link.sequence} does not have the content that was hashed, or does not follow the one before"
        )
    if wanted.get(link.sequence, link.hash) != link.hash:
        return f"record {link.sequence} is not the one that an anchor from outside names"
    return ""
