"""Leaving a message, and finding it.

A message is for people whom the headset may call, at any hour; the same rules are asked again whenever it is read,
so that a barrier that came later shuts it too (SECURITY AST-1). Nobody else sees what is in it: who may read
records of calls sees that there is one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from holofleet.clock import Clock
from holofleet.errors import InputError, RefusedError
from holofleet.server.assist.left.store import LeftStore
from holofleet.server.assist.left.values import (
    PHRASES,
    PICTURE_BYTES,
    VOICE_BYTES,
    VOICE_S,
    WAITING,
    Draft,
    LeftMessage,
    Part,
    PartKind,
    SealedPart,
)
from holofleet.server.assist.policy import CallPolicy, Side
from holofleet.server.assist.store import Parties
from holofleet.server.assist.values import Party
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, nothing_here, permit
from holofleet.server.sealing import Context, DamagedError, SealedBox, SealingKey

PAGE: Final = 50
_RESTORE = "Restore keys/ and the database from one and the same backup."
_KEY = re.compile(r"[A-Za-z0-9-]{16,64}\Z")
_FORMS: Final = {
    PartKind.PICTURE: ({"image/jpeg": (b"\xff\xd8\xff",)}, PICTURE_BYTES),
    PartKind.VOICE: (
        {"audio/webm": (b"\x1a\x45\xdf\xa3",), "audio/ogg": (b"OggS",)},
        VOICE_BYTES,
    ),
}
"""What may come as each part: its types with how their bytes begin, and the most bytes."""


class LeftMessages:
    """Messages left for experts."""

    def __init__(
        self,
        store: LeftStore,
        policy: CallPolicy,
        parties: Parties,
        clock: Clock,
        *,
        key: SealingKey,
    ) -> None:
        """Take what is needed; ``key``: seals what was left, and is not in the database."""
        self._store = store
        self._policy = policy
        self._parties = parties
        self._clock = clock
        self._key = key

    # From a headset

    def leave(self, serial: str, draft: Draft) -> LeftMessage:
        """Keep a message of a headset for a person, or for those who answer.

        Raises:
            InputError: nothing is in it, or what is in it is not what it says.
            RefusedError: there is nobody to whom this headset may leave one, or too many wait already.
        """
        _check(draft)
        side, party = self._policy.headset(serial), self._parties.headset(serial)
        if side is None or party is None:
            raise RefusedError("this headset takes part in no calls")
        people, name = self._people(side, draft)
        now = self._clock.now()
        if self._store.waiting(serial) >= WAITING:
            raise RefusedError(
                f"{WAITING} messages of this headset wait already",
                mend="An expert has to look at them before more can be left.",
            )
        chat_days, _ = self._policy.kept_days(side)
        message = LeftMessage(
            id=hashlib.sha256(f"{serial}\x00{draft.key}".encode()).hexdigest()[:32],
            client=party.client,
            serial=serial,
            label=party.label,
            holder=party.holder.name,
            holder_person=party.holder.key,
            to=name,
            to_person=draft.to,
            phrases=tuple(dict.fromkeys(draft.phrases)),
            parts=tuple(sorted(part.kind for part in draft.parts)),
            voice_s=draft.voice_s,
            left_at=now,
            kept_until=now + timedelta(days=max(1, chat_days)),
        )
        sealed = [self._seal(message.id, part) for part in draft.parts]
        record = _audit(party.actor, Action.PLACE_CALL, message, "message-left", people=list(people))
        sides = self._policy.segments(headset=serial, people=(party.holder.key, draft.to or ""))
        self._store.put(message, people, sealed, record, sides=sides)
        return message

    def _people(self, headset: Side, draft: Draft) -> tuple[tuple[str, ...], str]:
        """Return whom a draft reaches, with their name for the record.

        Raises:
            RefusedError: nobody, in the same words for whoever may not be found and whoever does not exist.
        """
        verdict = self._policy.leaves(headset)
        if not verdict.allowed:
            raise RefusedError(verdict.words)
        if not draft.to:
            people, title = self._policy.reached(headset, rota=draft.rota)
            if not people:
                raise RefusedError("Nobody answers calls of this headset.")
            return people, title or "Any expert"
        theirs = self._policy.expert(draft.to)
        if theirs is None or not self._policy.stands((headset, theirs)).allowed:
            raise RefusedError("Nobody of that name can be called from here.")
        return (theirs.key,), theirs.name or theirs.upn

    # To an expert

    def mine(self, party: Party) -> Sequence[LeftMessage]:
        """Return the messages for an expert whom the rules still let meet the headset; those that wait first."""
        found = self._store.of_person(party.key, now=self._clock.now())
        meets = {serial: self._meets(party.key, serial) for serial in {one.serial for one in found}}
        return tuple(one for one in found if meets[one.serial])

    def part(self, party: Party, message_id: str, kind: PartKind) -> Part:
        """Return a picture or a voice note of a message that is for an expert.

        Raises:
            NotFoundError: no such message for them.
            DamagedError: it is not what was left; the audit log has it.
        """
        message = self._one(party, message_id)
        found = self._store.part(party.key, message_id, kind, now=self._clock.now())
        if found is None:
            raise nothing_here()
        try:
            content = self._key.open(SealedBox.parse(found.sealed), context=_context(message_id, kind, found.type))
        except DamagedError as error:
            record = _audit(party.actor, Action.ANSWER_CALLS, message, "message-damaged", part=str(kind))
            self._store.note(record, at=self._clock.now())
            raise error.named(f"the {kind} of this message is damaged", mend=_RESTORE) from error
        return Part(found.kind, found.type, content)

    def take(self, party: Party, message_id: str) -> LeftMessage:
        """An expert sees to a message; the others for whom it is see that.

        Raises:
            NotFoundError: no such message for them.
            RefusedError: somebody else does already.
        """
        message = self._one(party, message_id)
        record = _audit(party.actor, Action.ANSWER_CALLS, message, "message-taken")
        sides = self._policy.segments(people=(party.key,))
        taken = self._store.take(party.key, message_id, at=self._clock.now(), audit=record, sides=sides)
        if not taken and message.taken_by != party.key:
            raise RefusedError(f"{message.taken_name or 'Somebody else'} sees to this message already.")
        return message

    def drop(self, party: Party, message_id: str) -> None:
        """Delete a message that is done, for everybody.

        Raises:
            NotFoundError: no such message for them.
        """
        message = self._one(party, message_id)
        record = _audit(party.actor, Action.ANSWER_CALLS, message, "message-deleted")
        self._store.drop(party.key, message_id, at=self._clock.now(), audit=record)

    def _one(self, party: Party, message_id: str) -> LeftMessage:
        found = next((one for one in self.mine(party) if one.id == message_id), None)
        if found is None:
            raise nothing_here()
        return found

    def _meets(self, person: str, serial: str) -> bool:
        headset, expert = self._policy.headset(serial), self._policy.expert(person)
        return headset is not None and expert is not None and self._policy.stands((headset, expert)).allowed

    # Records

    def listed(
        self, principal: Principal, *, after: str = "", limit: int = PAGE
    ) -> tuple[Sequence[LeftMessage], str]:
        """List messages that the principal may know of, newest first, and say where the next page begins.

        Raises:
            RefusedError: the principal may not read calls.
        """
        permit(principal, Action.READ_CALLS, Target.installation()).require()
        return self._store.listed(principal.scope, after=after, limit=limit)

    def _seal(self, message_id: str, part: Part) -> SealedPart:
        box = self._key.seal(part.content, context=_context(message_id, part.kind, part.type))
        return SealedPart(part.kind, part.type, len(part.content), bytes(box))


def _check(draft: Draft) -> None:
    """Refuse what the page would never send.

    Raises:
        InputError: naming what.
    """
    if not _KEY.match(draft.key):
        raise InputError("the message has no name of its own")
    if not draft.parts and not draft.phrases:
        raise InputError("the message is empty", mend="Take a picture, record your voice, or choose words.")
    if unknown := set(draft.phrases) - set(PHRASES):
        raise InputError(f"these words are not on the list: {', '.join(sorted(unknown))}")
    if len({part.kind for part in draft.parts}) != len(draft.parts):
        raise InputError("a message has one picture and one voice note at most")
    if not 0 <= draft.voice_s <= VOICE_S:
        raise InputError(f"a voice note is {VOICE_S} seconds long at most")
    for part in draft.parts:
        known, most = _FORMS[part.kind]
        if len(part.content) > most:
            raise InputError(f"the {part.kind} is larger than {most // 1024} KiB")
        if not any(part.content.startswith(begins) for begins in known.get(part.type, ())):
            raise InputError(f"the {part.kind} is not what it says")


def _context(message_id: str, kind: PartKind, content_type: str) -> Context:
    return ("message left", message_id, str(kind), content_type)


def _audit(actor: str, action: Action, message: LeftMessage, act: str, **more: Any) -> AuditRecord:
    return AuditRecord(
        actor,
        str(action),
        f"headset:{message.serial}",
        message.client,
        {"act": act, "message": message.id, "parts": [str(kind) for kind in message.parts], **more},
    )
