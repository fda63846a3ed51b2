"""Recognition: which headset is this? Its serial was read over DM; now it is adopted or quarantined.

The serial is still only what the headset says of itself. It is adopted when the published fleet has it in the
deployment that the credential named and no living enrollment holds it. Everything else waits for a person.
"""

from __future__ import annotations

from holofleet.server.compliance import Compliance
from holofleet.server.events import EventKind
from holofleet.server.management.draft import Draft
from holofleet.server.management.exchange import SerialFacts
from holofleet.server.management.filling import Filling
from holofleet.server.management.row import TenantLock
from holofleet.server.standing import Standing


def recognize(draft: Draft, serial: str, facts: SerialFacts) -> None:
    """Decide what an enrollment is that says this serial."""
    row = draft.row
    if draft.standing is not Standing.ACTIVE:
        if serial and row.serial is None:
            draft.values["serial"] = serial
        return
    if row.serial is not None:
        if serial and serial != row.serial:
            _quarantine(draft, f"it said {row.serial} before and says {serial} now")
        return
    if not serial:
        _quarantine(draft, "it does not say its serial")
        return
    draft.values["serial"] = serial
    headset = facts.headset
    if headset is None or headset.removed or facts.client != row.client:
        _quarantine(draft, "the fleet has no headset with this serial")
    elif headset.deployment != row.deployment:
        _quarantine(draft, f"its credential was for deployment {row.deployment}, its serial is in another one")
    elif facts.holder is not None and facts.holder.enrollment != row.id and not facts.holder.free:
        _quarantine(draft, "a living enrollment holds this serial")
    else:
        _adopt(draft, serial, facts)


def _adopt(draft: Draft, serial: str, facts: SerialFacts) -> None:
    draft.values["held_serial"] = serial
    if facts.holder is not None and facts.holder.enrollment != draft.row.id:
        draft.take_over = facts.holder.enrollment
        if facts.holder.locked and draft.lock is TenantLock.NEVER:
            draft.lock = TenantLock.LOCKED  # it is the same headset, and a reset does not unlock it
    draft.headset = facts.headset
    variables = facts.headset.variables if facts.headset else {}
    draft.filling = Filling(variables, draft.filling.resolver, draft.filling.seed)
    draft.ledger.expected = draft.filling.expected
    draft.tell(EventKind.RECOGNIZED)


def _quarantine(draft: Draft, reason: str) -> None:
    draft.standing = Standing.QUARANTINED
    draft.values["standing_reason"] = reason
    draft.values["held_serial"] = None
    draft.values["compliance"] = Compliance.QUARANTINED
    draft.headset = None
    draft.tell(EventKind.QUARANTINED, reason=reason)
