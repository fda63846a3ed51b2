"""Loans as people work with them: the board, the checklist, and what was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from holofleet.clock import Clock
from holofleet.errors import ConflictError, InputError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, nothing_here, permit
from holofleet.server.loans.gate import Naming, checklist, clearing
from holofleet.server.loans.store import LoanStore
from holofleet.server.loans.values import (
    Act,
    ActKind,
    Done,
    HeadsetFact,
    HeadsetOnLoan,
    Line,
    Loan,
    LoanStatus,
    NewAct,
    Stage,
    stage_of,
)

NOTE: Final = 500
_ORDER = tuple(Stage)
_BEFORE_LEAVING = (Stage.PREPARE, Stage.READY)
_AFTER_RETURN = frozenset({ActKind.PASSWORD_RESET, ActKind.WIPED, ActKind.LOCK_RELEASED})


class _Known:
    """What is known of some headsets, by serial."""

    def __init__(self, loans: Iterable[Loan], acts: Iterable[Act], facts: Mapping[str, HeadsetFact]) -> None:
        self.facts = facts
        self.loans: dict[str, list[Loan]] = defaultdict(list)
        self.acts: dict[str, list[Act]] = defaultdict(list)
        for loan in loans:
            for serial in loan.serials:
                self.loans[serial].append(loan)
        for act in acts:
            self.acts[act.serial].append(act)


class LoanService:
    """Reads loans and records what was done about them."""

    def __init__(self, store: LoanStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # Reading.

    def board(self, principal: Principal) -> tuple[LoanStatus, ...]:
        """Return the loans that the principal may see, overdue first, then by stage and shipping day.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_LOANS, Target.installation()).require()
        found = self._statuses(principal, self._store.loans(principal.scope))
        return tuple(
            sorted(
                found, key=lambda one: (not one.overdue, _ORDER.index(one.stage), one.loan.ships, one.loan.name)
            )
        )

    def loan(self, principal: Principal, key: str) -> LoanStatus:
        """Return one loan by id or name, with the checklist of each headset that has not left, or is back.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: none, or one to a foreign client.
        """
        permit(principal, Action.READ_LOANS, Target.installation()).require()
        found = self._store.loan(principal.scope, key)
        if found is None:
            raise nothing_here()
        return self._statuses(principal, [found])[0]

    # Acts.

    def record(
        self,
        principal: Principal,
        key: str,
        kind: ActKind,
        *,
        serials: Iterable[str] = (),
        at: datetime | None = None,
        note: str = "",
    ) -> LoanStatus:
        """Record what was done about some headsets of a loan, or about all: for each of them, or for none.

        Args:
            serials: Which; empty for all of the loan.
            at: When it was done, if not now.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such loan here.
            InputError: a headset that is not in the loan, a moment to come, or an act that cannot be recorded.
            ConflictError: it does not fit what was done before, or something keeps a headset from leaving; the
                detail names the reasons, headset by headset.
        """
        loan = self._mine(principal, key)
        if kind is ActKind.VOID:
            raise InputError("an act is taken back by its number")
        now = self._clock.now()
        if at is not None and at > now:
            raise InputError("that moment is still to come")
        if len(note) > NOTE:
            raise InputError(f"note: more than {NOTE} characters")
        chosen = self._chosen(loan, serials)
        status = self._statuses(principal, [loan])[0]
        reasons = [
            f"{one.serial}: {why}"
            for one in status.headsets
            if one.serial in chosen
            for why in self._against(loan, one, kind, at or now)
        ]
        if reasons:
            what = "does not ship" if kind is ActKind.SHIPPED else f"cannot be recorded as {kind}"
            raise ConflictError(
                f"the loan {loan.name} {what}", detail="; ".join(reasons), mend="See: holofleet loans show."
            )
        acts = [NewAct(serial, kind, at or now, principal.actor, note.strip()) for serial in chosen]
        self._store.append(loan, acts, audit=self._audit(principal, loan, kind, chosen))
        return self.loan(principal, loan.id)

    def take_back(self, principal: Principal, key: str, sequence: int, *, note: str) -> LoanStatus:
        """Say that an act was recorded by mistake; it stays, with who said so.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such loan or act here.
            InputError: no reason.
            ConflictError: something that came later stands on it.
        """
        loan = self._mine(principal, key)
        if not note.strip() or len(note) > NOTE:
            raise InputError(f"note: say why, in at most {NOTE} characters")
        acts = self._store.acts([loan.id])
        act = next((one for one in acts if one.sequence == sequence and one.kind is not ActKind.VOID), None)
        if act is None:
            raise nothing_here()
        counting = Done(loan, act.serial, acts).acts
        if act not in counting:
            raise ConflictError("this act was taken back already")
        later = [one for one in counting if one.sequence > sequence and _stands_on(one.kind, act.kind)]
        if later:
            raise ConflictError(f"{later[-1].kind} stands on it", mend="Take that back first.")
        new = NewAct(act.serial, ActKind.VOID, self._clock.now(), principal.actor, note.strip(), sequence)
        self._store.append(loan, [new], audit=self._audit(principal, loan, ActKind.VOID, (act.serial,)))
        return self.loan(principal, loan.id)

    # Within.

    def _against(self, loan: Loan, one: HeadsetOnLoan, kind: ActKind, at: datetime) -> Iterable[str]:
        """Yield what speaks against an act, in words."""
        done = Done(loan, one.serial, one.acts)
        planned = loan.ships <= self._clock.now().date()
        left = done.shipped_at is not None
        if one.stage is Stage.RELEASED:
            yield "it was released already"
        elif kind is ActKind.SHIPPED:
            if left:
                yield "it left already"
            else:
                yield from (line.why for line in one.lines if line.stops)
        elif kind is ActKind.TEST_CALL:
            if left:
                yield "it left already"
        elif kind is ActKind.ARRIVED:
            if not left or done.returned_at is not None:
                yield "it is not on its way"
        elif kind is ActKind.RETURNED:
            if done.at(ActKind.RETURNED) is not None:
                yield "it is back already"
            elif not left and not planned:
                yield "it never left"
        elif done.returned_at is None:
            yield "it is not back"
        elif kind in _AFTER_RETURN and at < done.returned_at:
            yield f"it came back on {done.returned_at:%Y-%m-%d}, and what was done before does not count"
        elif kind is ActKind.RELEASED:
            yield from (line.why for line in one.lines if line.stops)

    def _statuses(self, principal: Principal, loans: Sequence[Loan]) -> list[LoanStatus]:
        serials = sorted({serial for loan in loans for serial in loan.serials})
        every = self._store.loans_of(serials)
        known = _Known(every, self._store.acts([loan.id for loan in every]), self._store.facts(serials))
        return [self._status(principal, loan, known) for loan in loans]

    def _status(self, principal: Principal, loan: Loan, known: _Known) -> LoanStatus:
        today = self._clock.now().date()
        headsets = []
        for serial in loan.serials:
            acts = known.acts[serial]
            done = Done(loan, serial, acts)
            fact = known.facts.get(serial, HeadsetFact(serial))
            lines: tuple[Line, ...] = ()
            if done.returned_at is not None and done.at(ActKind.RELEASED) is None:
                lines = tuple(clearing(done, fact, name=_naming(principal)))
            elif done.shipped_at is None:
                lines = checklist(
                    loan, fact, loans=known.loans[serial], acts=acts, today=today, name=_naming(principal)
                )
            stage = stage_of(done, today, stopped=any(line.stops for line in lines))
            headsets.append(HeadsetOnLoan(serial, stage, done.acts, lines))
        stage = min((one.stage for one in headsets), key=_ORDER.index, default=Stage.PREPARE)
        overdue = any(one.stage is Stage.DUE_BACK for one in headsets)
        return LoanStatus(loan, stage, overdue, tuple(headsets))

    def _mine(self, principal: Principal, key: str) -> Loan:
        found = self._store.loan(principal.scope, key)
        client = found.client if found is not None else ""
        permit(principal, Action.KEEP_LOANS, Target.of_client(client)).require()
        if found is None:
            raise nothing_here()
        return found

    @staticmethod
    def _chosen(loan: Loan, serials: Iterable[str]) -> tuple[str, ...]:
        chosen = tuple(dict.fromkeys(serials)) or loan.serials
        foreign = [serial for serial in chosen if serial not in loan.serials]
        if foreign:
            raise InputError(f"{', '.join(foreign)[:200]}: not in the loan {loan.name}")
        return chosen

    @staticmethod
    def _audit(principal: Principal, loan: Loan, kind: ActKind, serials: Sequence[str]) -> AuditRecord:
        data = {"act": str(kind), "loan": loan.name, "serials": list(serials)}
        return AuditRecord(principal.actor, str(Action.KEEP_LOANS), f"loan:{loan.id}", loan.client, data)


_STEPS = {
    ActKind.TEST_CALL: 0,
    ActKind.SHIPPED: 1,
    ActKind.ARRIVED: 2,
    ActKind.RETURNED: 3,
    ActKind.PASSWORD_RESET: 4,
    ActKind.WIPED: 4,
    ActKind.LOCK_RELEASED: 4,
    ActKind.RELEASED: 5,
}


def _stands_on(later: ActKind, earlier: ActKind) -> bool:
    return earlier is not ActKind.TEST_CALL and _STEPS[later] > _STEPS[earlier]


def _naming(principal: Principal) -> Naming:
    def name(client: str) -> str:
        return client if principal.scope.includes(client) else "another client"

    return name
