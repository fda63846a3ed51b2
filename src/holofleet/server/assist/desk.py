"""The one place where a message of a socket comes in: to the room whose work it is, and its answer back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from holofleet.clock import Clock
from holofleet.protocols.signaling import Call, PartyKind, messages
from holofleet.protocols.signaling import limits as sizes
from holofleet.protocols.signaling.views import ms
from holofleet.server.assist.calls import CallService
from holofleet.server.assist.experts import ExpertSearch
from holofleet.server.assist.signals import SIGNALS, SignalService
from holofleet.server.assist.store import CallStore
from holofleet.server.assist.talk import TalkService
from holofleet.server.assist.values import Outcome, Party, Refusal

if TYPE_CHECKING:
    from holofleet.server.assist.guests import GuestLobby

_LIMITS: Final = {
    "message_bytes": sizes.MESSAGE_BYTES,
    "sdp_bytes": sizes.SDP_BYTES,
    "chat": sizes.CHAT_LETTERS,
    "file_bytes": sizes.FILE_BYTES,
    "marks": sizes.MARKS_AT_ONCE,
    "messages_per_s": 30,
}
_PAGES = {PartyKind.HEADSET: "headset", PartyKind.EXPERT: "expert", PartyKind.GUEST: "guest"}
Handler = Callable[[Party, Any], Outcome]


class AssistDesk:
    """Takes messages. What is refused is an answer; nothing that a client can say raises."""

    def __init__(
        self,
        calls: CallService,
        talk: TalkService,
        experts: ExpertSearch,
        store: CallStore,
        clock: Clock,
        lobby: GuestLobby | None = None,
    ) -> None:
        self.calls = calls
        self.signals = SignalService(store, clock)
        self._store = store
        self._clock = clock
        self._handlers: dict[type[messages.Message], Handler] = {
            messages.Hello: self.hello,
            messages.Ping: lambda party, message: Outcome({"type": "pong"}),
            messages.Pong: lambda party, message: Outcome({"type": "done"}),
            messages.PresenceSet: experts.presence,
            messages.ExpertsList: experts.listed,
            messages.FavouriteSet: experts.favourite,
            messages.CallInvite: calls.invite,
            messages.CallAccept: calls.accept,
            messages.CallDecline: calls.decline,
            messages.CallCancel: calls.cancel,
            messages.CallConnected: calls.connected,
            messages.CallLost: calls.lost,
            messages.CallLeave: calls.leave,
            messages.CallEnd: calls.end,
            messages.CallAdd: calls.add,
            messages.CallHandOver: calls.hand_over,
            messages.CallMedia: calls.media,
            messages.CallAbout: calls.about,
            messages.RecordAsk: calls.ask_to_record,
            messages.RecordAnswer: calls.answer_recording,
            messages.RecordStop: calls.stop_recording,
            **dict.fromkeys(SIGNALS, self.signals.take),
            messages.TurnGet: talk.relay,
            messages.ChatSend: talk.chat,
            messages.FileOffer: talk.file,
            messages.MarksCopy: talk.marks,
            messages.Quality: talk.quality,
            messages.CheckReport: talk.check,
        }
        if lobby is not None:
            self._handlers |= {
                messages.GuestKnock: lobby.knock,
                messages.GuestsList: lobby.listed,
                messages.GuestAdmit: lobby.admit,
                messages.GuestRefuse: lobby.refuse,
                messages.GuestWithdraw: lobby.withdraw,
            }

    def take(self, party: Party, message: messages.Message) -> Outcome:
        """Do what a message asks, and return the answer to it."""
        try:
            return self._handlers[type(message)](party, message)
        except Refusal as refusal:
            return Outcome(refusal.answer)

    def hello(self, party: Party, message: messages.Hello) -> Outcome:
        """Welcome a page: who it is, what it may do, and the calls that it is in.

        Raises:
            Refusal: the page is not of this party's kind.
        """
        if message.page != _PAGES[party.kind]:
            raise Refusal("page", "This page is not for you.")
        calls = self._store.calls_of(party.who)
        for call in calls:
            seat = call.seat_of(party.who)
            if seat is not None and seat.has_accepted:
                self.calls.apply(call.id, partial(_back, seat=seat.id, clock=self._clock))
        calls = self._store.calls_of(party.who)
        shown = [self.calls.teller.view(call, seat) for call in calls if (seat := call.seat_of(party.who))]
        return Outcome(
            {
                "type": "welcome",
                "me": {
                    "key": party.key,
                    "kind": str(party.kind),
                    "name": party.name,
                    "label": party.label,
                    "serial": party.serial,
                    "holder": {
                        "name": party.holder.name,
                        "method": party.holder.method,
                        "assurance": party.holder.assurance,
                        "at": ms(party.holder.at),
                    },
                },
                "now": ms(self._clock.now()),
                "calls": shown,
                "limits": _LIMITS,
            },
            tuple(call.id for call in calls),
        )


def _back(call: Call, *, seat: str, clock: Clock) -> Call:
    return call.back(seat, clock.now()) if call.seat(seat).has_accepted else call
