"""Decisions of people about an identity in doubt, a lost headset, and the end of an enrollment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from holofleet.clock import Clock
from holofleet.errors import InputError, RefusedError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Scope, Target, permit
from holofleet.server.orders.order import Order, OrderKind
from holofleet.server.orders.service import Act, OrderService, unknown
from holofleet.server.standing import Standing

WAITING = (Standing.QUARANTINED, Standing.CONFLICT)


@dataclass(frozen=True, slots=True)
class EnrollmentFacts:
    """What a decision needs to know of an enrollment."""

    id: str
    client: str
    deployment: str
    standing: Standing
    serial: str | None
    certificate_sha256: str
    released: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision: the standing now, and the order that has to run before it is so."""

    enrollment: str
    standing: Standing
    order: Order | None = None


class DecisionStore(Protocol):
    """The port of decisions. Every change writes its event and its audit record in its transaction."""

    def enrollment(self, scope: Scope, enrollment_id: str, /) -> EnrollmentFacts | None: ...

    def holder(self, scope: Scope, serial: str, /) -> EnrollmentFacts | None: ...

    def adopt(self, scope: Scope, enrollment: EnrollmentFacts, serial: str, reason: str, act: Act, /) -> None:
        """Let an enrollment be the headset with this serial; whoever held it before is retired.

        Raises:
            RefusedError: the published fleet has no such headset for that client within the scope.
            ConflictError: the enrollment has moved on in between.
        """
        ...

    def set_standing(self, enrollment: EnrollmentFacts, standing: Standing, reason: str, act: Act, /) -> None:
        """Change a standing, and forget the answer that was stored for a repetition.

        Raises:
            ConflictError: the enrollment has moved on in between.
        """
        ...


class RevocationLog(Protocol):
    """Where a revocation is written so that no restored backup forgets it (SECURITY D6)."""

    def revoke_certificate(self, certificate_sha256: str, *, at: datetime, reason: str) -> None: ...


class DecisionService:
    """Adopts or rejects, marks lost and found, retires and revokes."""

    def __init__(
        self,
        *,
        store: DecisionStore,
        orders: OrderService,
        revocations: RevocationLog,
        clock: Clock,
        epoch: Callable[[], int],
    ) -> None:
        self._store = store
        self._orders = orders
        self._revocations = revocations
        self._clock = clock
        self._epoch = epoch

    def decide(
        self,
        principal: Principal,
        enrollment_id: str,
        *,
        adopt: bool,
        serial: str | None = None,
        reason: str = "",
    ) -> Decided:
        """Decide about a quarantined or conflicting enrollment: it is the headset, or it is refused for ever.

        Args:
            serial: The headset that it is; needed while it did not say its serial itself, else a check.

        Raises:
            NotFoundError: there is no such enrollment, or not in the principal's scope.
            RefusedError: the principal may not, nothing is to be decided, or the fleet has no such headset.
            InputError: the serial is not known, or is another one than the headset said.
        """
        facts = self._store.enrollment(principal.scope, enrollment_id)
        facts = self._permitted(principal, Action.DECIDE_ENROLLMENT, facts)
        if facts.standing not in WAITING:
            raise RefusedError(f"this enrollment is {facts.standing}; there is nothing to decide")
        if not adopt:
            return self._revoke(principal, Action.DECIDE_ENROLLMENT, facts, reason or "rejected")
        if serial is not None and facts.serial is not None and serial != facts.serial:
            raise InputError(f"the headset said serial {facts.serial}, not {serial}")
        chosen = serial or facts.serial
        if chosen is None:
            raise InputError(
                "the headset did not say its serial yet", mend="Wait for its next check-in, or name the serial."
            )
        act = self._act(principal, Action.DECIDE_ENROLLMENT, facts, {"adopt": True, "serial": chosen}, reason)
        self._store.adopt(principal.scope, facts, chosen, reason, act)
        return Decided(facts.id, Standing.ACTIVE)

    def mark_lost(self, principal: Principal, serial: str, reason: str = "") -> Decided:
        """Mark a headset lost: from its next request on it gets a wipe, if one is ordered, and nothing else."""
        facts = self._permitted(principal, Action.MARK_LOST, self._store.holder(principal.scope, serial))
        return self._set(principal, Action.MARK_LOST, facts, Standing.LOST, reason)

    def mark_found(self, principal: Principal, serial: str, reason: str = "") -> Decided:
        """Take a lost headset back into service."""
        facts = self._permitted(principal, Action.MARK_FOUND, self._store.holder(principal.scope, serial))
        if facts.standing is not Standing.LOST:
            raise RefusedError(f"this headset is {facts.standing}, not lost")
        return self._set(principal, Action.MARK_FOUND, facts, Standing.ACTIVE, reason)

    def retire(self, principal: Principal, serial: str, reason: str = "") -> Decided:
        """End an enrollment. A headset whose tenant lock may be on is unlocked first, at its next check-in."""
        facts = self._permitted(principal, Action.RETIRE_HEADSET, self._store.holder(principal.scope, serial))
        if facts.locked and not facts.released and facts.standing is not Standing.LOST:
            order = self._orders.create(principal, serial, OrderKind.RETIRE, reason)
            return Decided(facts.id, facts.standing, order)
        return self._set(principal, Action.RETIRE_HEADSET, facts, Standing.RETIRED, reason)

    def revoke(self, principal: Principal, serial: str, reason: str = "") -> Decided:
        """Refuse a certificate for ever, at once. The headset cannot be wiped any more: mark it lost instead."""
        facts = self._permitted(principal, Action.REVOKE_ENROLLMENT, self._store.holder(principal.scope, serial))
        return self._revoke(principal, Action.REVOKE_ENROLLMENT, facts, reason or "revoked")

    def _revoke(self, principal: Principal, action: Action, facts: EnrollmentFacts, reason: str) -> Decided:
        # First outside the database: a crash in between leaves a certificate that is refused, never a valid one.
        self._revocations.revoke_certificate(facts.certificate_sha256, at=self._clock.now(), reason="decision")
        return self._set(principal, action, facts, Standing.REVOKED, reason)

    def _set(
        self, principal: Principal, action: Action, facts: EnrollmentFacts, standing: Standing, reason: str
    ) -> Decided:
        if facts.standing is not standing:
            if not facts.standing.living:
                raise RefusedError(f"this enrollment is {facts.standing} already")
            act = self._act(principal, action, facts, {"standing": str(standing)}, reason)
            self._store.set_standing(facts, standing, reason, act)
        return Decided(facts.id, standing)

    def _permitted(self, principal: Principal, action: Action, facts: EnrollmentFacts | None) -> EnrollmentFacts:
        if facts is None:
            raise unknown(principal, action)
        permit(principal, action, Target.of_client(facts.client)).require()
        return facts

    def _act(
        self, principal: Principal, action: Action, facts: EnrollmentFacts, data: dict[str, object], reason: str
    ) -> Act:
        audit = AuditRecord(
            principal.actor, str(action), f"enrollment:{facts.id}", facts.client, {**data, "reason": reason}
        )
        return Act(principal.actor, self._clock.now(), self._epoch(), audit)
