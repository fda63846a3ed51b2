"""Checkpoints that are signed by themselves, and cutting old records with a proof (SECURITY AUD-2).

The beginning of the chain is cut only up to a checkpoint that was kept outside, after everything up to it was
verified. The cut names the checkpoint, and a record behind it names the cut; verification compares all three.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from holofleet.clock import Clock, render_utc
from holofleet.errors import InputError, PeerError, RefusedError
from holofleet.server.audit.chain import Anchor, Cut, Verification
from holofleet.server.audit.checkpoint import Checkpoint, parse
from holofleet.server.audit.outside import Outside
from holofleet.server.audit.record import AuditRecord
from holofleet.server.audit.service import MAX_CHECKPOINTS, AuditService
from holofleet.server.authorization import Action, Principal, Target, permit

EVERY_RECORDS = 1_000
EVERY = timedelta(hours=1)
SHORTEST = timedelta(days=180)
"""No record younger than this is cut. Ours: people ask about last summer."""
SENT_AT_ONCE = 100
_LOG = logging.getLogger("holofleet.server.audit")


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint of ours; ``sent_at`` is when it went outside, ``None`` until then."""

    sequence: int
    line: str
    at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Retention:
    """How the log stands.

    Args:
        first: Number of the oldest record that is there; 0 where none is.
        first_at: Its time.
        last: Number of the newest record.
        checkpoints: The newest checkpoints, newest first.
        unsent: How many did not go outside yet.
        cuts: All cuts, newest first.
    """

    first: int
    first_at: datetime | None
    last: int
    checkpoints: tuple[KeptCheckpoint, ...]
    unsent: int
    cuts: tuple[Cut, ...]


class RetentionStore(Protocol):
    """Keeps checkpoints and cuts. Each call is one transaction."""

    def head(self) -> Anchor:
        """Return the newest record."""
        ...

    def verify(self, anchors: Iterable[Anchor] = ()) -> Verification:
        """Walk the chain."""
        ...

    def newest_checkpoint(self) -> KeptCheckpoint | None:
        """Return the checkpoint that reaches furthest; ``None`` where none was signed yet."""
        ...

    def keep_checkpoint(self, sequence: int, line: str, *, at: datetime) -> None:
        """Store a checkpoint; nothing where there is one of this record."""
        ...

    def unsent(self, limit: int) -> tuple[KeptCheckpoint, ...]:
        """Return checkpoints that did not go outside, oldest first."""
        ...

    def note_sent(self, sequence: int, *, at: datetime) -> None:
        """Keep that the checkpoint of a record went outside, and when."""
        ...

    def sent_before(self, before: datetime) -> KeptCheckpoint | None:
        """Return the newest checkpoint that was signed before a moment and went outside."""
        ...

    def retention(self) -> Retention:
        """Return how far the log reaches back, and what was cut from it."""
        ...

    def cut(self, anchor: Anchor, line: str, *, at: datetime, audit: AuditRecord) -> int:
        """Delete the records up to one, with what they held about people; return how many.

        Raises:
            ConflictError: that record is not there as the anchor says.
        """
        ...


class CheckpointKeeper:
    """Signs how far the chain reaches every 1,000 records or hour, and sends it outside."""

    def __init__(
        self,
        store: RetentionStore,
        clock: Clock,
        *,
        sign: Callable[[Anchor, datetime], Checkpoint],
        outside: Outside | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._sign = sign
        self._outside = outside

    def send_to(self, outside: Outside) -> None:
        """Send checkpoints there from now on."""
        self._outside = outside

    def run(self) -> None:
        """Do what is due; safe to run twice. What did not arrive outside is sent the next time."""
        now = self._clock.now()
        head, last = self._store.head(), self._store.newest_checkpoint()
        if head.sequence and (last is None or _due(head.sequence - last.sequence, now - last.at)):
            made = self._sign(head, now)
            self._store.keep_checkpoint(head.sequence, made.line, at=now)
        if self._outside is None:
            return
        for kept in self._store.unsent(SENT_AT_ONCE):
            try:
                self._outside.send(kept.line)
            except PeerError as error:
                _LOG.warning("a checkpoint waits to be sent: %s (%s)", error.summary, error.detail)
                return
            self._store.note_sent(kept.sequence, at=now)


class RetentionService:
    """What people ask of how long the log is kept, and cutting it."""

    def __init__(self, store: RetentionStore, audit: AuditService, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def retention(self, principal: Principal) -> Retention:
        """Return how the log stands.

        Raises:
            RefusedError: the principal may not, or sees some clients only.
        """
        permit(principal, Action.READ_AUDIT, Target.installation()).require()
        return self._store.retention()

    def cut(
        self, principal: Principal, before: datetime, lines: Iterable[str] = (), *, reason: str = ""
    ) -> tuple[Anchor, int]:
        """Delete the records of before a day, up to the newest checkpoint of before it that was kept outside.

        Args:
            principal: Who asks.
            before: Nothing younger is deleted; at least 180 days ago.
            lines: Checkpoints that were kept elsewhere by hand.
            reason: For the record.

        Returns:
            The last record that is gone, and how many are.

        Raises:
            RefusedError: the principal may not, it is too early, no checkpoint proves it, or the log was changed.
            InputError: a line is no checkpoint.
        """
        permit(principal, Action.CUT_AUDIT, Target.installation()).require()
        now = self._clock.now()
        if now - before < SHORTEST:
            raise RefusedError(
                f"records of the last {SHORTEST.days} days are kept",
                mend=f"Name a day before {_day(now - SHORTEST)}.",
            )
        given = [parse(line) for line in lines if line.strip()][: MAX_CHECKPOINTS + 1]
        if len(given) > MAX_CHECKPOINTS:
            raise InputError(f"more than {MAX_CHECKPOINTS} checkpoints", mend="Take the newest of each day.")
        chosen = self._chosen(given, before)
        proof = self._audit.verify(principal, [chosen.line])
        if not proof.intact:
            raise RefusedError(
                "the log was changed, so nothing of it is deleted",
                detail=proof.verification.problem,
                mend="holofleet audit verify says where.",
            )
        record = AuditRecord(
            principal.actor,
            str(Action.CUT_AUDIT),
            "audit:",
            data={"sequence": chosen.anchor.sequence, "hash": chosen.anchor.hash, "reason": reason[:500]},
        )
        return chosen.anchor, self._store.cut(chosen.anchor, chosen.line, at=now, audit=record)

    def _chosen(self, given: Iterable[Checkpoint], before: datetime) -> Checkpoint:
        sent = self._store.sent_before(before)
        candidates = [one for one in given if one.at < before and self._audit.is_ours(one)]
        if sent is not None:
            candidates.append(parse(sent.line))
        kept = self._store.retention()
        past = kept.cuts[0].anchor.sequence if kept.cuts else 0
        candidates = [one for one in candidates if one.anchor.sequence > past]
        if not candidates:
            raise RefusedError(
                f"no checkpoint of before {_day(before)} was kept outside",
                detail="Without one nobody could prove later that what was cut was whole.",
                mend="Name a file of checkpoint lines with --checkpoints, or an earlier day.",
            )
        return max(candidates, key=lambda one: one.anchor.sequence)


def _due(records: int, age: timedelta) -> bool:
    return records >= EVERY_RECORDS or (records > 0 and age >= EVERY)


def _day(moment: datetime) -> str:
    return render_utc(moment)[:10]
