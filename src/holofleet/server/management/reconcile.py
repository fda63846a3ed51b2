"""Reconcile: from what a headset is and what it shall be to what is said to it now.

What is *due*: a document that was not given yet, a node that is not confirmed, an order, a read-back that is
older than the deployment allows. When nothing is due nothing is said and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

from holofleet.server.compliance import SettingStatus
from holofleet.server.events import EventKind
from holofleet.server.management.draft import Draft
from holofleet.server.management.exchange import FindOrders, OpenOrders, Request, Steps
from holofleet.server.management.prepared import NOTHING, TENANT_LOCK, PreparedDocument, is_on
from holofleet.server.management.row import TenantLock
from holofleet.server.management.saying import Saying
from holofleet.server.orders import DESTRUCTIVE, Order, OrderKind, OrderStatus
from holofleet.server.standing import Standing

MAX_MESSAGES = 50
MAX_SESSION_US = 30 * 60_000_000
"""Limits of one session (SECURITY 5.5)."""
DEFAULT_VERIFY_H = 24
SPREAD = 0.25
"""Read-backs of a fleet that enrolled in one hour are spread over this part of their interval. Ours."""

Documents = Callable[[str], Generator[Request, Any, PreparedDocument]]


def reconcile(
    draft: Draft, saying: Saying, *, documents: Documents, epoch: int, frozen: Callable[[], bool]
) -> Steps:
    """Fill the answer with what is due."""
    if session_is_long(draft) or draft.released or not draft.standing.living:
        return
    orders: tuple[Order, ...] = ()
    if draft.row.open_orders:
        found: OpenOrders = yield FindOrders(draft.row.id)
        orders = _usable(draft, found, epoch, frozen=found.frozen or frozen())
    leaving = next((order for order in orders if order.kind in DESTRUCTIVE), None)
    if leaving is not None:
        _leave(draft, saying, leaving)
        saying.finish()
        return
    if draft.standing in (Standing.QUARANTINED, Standing.CONFLICT):
        if draft.serial is None and not draft.cursor.asked:
            saying.inventory()
    elif draft.standing is Standing.ACTIVE:
        yield from _settings(draft, saying, documents, orders)
    saying.finish()
    for order in orders:
        if order.kind is OrderKind.REBOOT:
            saying.exec(order)


def is_converged(draft: Draft) -> bool:
    """Whether the headset is known to have its own document, with nothing open, drifted or refused."""
    headset = draft.headset
    return (
        headset is not None
        and draft.ledger.document.hash == headset.document_hash
        and draft.serial is not None
        and draft.ledger.converged
    )


def _usable(draft: Draft, found: OpenOrders, epoch: int, *, frozen: bool) -> tuple[Order, ...]:
    """Return the orders that may be sent now; those past their life are closed.

    An order of another epoch was made before a backup was restored and waits until it is confirmed (D6); a lost
    headset gets its wipe and nothing else (D3).
    """
    usable = []
    for order in found.orders:
        known = draft.orders.get(order.id)
        status = known.after if known is not None else order.status
        if status is not OrderStatus.QUEUED:
            continue
        if order.expires_at <= draft.now:
            draft.move_order(order.id, order.kind, OrderStatus.QUEUED, OrderStatus.EXPIRED, "not sent in time")
        elif order.epoch == epoch and not frozen and known is None:
            usable.append(order)
    if draft.standing is Standing.LOST:
        return tuple(order for order in usable if order.kind is OrderKind.WIPE)
    return tuple(usable)


def _leave(draft: Draft, saying: Saying, order: Order) -> None:
    """Say a wipe or an unenrollment, or first set the tenant lock to false and have it confirmed.

    A locked headset without an Autopilot profile would be stuck in its first start. Only a lost one is wiped as
    it is: whoever holds it shall not get past the lock.
    """
    if draft.lock is TenantLock.LOCKED and draft.standing is not Standing.LOST:
        saying.release_lock()
    elif order.kind is OrderKind.RETIRE:
        draft.move_order(order.id, order.kind, OrderStatus.QUEUED, OrderStatus.DONE, "retired")
        draft.release("retired")
        draft.standing = Standing.RETIRED
        draft.values["ended_at"] = draft.now
        draft.tell(EventKind.RETIRED, reason=order.reason)
    else:
        saying.exec(order)


def _settings(draft: Draft, saying: Saying, documents: Documents, orders: tuple[Order, ...]) -> Steps:
    wanted = _wanted(draft)
    if wanted is None:
        return
    cursor, ledger = draft.cursor, draft.ledger
    if wanted != ledger.document.hash:
        first = ledger.document is NOTHING
        document = yield from documents(wanted)
        ledger.rebase(document)
        # A read-back in which something was still to be asked for begins anew.
        cursor.verifying = first or (cursor.verifying and not cursor.unread)
        cursor.unread = []
    _refill(draft)
    ledger.gate()
    syncs = [order for order in orders if order.kind is OrderKind.SYNC]
    _finish_verifying(draft, syncs)
    starting = not cursor.verifying and not cursor.verified and (syncs or _verify_due(draft))
    if starting:
        _start_verifying(draft)
    if not cursor.asked and (starting or draft.serial is None):
        saying.inventory()
    saying.settings()


def _wanted(draft: Draft) -> str | None:
    """Return the hash of the document that the headset shall have, or ``None`` to leave it as it is."""
    if draft.serial is None:
        return draft.row.common_hash
    if draft.headset is None or draft.headset.removed:
        return None
    return draft.headset.document_hash


def _refill(draft: Draft) -> None:
    """Open settings again whose filling changed: a rotated secret, another account; and a lock to be set again."""
    ledger = draft.ledger
    for setting in ledger.document.filled:
        entry = ledger.entries.get(setting.uri)
        if entry is not None and entry.status is not SettingStatus.COMPLIANT:
            continue
        for need in setting.needs:
            now = draft.filling.fingerprint(need)
            if now is not None and draft.fingerprints.get(need) != now:
                ledger.renew(setting)
                break
    lock = ledger.document.by_uri.get(TENANT_LOCK)
    if lock is not None and draft.lock is TenantLock.RELEASED and is_on(lock.setting.data):
        ledger.renew(lock)


def _verify_due(draft: Draft) -> bool:
    verified = draft.row.verified_at
    if verified is None or verified > draft.now:  # the clock was ahead
        return True
    every_h = draft.headset.verify_every_h if draft.headset else DEFAULT_VERIFY_H
    share = int(draft.row.id[:4], 16) / 0x10000
    return draft.now >= verified + timedelta(hours=every_h * (1 - SPREAD * share))


def _start_verifying(draft: Draft) -> None:
    cursor, ledger = draft.cursor, draft.ledger
    cursor.verifying = True
    ledger.give_another_chance(SettingStatus.REFUSED)
    cursor.unread = [
        setting.index
        for setting in ledger.document.settings
        if setting.facts.readable
        and (not setting.for_user or cursor.user)
        and not ((entry := ledger.entries.get(setting.uri)) and entry.open)
    ]


def _finish_verifying(draft: Draft, syncs: list[Order]) -> None:
    cursor = draft.cursor
    if not cursor.verifying or cursor.unread or cursor.message <= cursor.sent_in or not cursor.sent_in:
        return
    cursor.verifying = False
    cursor.verified = True
    draft.values["verified_at"] = draft.now
    for order in syncs:
        draft.move_order(order.id, order.kind, OrderStatus.QUEUED, OrderStatus.DONE, "everything was read back")


def session_is_long(draft: Draft) -> bool:
    """Tell whether a session reached its limits, so that nothing more is said in it."""
    cursor = draft.cursor
    return cursor.message > MAX_MESSAGES or draft.now_us - cursor.opened > MAX_SESSION_US
