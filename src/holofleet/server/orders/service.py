"""Orders as people and tokens give them: created, listed, cancelled, frozen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from holofleet.clock import Clock
from holofleet.errors import NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Scope, Target, nothing_here, permit
from holofleet.server.management.row import Standing
from holofleet.server.orders.order import LIFE, Order, OrderKind, OrderStatus

ACTIONS: dict[OrderKind, Action] = {
    OrderKind.SYNC: Action.ORDER_SYNC,
    OrderKind.REBOOT: Action.ORDER_REBOOT,
    OrderKind.WIPE: Action.ORDER_WIPE,
    OrderKind.UNENROLL: Action.ORDER_UNENROLL,
    OrderKind.RETIRE: Action.RETIRE_HEADSET,
}


@dataclass(frozen=True, slots=True)
class OrderTarget:
    """The enrollment that holds a serial, as far as an order needs it."""

    enrollment: str
    client: str
    deployment: str
    serial: str
    standing: Standing
    released: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when, with the record that goes into the audit chain."""

    actor: str
    at: datetime
    epoch: int
    audit: AuditRecord


class OrderStore(Protocol):
    """The port of this room. Every change writes its event and its audit record in its transaction."""

    def target(self, serial: str, /) -> OrderTarget | None:
        """Return the enrollment that holds a serial (unscoped: the service decides on its client)."""
        ...

    def order(self, order_id: str, /) -> Order | None:
        """Return an order (unscoped, as :meth:`target`)."""
        ...

    def create(self, order: Order, target: OrderTarget, act: Act, /) -> Order:
        """Store a new order; return the open one of that kind where there is one already.

        Raises:
            ConflictError: the enrollment has ended in between.
        """
        ...

    def cancel(self, order: Order, act: Act, /) -> Order:
        """Cancel an order that was not sent.

        Raises:
            ConflictError: it was sent, or closed, in between.
        """
        ...

    def listed(self, scope: Scope, serial: str, /) -> Sequence[Order]:
        """Return the newest orders for the headset with a serial, also for its former enrollments."""
        ...

    def freeze(self, frozen: bool, act: Act, /) -> None:
        """Freeze all orders, or let them go again."""
        ...


class OrderService:
    """Creates, lists, cancels and freezes orders; decides on each call whether the principal may."""

    def __init__(self, *, store: OrderStore, clock: Clock, epoch: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._epoch = epoch

    def create(self, principal: Principal, serial: str, kind: OrderKind | str, reason: str = "") -> Order:
        """Order something of a headset.

        Raises:
            NotFoundError: no enrolled headset has this serial, or not in the principal's scope.
            RefusedError: the principal may not, the headset has left, or is lost and this is no wipe.
        """
        kind = OrderKind(kind)
        target = self._target(principal, ACTIONS[kind], serial)
        if target.released or not target.standing.living:
            raise RefusedError("this headset has left; it runs no orders")
        if target.standing is Standing.LOST and kind is not OrderKind.WIPE:
            raise RefusedError("this headset is lost; it gets its wipe and nothing else")
        now = self._clock.now()
        order = Order(
            id=uuid.uuid4().hex,
            client=target.client,
            enrollment=target.enrollment,
            kind=kind,
            status=OrderStatus.QUEUED,
            actor=principal.actor,
            reason=reason,
            epoch=self._epoch(),
            created_at=now,
            expires_at=now + LIFE,
            serial=serial,
        )
        return self._store.create(order, target, self._act(principal, ACTIONS[kind], order, reason))

    def listed(self, scope: Scope, serial: str) -> Sequence[Order]:
        """Return the newest orders for a headset, newest first."""
        return self._store.listed(scope, serial)

    def cancel(self, principal: Principal, order_id: str) -> Order:
        """Cancel an order that was not sent yet.

        Raises:
            NotFoundError: there is no such order, or not in the principal's scope.
            RefusedError: the principal may not, or the order has left already.
        """
        order = self._store.order(order_id)
        if order is None:
            raise unknown(principal, Action.CANCEL_ORDER)
        permit(principal, Action.CANCEL_ORDER, Target.of_client(order.client)).require()
        if order.status is not OrderStatus.QUEUED:
            raise RefusedError(f"this order is {order.status} and cannot be taken back")
        return self._store.cancel(order, self._act(principal, Action.CANCEL_ORDER, order, ""))

    def freeze(self, principal: Principal, *, frozen: bool, reason: str = "") -> None:
        """Stop every order that has not left yet, in all processes, or let them go again."""
        action = Action.FREEZE_ORDERS if frozen else Action.UNFREEZE_ORDERS
        permit(principal, action, Target.installation()).require()
        audit = AuditRecord(principal.actor, str(action), "orders", data={"reason": reason})
        self._store.freeze(frozen, Act(principal.actor, self._clock.now(), self._epoch(), audit))

    def _target(self, principal: Principal, action: Action, serial: str) -> OrderTarget:
        target = self._store.target(serial)
        if target is None:
            raise unknown(principal, action)
        permit(principal, action, Target.of_client(target.client)).require()
        return target

    def _act(self, principal: Principal, action: Action, order: Order, reason: str) -> Act:
        audit = AuditRecord(
            principal.actor,
            str(action),
            f"enrollment:{order.enrollment}",
            order.client,
            {"order": order.id, "kind": str(order.kind), "serial": order.serial, "reason": reason},
        )
        return Act(principal.actor, self._clock.now(), order.epoch, audit)


def unknown(principal: Principal, action: Action) -> NotFoundError | RefusedError:
    """Return the error for a thing that does not exist: the same as for one of a foreign client.

    Whoever may not do this at all is refused for that reason, whether the thing exists or not (ISO-2).
    """
    clients = principal.scope.clients
    own = min(clients) if clients else "own"
    decision = permit(principal, action, Target.of_client(own))
    if not decision.allowed and not decision.foreign:
        return RefusedError("this is not allowed", detail=decision.reason)
    return nothing_here()
