"""Asking for a second person, deciding, and carrying out what was approved."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError, RefusedError
from holofleet.plans import compare
from holofleet.resources import State
from holofleet.server.approvals.store import ApprovalStore
from holofleet.server.approvals.values import LIFE, OPEN, Approval, Asked, Proposal, Status, Subject, hash_of
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import (
    Action,
    FreshSignInError,
    Principal,
    Scope,
    Target,
    permit,
)
from holofleet.server.fleet import FleetService
from holofleet.server.orders import Order, OrderService
from holofleet.server.orders.service import OrderTarget, unfit, unknown

OWN = "own"
LISTED = 200


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What was done: the orders and whom none could be given any more, or the hash of the published State."""

    approval: Approval
    orders: tuple[Order, ...] = ()
    left_out: tuple[str, ...] = ()
    published: str = ""


class ApprovalService:
    """Nobody approves their own: author and decider are compared as persons, whatever token they used."""

    def __init__(
        self,
        *,
        store: ApprovalStore,
        orders: OrderService,
        fleet: FleetService,
        clock: Clock,
        epoch: Callable[[], int],
    ) -> None:
        self._store = store
        self._orders = orders
        self._fleet = fleet
        self._clock = clock
        self._epoch = epoch

    def ask_for_orders(
        self, principal: Principal, subject: Subject, targets: Sequence[OrderTarget], reason: str
    ) -> Approval:
        """Ask for an order that destroys, of exactly these headsets of one client.

        Raises:
            RefusedError: the principal may not.
            InputError: no headsets, no reason, or headsets of several clients.
        """
        clients = {target.client for target in targets}
        if len(clients) != 1:
            raise InputError("a request is for headsets of one client", mend="Make one request for each client.")
        client = clients.pop()
        permit(principal, subject.action, Target.of_client(client)).require()
        listed = tuple(sorted((Asked(t.serial, t.enrollment) for t in targets), key=lambda one: one.serial))
        new = self._new(principal, subject, client, reason)
        exact = [[one.serial, one.enrollment] for one in listed]
        new = replace(new, headsets=listed, hash=hash_of(new.id, str(subject), client, reason, new.epoch, exact))
        self._store.add(new, None, self._audit(principal, new, "asked", reason, headsets=len(listed)))
        return new

    def propose(
        self,
        principal: Principal,
        state: Mapping[str, Any],
        texts: Mapping[str, str],
        *,
        plan_hash: str,
        told_hash: str,
        reason: str,
    ) -> Approval:
        """Propose a State. The server makes the plan itself; it must be the one that the author saw.

        Raises:
            RefusedError: the principal may not.
            InputError: this is no State, it changes nothing, or there is no reason.
            ConflictError: the server was told something else since, or makes another plan of it.
        """
        permit(principal, Action.PUBLISH_STATE, Target.installation()).require()
        desired, told = State.from_json(state), self._fleet.told()
        if told.hash != told_hash:
            raise ConflictError("another State was published since the plan was made", mend="Plan again.")
        plan = compare(desired, State.from_json(told.state), target="server")
        if plan.hash != plan_hash:
            raise ConflictError(
                "the server makes another plan of this State", mend="Plan again, and propose that."
            )
        proposal = Proposal(desired.to_json(), dict(texts))
        new = replace(
            self._new(principal, Subject.PUBLISH, OWN, reason),
            told_hash=told.hash,
            state_hash=desired.hash,
            plan_hash=plan.hash,
            plan={**plan.to_json(), "weakening": list(plan.weakening)},
        )
        texts_hash = hash_of(dict(texts))
        new = replace(
            new,
            hash=hash_of(new.id, "publish", reason, new.epoch, told.hash, desired.hash, plan.hash, texts_hash),
        )
        audit = self._audit(
            principal, new, "asked", reason, before=told.hash, after=desired.hash, plan_hash=plan.hash
        )
        self._store.add(new, proposal, audit)
        return new

    def listed(self, principal: Principal) -> tuple[Approval, ...]:
        """Return the newest requests that the principal may see, without lists and plans."""
        permit(principal, Action.READ_ORDERS, Target.installation()).require()
        found = self._store.listed(principal.scope, plans=self._sees_plans(principal), limit=LISTED)
        return tuple(self._now(one) for one in found)

    def approval(self, principal: Principal, approval_id: str) -> Approval:
        """Return one request with its list or its plan.

        Raises:
            NotFoundError: there is none, or not in the principal's scope.
            RefusedError: the principal may not.
        """
        found = self._store.approval(principal.scope, approval_id)
        plan = found is not None and found.subject is Subject.PUBLISH
        if found is None or (plan and not self._sees_plans(principal)):
            raise unknown(principal, Action.READ_ORDERS)
        permit(principal, Action.READ_ORDERS, Target.of_client(found.client)).require()
        return self._now(found)

    def approve(self, principal: Principal, approval_id: str, hash_: str, reason: str = "") -> Approval:
        """Approve what the hash names.

        Raises:
            NotFoundError: there is no such request, or not in the principal's scope.
            RefusedError: the principal may not, is its author, did not sign in freshly, or nothing waits.
            ConflictError: the hash is not that of this request, or somebody decided in between.
        """
        found, person = self._deciding(principal, approval_id)
        if found.status is not Status.WAITING:
            raise RefusedError(f"this request is {found.status}; it waits for nobody")
        if person == found.author_person:
            raise RefusedError(
                "nobody approves their own request",
                detail="A token counts as the person who made it.",
                mend="Let a second, different person approve it.",
            )
        if hash_ != found.hash:
            raise ConflictError("this is not the hash of the request", mend="Look at it again, then approve.")
        return self._decided(principal, found, person, Status.APPROVED, reason)

    def refuse(self, principal: Principal, approval_id: str, reason: str) -> Approval:
        """Refuse, take back or stop a request that was not carried out: whoever may ask for it may stop it.

        Raises:
            NotFoundError: there is no such request, or not in the principal's scope.
            RefusedError: the principal may not, or it is closed.
            InputError: no reason.
        """
        found = self._permitted(principal, approval_id)
        _require_reason(reason)
        if found.status not in OPEN:
            raise RefusedError(f"this request is {found.status} already")
        return self._decided(principal, found, self._orders.person_behind(principal), Status.REFUSED, reason)

    def carry_out(self, principal: Principal, approval_id: str) -> CarriedOut:
        """Do what was approved: give the orders, or publish the State. Twice is once.

        Raises:
            NotFoundError: there is no such request, or not in the principal's scope.
            RefusedError: the principal may not, it is not approved, or the time to stop it still runs.
            ConflictError: the server was told something else since, or somebody carried it out in between.
        """
        found, _ = self._deciding(principal, approval_id)
        ready = found.ready_at
        if ready is None:
            raise RefusedError(f"this request is {found.status}, not approved")
        if self._clock.now() < ready:
            raise RefusedError(
                "this can still be stopped, and is carried out after that",
                detail=f"It can be carried out from {ready:%Y-%m-%d %H:%M:%S} UTC on.",
            )
        if found.subject is Subject.PUBLISH:
            return self._publish(principal, found)
        return self._order(principal, found)

    def _order(self, principal: Principal, found: Approval) -> CarriedOut:
        kind = found.subject.order
        assert kind is not None
        holding = self._orders.targets(principal, kind, [one.serial for one in found.headsets])
        fit, left_out = [], []
        for one in found.headsets:
            target = holding.get(one.serial)
            # Another enrollment with that serial is not what was approved (SECURITY WIPE-1).
            if target is None or target.enrollment != one.enrollment or unfit(target, kind):
                left_out.append(one.serial)
            else:
                fit.append(target)
        if not fit:
            raise ConflictError(
                "none of these headsets can be given this order any more", mend="Refuse it, and ask again."
            )
        orders = self._orders.create_all(principal, fit, kind, found.reason, request=found.id)
        return CarriedOut(self._again(found), tuple(orders), tuple(left_out))

    def _publish(self, principal: Principal, found: Approval) -> CarriedOut:
        proposal = self._store.proposal(found.id)
        if proposal is None:
            raise ConflictError("this request was closed in between", mend="Look at it again.")
        if self._fleet.told().hash != found.state_hash:  # else an earlier call published it and went no further
            self._fleet.publish_approved(
                principal,
                proposal.state,
                proposal.texts,
                plan_hash=found.plan_hash,
                expect_told_hash=found.told_hash,
                approval=found.id,
            )
        audit = self._audit(principal, found, "done", "", before=found.told_hash, after=found.state_hash)
        self._store.done(found, principal.actor, at=self._clock.now(), audit=audit)
        return CarriedOut(self._again(found), published=found.state_hash)

    def _again(self, found: Approval) -> Approval:
        return self._store.approval(Scope.every(), found.id) or found

    def _new(self, principal: Principal, subject: Subject, client: str, reason: str) -> Approval:
        _require_reason(reason)
        _require_fresh(principal)
        now = self._clock.now()
        return Approval(
            id=uuid.uuid4().hex,
            client=client,
            subject=subject,
            status=Status.WAITING,
            hash="",
            author=principal.actor,
            author_person=self._orders.person_behind(principal),
            reason=reason,
            epoch=self._epoch(),
            created_at=now,
            expires_at=now + LIFE,
        )

    def _deciding(self, principal: Principal, approval_id: str) -> tuple[Approval, str]:
        found = self._permitted(principal, approval_id, decides=True)
        _require_fresh(principal)
        return found, self._orders.person_behind(principal)

    def _permitted(self, principal: Principal, approval_id: str, *, decides: bool = False) -> Approval:
        found = self.approval(principal, approval_id)
        target = Target.installation() if found.subject is Subject.PUBLISH else Target.of_client(found.client)
        permit(principal, found.subject.decision if decides else found.subject.action, target).require_role()
        return found

    def _decided(self, principal: Principal, found: Approval, person: str, to: Status, reason: str) -> Approval:
        now = self._clock.now()
        return self._store.decide(
            found,
            to,
            principal,
            person,
            reason,
            at=now,
            expires_at=now + LIFE if to is Status.APPROVED else found.expires_at,
            audit=self._audit(principal, found, str(to), reason, before=found.told_hash, after=found.state_hash),
        )

    def _now(self, found: Approval) -> Approval:
        return replace(found, status=found.standing(self._clock.now(), self._epoch()))

    def _sees_plans(self, principal: Principal) -> bool:
        return permit(principal, Action.READ_STATE, Target.installation()).allowed

    def _audit(
        self, principal: Principal, approval: Approval, step: str, reason: str, **more: object
    ) -> AuditRecord:
        data = {"step": step, "hash": approval.hash, "reason": reason, **more}
        client = "" if approval.subject is Subject.PUBLISH else approval.client
        return AuditRecord(principal.actor, str(approval.subject.action), f"approval:{approval.id}", client, data)


def _require_fresh(principal: Principal) -> None:
    if principal.stale:
        raise FreshSignInError


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("reason: this needs one, for whoever has to decide and for the audit log")
