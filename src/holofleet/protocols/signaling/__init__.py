"""Signaling of calls: the messages of a call's socket, and the rules of a call as a pure state machine.

What lives here: messages with their sizes (``messages.py``, ``codec.py``), the parties of a call (``parties.py``),
what may happen to it when (``call.py``), consent to a recording (``consent.py``), and how a party sees it
(``views.py``). What does not: sockets, storage, a clock of its own, and who may call whom. Start reading at
``call.py``; ``docs/assist-protocol.md`` describes the same for whoever writes another client.
"""

from holofleet.protocols.signaling.call import Call, CallState, Ending, NotNowError, Timers
from holofleet.protocols.signaling.codec import MessageError, read, write
from holofleet.protocols.signaling.consent import Consent, Recording
from holofleet.protocols.signaling.limits import (
    CLOSE_RATE,
    CLOSE_REFUSED,
    CLOSE_REPLACED,
    CLOSE_SIGNED_OUT,
    CLOSE_SLOW,
    CLOSE_UNREADABLE,
    MESSAGE_BYTES,
    SUBPROTOCOL,
    VERSION,
)
from holofleet.protocols.signaling.parties import Holder, PartyKind, Seat, SeatState
from holofleet.protocols.signaling.stored import call_from_json, call_to_json
from holofleet.protocols.signaling.views import Permitted, call_view, party_view

__all__ = [
    "CLOSE_RATE",
    "CLOSE_REFUSED",
    "CLOSE_REPLACED",
    "CLOSE_SIGNED_OUT",
    "CLOSE_SLOW",
    "CLOSE_UNREADABLE",
    "MESSAGE_BYTES",
    "SUBPROTOCOL",
    "VERSION",
    "Call",
    "CallState",
    "Consent",
    "Ending",
    "Holder",
    "MessageError",
    "NotNowError",
    "PartyKind",
    "Permitted",
    "Recording",
    "Seat",
    "SeatState",
    "Timers",
    "call_from_json",
    "call_to_json",
    "call_view",
    "party_view",
    "read",
    "write",
]
