"""Who agreed to what: kept act by act, in the transaction in which they say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from holofleet.protocols.signaling import Call, Recording
from holofleet.server.assist.policy import CallPolicy
from holofleet.server.assist.recordings.sealing import RecordingKeys
from holofleet.server.assist.recordings.store import OpenRecording, RecordingTurn
from holofleet.server.assist.recordings.values import ConsentAct, ConsentRecord
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action

CONSENT_TEXT: Final = "1"
"""Version of the words of :meth:`RecordingTerms.words`. Other words are another version."""
WITHDRAWN: Final = "withdrawn"
"""Why a recording is deleted where somebody took their agreement back."""


@dataclass(frozen=True, slots=True)
class RecordingTerms:
    """What holds for recordings of a headset's calls: what people are told before they agree.

    Args:
        days: How long a recording is kept.
        drops: Whether what was recorded is deleted when somebody takes their agreement back.
    """

    days: int = 30
    drops: bool = True

    @property
    def words(self) -> dict[str, str]:
        """What every page shows that asks for agreement."""
        days = f"{self.days} day" if self.days == 1 else f"{self.days} days"
        left = "is deleted" if self.drops else "is kept"
        return {
            "version": CONSENT_TEXT,
            "what": "The camera's picture and all voices",
            "kept": f"Kept {days}, sealed; read only with a reason",
            "stop": f"Say no at any time: what was recorded {left}",
        }


class ConsentKeeper:
    """Keeps acts of consent, and ends a recording the moment that it does not have everybody's."""

    def __init__(self, keys: RecordingKeys, policy: CallPolicy, *, is_on: bool) -> None:
        """Take what is needed; ``is_on``: whether anything is recorded at this server."""
        self._keys = keys
        self._policy = policy
        self.is_on = is_on

    def terms_of(self, call: Call) -> RecordingTerms:
        """Return what holds for recordings of a call now."""
        side = self._policy.headset(call.serial)
        return RecordingTerms() if side is None else RecordingTerms(*self._policy.kept_recordings(side))

    def changed(
        self, turn: RecordingTurn, before: Call, call: Call, *, by: str, why: str, at: datetime
    ) -> Iterator[AuditRecord]:
        """Keep what a change of a call means for its recordings; yield what belongs into the audit log.

        Args:
            turn: The transaction.
            before, call: The call before and after.
            by: The seat through which it changed; empty for the server.
            why: Why the server stops a recording.
            at: When.
        """
        acts = tuple(acts_of(before, call, by=by, at=at))
        turn.consents(acts)
        if call.consent.state is Recording.ON and call.consent.by == before.consent.by:
            return
        for one in turn.going_on():
            withdrew = any(act.act is ConsentAct.WITHDREW for act in acts)
            yield self._end(turn, call, one, withdrew=withdrew, why=why or _why(acts, call), at=at)

    def _end(
        self, turn: RecordingTurn, call: Call, one: OpenRecording, *, withdrew: bool, why: str, at: datetime
    ) -> AuditRecord:
        terms = self.terms_of(call)
        mark = self._keys.open(one.id, one.key).close(one.next)
        until = at + timedelta(days=terms.days)
        turn.end(one.id, mark, why=why, until=until, at=at)
        dropped = withdrew and terms.drops
        if dropped:
            turn.forget(one.id, why=WITHDRAWN, at=at)
        return AuditRecord(
            "server",
            str(Action.ANSWER_CALLS),
            f"recording:{one.id}",
            call.client,
            {"act": "recording-ended", "call": call.id, "why": why, "chunks": one.next, "deleted": dropped},
        )


def acts_of(before: Call, call: Call, *, by: str, at: datetime) -> Iterator[ConsentRecord]:
    """Yield what parties did between two moments of a call."""
    was, now = before.consent, call.consent
    asks = was.state is Recording.NONE or (now.by != was.by and now.state is not Recording.NONE)
    for party in now.answers:
        if asks and party == now.by:
            yield ConsentRecord(party, ConsentAct.ASKED, CONSENT_TEXT, at)
        elif party not in was.answers:
            yield ConsentRecord(party, ConsentAct.AGREED, CONSENT_TEXT, at)
    if was.state is not Recording.NONE and now.state is Recording.NONE and not call.is_over:
        yield ConsentRecord(by, _act(before, by), CONSENT_TEXT, at)


def _act(before: Call, by: str) -> ConsentAct:
    """Say what it was that ended a recording: whoever wanted it stops it, others take back what they said."""
    if by in ("", before.consent.by):
        return ConsentAct.STOPPED
    return ConsentAct.WITHDREW if by in before.consent.answers else ConsentAct.REFUSED


def _why(acts: tuple[ConsentRecord, ...], call: Call) -> str:
    if call.is_over:
        return "call-ended"
    return next((str(act.act) for act in acts if act.act not in (ConsentAct.ASKED, ConsentAct.AGREED)), "joined")
