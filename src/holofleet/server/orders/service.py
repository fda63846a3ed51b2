"""Orders as people and tokens give them: created, listed, cancelled, frozen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from holofleet.clock import Clock
from holofleet.errors import NotFoundError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Scope, Target, nothing_here, permit
from holofleet.server.orders.limits import WINDOW, Answerable, Tally
from holofleet.server.orders.order import DESTRUCTIVE, LIFE, Order, OrderKind, OrderStatus
from holofleet.server.orders.together import Given, GivenOrder, Together
from holofleet.server.standing import Standing

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


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be stored, for whom, and its record."""

    order: Order
    target: OrderTarget
    act: Act


class OrderStore(Protocol):
    """The port of this room. Every change writes its event and its audit record in its transaction."""

    def person_behind(self, principal: Principal, /) -> str:
        """Return the actor who answers for a principal: a person, or ``local-admin``; of a token its maker."""
        ...

    def targets(self, scope: Scope, serials: Iterable[str], /) -> Mapping[str, OrderTarget]:
        """Return the enrollments that hold serials (unscoped, as :meth:`target`)."""
        ...

    def tally(self, person: str, since: datetime, /) -> Tally:
        """Count what was destroyed since a moment without a second person."""
        ...

    def target(self, scope: Scope, serial: str, /) -> OrderTarget | None:
        """Return the enrollment that holds a serial (unscoped: the service decides on its client)."""
        ...

    def order(self, scope: Scope, order_id: str, /) -> Order | None:
        """Return an order (unscoped, as :meth:`target`)."""
        ...

    def create(self, new: Sequence[NewOrder], who: Answerable, since: datetime, /) -> Sequence[Order]:
        """Store new orders, all or none; an open order of that kind for that headset stands in for a new one.

        Orders that destroy are counted in the same transaction, and the request that they carry out is closed.

        Raises:
            ConflictError: an enrollment has ended in between, or the request was closed.
            SecondPersonError: they are more than one person may order alone.
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

    def together(self, scope: Scope, given: Given, /) -> Sequence[GivenOrder]:
        """Return the orders of one kind of one moment, by serial."""
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
        if why := unfit(target, kind):
            raise RefusedError(why)
        return self.create_all(principal, [target], kind, reason)[0]

    def create_all(
        self, principal: Principal, targets: Sequence[OrderTarget], kind: OrderKind, reason: str, request: str = ""
    ) -> Sequence[Order]:
        """Order one thing of several headsets, all or none.

        Args:
            principal: Who orders.
            targets: Headsets that are fit for it (:func:`unfit`).
            kind: What.
            reason: Why.
            request: The approved request that this carries out.

        Raises:
            RefusedError: the principal may not.
            ConflictError: an enrollment has ended in between, or the request was closed.
            SecondPersonError: they are more than one person may order alone.
        """
        for target in targets:
            permit(principal, ACTIONS[kind], Target.of_client(target.client)).require()
        now = self._clock.now()
        who = Answerable.of(principal, self._store.person_behind(principal), request)
        new = [self._new(principal, target, kind, reason, now, request) for target in targets]
        return self._store.create(new, who, now - WINDOW)

    def person_behind(self, principal: Principal) -> str:
        """Return the actor who answers for a principal: a person, or ``local-admin``; of a token its maker."""
        return self._store.person_behind(principal)

    def targets(self, principal: Principal, kind: OrderKind, serials: Iterable[str]) -> Mapping[str, OrderTarget]:
        """Return the enrolled headsets among serials that the principal may order this of.

        Raises:
            RefusedError: the principal may not order this of any headset.
        """
        action = ACTIONS[kind]
        found = {}
        for serial, target in self._store.targets(principal.scope, serials).items():
            decision = permit(principal, action, Target.of_client(target.client))
            if decision.allowed:
                found[serial] = target
            elif not decision.foreign:
                decision.require()
        if not found and isinstance(error := unknown(principal, action), RefusedError):
            raise error
        return found

    def excess(self, principal: Principal, kind: OrderKind, targets: Iterable[OrderTarget]) -> str:
        """Say which limit these headsets would pass; empty if a second person is not needed."""
        if kind not in DESTRUCTIVE:
            return ""
        person = self._store.person_behind(principal)
        tally = self._store.tally(person, self._clock.now() - WINDOW)
        return tally.excess((target.enrollment for target in targets), Answerable.of(principal, person))

    def listed(self, scope: Scope, serial: str) -> Sequence[Order]:
        """Return the newest orders for a headset, newest first."""
        return self._store.listed(scope, serial)

    def together(self, principal: Principal, name: str) -> Together:
        """Return orders that were given together, with how far they have come.

        Args:
            principal: Who asks.
            name: Of :class:`Given`.

        Raises:
            RefusedError: the principal may not read orders.
            NotFoundError: there are none that the principal sees.
        """
        permit(principal, Action.READ_ORDERS, Target.installation()).require()
        given = Given.parse(name)
        found = () if given is None else tuple(self._store.together(principal.scope, given))
        if given is None or not found:
            raise nothing_here()
        return Together(given, found)

    def cancel(self, principal: Principal, order_id: str) -> Order:
        """Cancel an order that was not sent yet.

        Raises:
            NotFoundError: there is no such order, or not in the principal's scope.
            RefusedError: the principal may not, or the order has left already.
        """
        order = self._store.order(principal.scope, order_id)
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

    def _new(
        self,
        principal: Principal,
        target: OrderTarget,
        kind: OrderKind,
        reason: str,
        now: datetime,
        request: str,
    ) -> NewOrder:
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
            serial=target.serial,
        )
        return NewOrder(order, target, self._act(principal, ACTIONS[kind], order, reason, request))

    def _target(self, principal: Principal, action: Action, serial: str) -> OrderTarget:
        target = self._store.target(principal.scope, serial)
        if target is None:
            raise unknown(principal, action)
        permit(principal, action, Target.of_client(target.client)).require()
        return target

    def _act(self, principal: Principal, action: Action, order: Order, reason: str, request: str = "") -> Act:
        data = {"order": order.id, "kind": str(order.kind), "serial": order.serial, "reason": reason}
        audit = AuditRecord(
            principal.actor,
            str(action),
            f"enrollment:{order.enrollment}",
            order.client,
            {**data, "approval": request} if request else data,
        )
        return Act(principal.actor, self._clock.now(), order.epoch, audit)


def unfit(target: OrderTarget, kind: OrderKind) -> str:
    """Say why a headset cannot be given an order of a kind; empty if it can."""
    if target.released or not target.standing.living:
        return "this headset has left; it runs no orders"
    if target.standing is Standing.LOST and kind is not OrderKind.WIPE:
        return "this headset is lost; it gets its wipe and nothing else"
    return ""


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
