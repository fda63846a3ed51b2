"""Orders to several headsets: the exact list first, then orders, or a request where a second person is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from holofleet.errors import ConflictError, InputError
from holofleet.server.approvals.service import ApprovalService
from holofleet.server.approvals.values import Approval, Subject, hash_of
from holofleet.server.authorization import Principal
from holofleet.server.fleet import FleetService, HeadsetQuery
from holofleet.server.orders import DESTRUCTIVE, Order, OrderKind, OrderService
from holofleet.server.orders.service import OrderTarget, unfit

MOST = 1_000
"""Headsets of one call; ours: their orders are one transaction, which must not keep check-ins waiting for long."""
KINDS = (OrderKind.SYNC, OrderKind.REBOOT, OrderKind.WIPE, OrderKind.UNENROLL)
_UNSEEN = "no enrolled headset that you may see has this serial"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A headset that was named or found, and gets no order."""

    serial: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would reach: the exact list, by its hash.

    ``second_person`` says why somebody else has to approve it; empty where nobody has to.
    """

    kind: OrderKind
    serials: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    hash: str
    second_person: str


@dataclass(frozen=True, slots=True)
class BulkOrders:
    """What came of it: orders, or the request that waits for a second person."""

    preview: Preview
    orders: tuple[Order, ...] = ()
    request: Approval | None = None


class BulkService:
    """Resolves whom an order is for, shows it, and gives it."""

    def __init__(self, *, fleet: FleetService, orders: OrderService, approvals: ApprovalService) -> None:
        self._fleet = fleet
        self._orders = orders
        self._approvals = approvals

    def matching(self, principal: Principal, query: HeadsetQuery) -> tuple[str, ...]:
        """Return the serials that a filter means now.

        Raises:
            InputError: more than one call takes.
        """
        found: list[str] = []
        after: str | None = None
        while True:
            page = self._fleet.headsets(principal.scope, query, after=after, limit=500)
            found += [headset.serial for headset in page.headsets]
            _require_few(found)
            after = page.next
            if after is None:
                return tuple(found)

    def preview(self, principal: Principal, kind: OrderKind, serials: Iterable[str]) -> Preview:
        """Say whom an order would reach; nothing is ordered.

        Raises:
            RefusedError: the principal may not order this of any headset.
            InputError: too many, or a kind that is not ordered of several headsets.
        """
        return self._resolve(principal, kind, serials)[0]

    def give(
        self,
        principal: Principal,
        kind: OrderKind,
        serials: Iterable[str],
        reason: str,
        *,
        expect_hash: str | None = None,
    ) -> BulkOrders:
        """Give the orders, all or none; where a second person is needed, ask for one instead.

        Args:
            principal: Who orders.
            kind: What.
            serials: Of whom.
            reason: Why; an order that destroys needs one.
            expect_hash: Hash of the list that was shown.

        Raises:
            RefusedError: the principal may not.
            ConflictError: the list is another one than was shown.
            InputError: no reason, no headset, too many, or headsets of several clients in one request.
        """
        if kind in DESTRUCTIVE and not reason.strip():
            raise InputError(f"reason: a {kind} of several headsets needs one")
        preview, targets = self._resolve(principal, kind, serials)
        if expect_hash is not None and expect_hash != preview.hash:
            raise ConflictError(
                "the list has changed since it was shown", mend="Look at the preview again, then order."
            )
        if not targets:
            raise InputError("no headset is left to order this of", mend="See left_out in the preview.")
        if preview.second_person:
            request = self._approvals.ask_for_orders(principal, Subject(str(kind)), targets, reason)
            return BulkOrders(preview, request=request)
        return BulkOrders(preview, tuple(self._orders.create_all(principal, targets, kind, reason)))

    def _resolve(
        self, principal: Principal, kind: OrderKind, serials: Iterable[str]
    ) -> tuple[Preview, Sequence[OrderTarget]]:
        if kind not in KINDS:
            raise InputError(f"kind: {kind} is not ordered of several headsets")
        wanted = sorted(set(serials))
        _require_few(wanted)
        found = self._orders.targets(principal, kind, wanted)
        targets, left_out = [], []
        for serial in wanted:
            target = found.get(serial)
            why = _UNSEEN if target is None else unfit(target, kind)
            if target is None or why:
                left_out.append(LeftOut(serial, why))
            else:
                targets.append(target)
        exact = [[target.serial, target.enrollment] for target in targets]
        preview = Preview(
            kind,
            tuple(target.serial for target in targets),
            tuple(left_out),
            hash_of(str(kind), exact),
            self._orders.excess(principal, kind, targets),
        )
        return preview, targets


def _require_few(serials: Sequence[str]) -> None:
    if len(serials) > MOST:
        raise InputError(f"more than {MOST:,} headsets at once", mend="Choose fewer, as by deployment.")
