"""Calls in the audit log: that one began, and how it ended. People stand there by their ids."""

from __future__ import annotations

from typing import Any

from holofleet.protocols.signaling import Call, PartyKind
from holofleet.server.assist.values import Party
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action


def audit_of_beginning(call: Call, party: Party) -> AuditRecord:
    """Return the record of a call that begins."""
    return AuditRecord(
        party.actor,
        str(Action.PLACE_CALL if party.kind is PartyKind.HEADSET else Action.ANSWER_CALLS),
        f"headset:{call.serial}",
        call.client,
        {"act": "call", "call": call.id, "rota": call.rota, **_people(call)},
    )


def audit_of_end(call: Call) -> AuditRecord:
    """Return the record of a call that ended."""
    ending = call.ending
    by = call.seat(ending.by) if ending is not None and ending.by else None
    lasted = (ending.at - call.started_at).total_seconds() if ending and call.started_at else 0
    return AuditRecord(
        "server",
        str(Action.PLACE_CALL),
        f"headset:{call.serial}",
        call.client,
        {
            "act": "call-ended",
            "call": call.id,
            "reason": ending.reason if ending is not None else "",
            "by": str(by.kind) if by is not None else "",
            "seconds": round(lasted),
            "parties": [str(seat.kind) for seat in call.seats],
            **_people(call),
        },
    )


def _people(call: Call) -> dict[str, Any]:
    """Return who took part, by ids, which lead to nobody once a person is erased; guests by their links."""
    experts = dict.fromkeys(seat.key for seat in call.seats if seat.kind is PartyKind.EXPERT)
    holder = next((seat.holder.key for seat in call.seats if seat.holder.key), "")
    guests = [seat.key for seat in call.seats if seat.kind is PartyKind.GUEST]
    return {"experts": list(experts), "holder": holder, **({"guests": guests} if guests else {})}
