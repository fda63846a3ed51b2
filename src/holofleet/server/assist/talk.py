"""What parties of a call say to each other through the server: chat, files, marks (signals: ``signals.py``).

The server passes on only fields that it knows, only between parties of one call that have accepted it, and only
what the switches of the call allow. What media says is never here: it goes from browser to browser.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from holofleet.clock import Clock
from holofleet.protocols.signaling import Call, PartyKind, Permitted, Seat, messages
from holofleet.server.assist import turn as relays
from holofleet.server.assist.signals import seated
from holofleet.server.assist.store import CallStore, NewFile, Turn
from holofleet.server.assist.telling import Teller
from holofleet.server.assist.turn import TurnServers
from holofleet.server.assist.values import DONE, Outcome, Party, Refusal

FILE_TYPES: Final = frozenset(
    {"image/jpeg", "image/png", "image/bmp", "image/tiff", "image/gif", "image/webp", "application/pdf"}
)
"""No SVG and no HTML: both run scripts (SECURITY AST-3)."""
RELAYS_PER_SEAT: Final = 20
"""Credentials that one party of a call gets in :data:`RELAY_WINDOW_S`."""
RELAY_WINDOW_S: Final = 60
_MARK_ID = re.compile(r"[0-9A-Za-z]{1,26}\Z")
Said = Callable[[Turn, Call, Seat, datetime], Mapping[str, Any]]


class TalkService:
    """Passes on what is said in a call, and keeps what has to be kept."""

    def __init__(self, store: CallStore, teller: Teller, clock: Clock, servers: TurnServers | None = None) -> None:
        self._store = store
        self._teller = teller
        self._clock = clock
        self._servers = servers or TurnServers()
        self._given: dict[tuple[str, str], list[float]] = {}

    def relay(self, party: Party, message: messages.TurnGet) -> Outcome:
        """Give credentials for relays to a party of a call that was answered, or to a headset that checks its way.

        Raises:
            Refusal: it was not, or the party asks too often.
        """
        if not message.call:
            return self._relay_for_check(party)
        call, seat = seated(self._store.call(message.call), party)
        others = [one for one in call.present if one.has_accepted and one.id != seat.id]
        if not others:
            raise Refusal("not-now", "Relays are for calls that were answered.")
        now = self._clock.now()
        self._count_relay(call.id, seat.id, now.timestamp())
        found = relays.answer(self._servers, call=call.id, party=seat.id, client=call.client, now=now)
        return Outcome({**found, "call": call.id})

    def _relay_for_check(self, party: Party) -> Outcome:
        if party.kind is not PartyKind.HEADSET:
            raise Refusal("not-now", "The check before a call is for headsets.")
        now = self._clock.now()
        self._count_relay("", party.who, now.timestamp())
        # A relay counts what each user holds, and a closed address for a while longer: each check is a user.
        once = f"{secrets.token_hex(4)}:check"
        return Outcome(relays.answer(self._servers, call=once, party=party.key, client="own", now=now))

    def _count_relay(self, call: str, seat: str, now_s: float) -> None:
        key = (call, seat)
        recent = [at for at in self._given.get(key, ()) if now_s - at < RELAY_WINDOW_S]
        if len(recent) >= RELAYS_PER_SEAT:
            raise Refusal("rate", "Too many relays were asked for; wait a minute.")
        if len(self._given) > 10_000:
            self._given.clear()
        self._given[key] = [*recent, now_s]

    def chat(self, party: Party, message: messages.ChatSend) -> Outcome:
        """Tell everybody in the call what somebody wrote.

        Raises:
            Refusal: the call does without chat.
        """

        def said(turn: Turn, call: Call, seat: Seat, now: datetime) -> Mapping[str, Any]:
            self._require(call, "chat", "This call does without chat.")
            body = {"call": call.id, "from": seat.id, "text": message.text, "t": int(now.timestamp() * 1000)}
            turn.chat(seat.id, message.text, at=now)
            self._tell_all(turn, call, "chat", body, now)
            return DONE

        return self._say(party, message, said)

    def file(self, party: Party, message: messages.FileOffer) -> Outcome:
        """Allow a file to go from browser to browser, and tell the others what will come.

        Raises:
            Refusal: the call does without files, or files of this type are not sent.
        """

        def said(turn: Turn, call: Call, seat: Seat, now: datetime) -> Mapping[str, Any]:
            self._require(call, "files", "This call does without files.")
            if seat.kind is PartyKind.GUEST:
                raise Refusal("assist.forbid", "Guests send no files.")
            file = message.file
            if file.type not in FILE_TYPES:
                raise Refusal("file-type", "Only pictures and PDF documents are sent.")
            turn.file(seat.id, NewFile(file.id, file.name, file.type, file.size, file.sha256), at=now)
            body = {"call": call.id, "from": seat.id, "file": file.model_dump(mode="json")}
            self._tell_all(turn, call, "file", body, now, but=seat.id)
            return {"type": "file.allowed", "call": call.id, "file": file.id}

        return self._say(party, message, said)

    def marks(self, party: Party, message: messages.MarksCopy) -> Outcome:
        """Count events of marks and keep them for who joins later; after the call only where it keeps snapshots.

        Raises:
            Refusal: an event has no id, or is of another author.
        """

        def said(turn: Turn, call: Call, seat: Seat, now: datetime) -> Mapping[str, Any]:
            for event in message.events:
                self._judge_mark(event, call, seat)
            turn.marks(message.events, kept=True, at=now)
            return DONE

        return self._say(party, message, said)

    @staticmethod
    def _judge_mark(event: Mapping[str, Any], call: Call, seat: Seat) -> None:
        key = event.get("id")
        if not isinstance(key, str) or not _MARK_ID.match(key):
            raise Refusal("malformed", "A mark has an id of letters and digits.")
        if event.get("call", call.id) != call.id:
            raise Refusal("malformed", "This mark is of another call.")
        # An expert copies what came to it from the headset, too; a headset and a guest only what is their own.
        author = event.get("author")
        known = {one.id for one in call.seats}
        if author not in known or (seat.kind is not PartyKind.EXPERT and author != seat.id):
            raise Refusal("malformed", "This mark is somebody else's.")

    def quality(self, party: Party, message: messages.Quality) -> Outcome:
        """Keep how the media of a party was."""

        def said(turn: Turn, call: Call, seat: Seat, now: datetime) -> Mapping[str, Any]:
            turn.quality(
                seat.id, (sample.model_dump(mode="json", exclude_none=True) for sample in message.samples)
            )
            return DONE

        return self._say(party, message, said)

    def check(self, party: Party, message: messages.CheckReport) -> Outcome:
        """Keep what a check before a call found, at the headset on which it ran; the newest is shown.

        Raises:
            Refusal: it is no headset that says so.
        """
        if party.kind is not PartyKind.HEADSET:
            raise Refusal("not-now", "Checks are kept for headsets.")
        found = message.model_dump(mode="json", exclude={"v", "id", "type"}, exclude_none=True)
        self._store.keep_check(party.client, party.serial, found, at=self._clock.now())
        return Outcome(DONE)

    # Within

    def _say(self, party: Party, message: messages.OfCall, said: Said) -> Outcome:
        """Do something in the call of a party, in one transaction, once for each message.

        Raises:
            Refusal: it is not the party's call, or the party has not accepted it.
        """
        now = self._clock.now()
        with self._store.turn(message.call) as turn:
            done = turn.answered(party.who, message.id)
            if done is not None:
                return Outcome(done)
            call, seat = seated(turn.call, party)
            answer = said(turn, call, seat, now)
            turn.remember(party.who, message.id, answer, at=now)
        return Outcome(answer, (message.call,))

    def _require(self, call: Call, what: str, words: str) -> None:
        permitted: Permitted = self._teller.permitted(call)
        if not getattr(permitted, what):
            raise Refusal("assist.forbid", words)

    @staticmethod
    def _tell_all(
        turn: Turn, call: Call, kind: str, body: Mapping[str, Any], now: datetime, *, but: str = ""
    ) -> None:
        for seat in call.present:
            if seat.has_accepted and seat.id != but:
                turn.tell(seat.id, kind, body, at=now)
