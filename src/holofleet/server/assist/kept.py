"""The values of a call that are kept, for storage, which knows the server and not what is said on sockets."""

from holofleet.protocols.signaling import (
    Call,
    Holder,
    PartyKind,
    Seat,
    SeatState,
    call_from_json,
    call_to_json,
)

__all__ = ["Call", "Holder", "PartyKind", "Seat", "SeatState", "call_from_json", "call_to_json"]
