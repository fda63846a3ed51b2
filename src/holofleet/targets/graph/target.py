"""The graph target: a tenant, read, compared, and made as the fleet file says.

Nothing is remembered between runs but the journal of creations: what is ours is known by its marker, and what
differs by reading it back. So a run that was stopped anywhere is completed by the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from holofleet.errors import ConflictError, HolofleetError, InputError, PeerError, RefusedError
from holofleet.plans import Act, ApplyReport, Change, Drift, Plan, SettingChange
from holofleet.plans.render import some_of
from holofleet.plans.weaken import weakened
from holofleet.resources import Address, State, Undelivered
from holofleet.targets.graph.changes import traces
from holofleet.targets.graph.engine import Engine
from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.kinds.profiles import KIND as PROFILE
from holofleet.targets.graph.needs import Needs, to_apply, to_read
from holofleet.targets.graph.reconcile import (
    Difference,
    Kind,
    Marker,
    Outcome,
    Problem,
    Proposal,
    Scope,
    Side,
    carry_out,
    compare,
    examine,
)
from holofleet.targets.graph.reconcile.kind import no_secrets
from holofleet.targets.graph.reports import reported
from holofleet.targets.graph.shipping import Readiness, readiness
from holofleet.targets.graph.summary import summed
from holofleet.targets.graph.waiting import Waiting
from holofleet.targets.graph.work import Work
from holofleet.targets.reported import Reports

_T = TypeVar("_T")
CONFIRM_S = 120.0
"""How long an apply waits until the tenant reads back as written."""
_SHOWN = 12


class UnreadError(PeerError):
    """A part of the tenant could not be read, which is never the same as "nothing there"."""


class StoppedError(HolofleetError):
    """Some changes were made and some were not; the next apply completes them."""

    exit_status = 1


class GraphTarget:
    """One tenant.

    Args:
        engine: Sends, for this tenant.
        kinds: What is managed, in the order in which it is made.
        installation: Names this installation in markers.
        waiting: As the engine's.
        resolve: Returns the value of a reference to a secret.
        adopt: Objects that somebody else made may be taken over where the plan says so.
        asked: Addresses of tenant-wide settings that are to be written.
        desired: For :meth:`drift`, which compares the tenant with it.
        confirm_s: How long an apply waits until the tenant reads back as written; 0 to trust it.
    """

    name = "graph"

    def __init__(
        self,
        engine: Engine,
        kinds: Sequence[Kind],
        *,
        installation: str,
        waiting: Waiting | None = None,
        resolve: Callable[[str], str] = no_secrets,
        adopt: bool = False,
        asked: Iterable[Address] = (),
        desired: State | None = None,
        confirm_s: float = CONFIRM_S,
    ) -> None:
        self._engine = engine
        self._kinds = tuple(kinds)
        self._marker = Marker(installation)
        self._waiting = waiting or Waiting()
        self._resolve = resolve
        self._adopt = adopt
        self._asked = frozenset(asked)
        self._desired = desired
        self._confirm_s = confirm_s
        self._planned: tuple[str, Proposal] | None = None
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections."""
        try:
            self._runner.run(self._engine.client.aclose())
        finally:
            self._runner.close()

    def read(self) -> State:
        """Return an empty State: a tenant is not told a State, it is compared object by object in :meth:`plan`."""
        return State()

    def plan(self, desired: State) -> Plan:
        """Read the tenant and return what has to change; changes nothing.

        Raises:
            UnreadError: a part of the tenant cannot be read.
            RefusedError: the sign-in lacks permissions to read.
        """
        proposal = self._runner.run(self._propose(desired))
        plan = _plan(proposal, desired)
        self._planned = (plan.hash, proposal)
        return plan

    def needs(self) -> Needs:
        """Return which permissions the last plan needs, to read again and to be applied."""
        differences = self._planned[1].differences if self._planned is not None else ()
        read, write = to_read(self._kinds).operations, to_apply(differences).operations
        names = sorted(read.keys() | write.keys())
        return Needs({name: tuple(sorted({*read.get(name, ()), *write.get(name, ())})) for name in names})

    def drift(self) -> tuple[Drift, ...]:
        """Return where the tenant differs from what the fleet file says, and who made it so if a log tells.

        Settings of the whole tenant are among it, though they are written only when asked for.

        Raises:
            InputError: nothing was given to compare with.
        """
        if self._desired is None:
            raise InputError("the tenant remembers no fleet file; drift needs one to compare with")
        proposal = self._runner.run(self._propose(self._desired))
        offered = [problem.offered for problem in proposal.problems if problem.offered is not None]
        differences = [*proposal.differences, *proposal.held, *offered]
        told = self._runner.run(self._told(differences))
        found = [drift for one in differences for drift in _drift(one, told[one.address])]
        found += [_unsolved(problem) for problem in proposal.problems if problem.drifts]
        return tuple(sorted(found, key=lambda drift: (drift.serial, drift.oma_uri)))

    def ask(self, work: Work[_T]) -> _T:
        """Run a work against the tenant: for what is no plan, such as orders to headsets."""
        return self._runner.run(self._engine.one(work))

    def ready(self, desired: State, serials: Sequence[str]) -> tuple[Readiness, ...]:
        """Return of headsets whether they can be sent away.

        Raises:
            UnreadError, RefusedError: as :meth:`plan`, which is made first: a headset that would be told less than
                the file says is not ready.
        """
        self.plan(desired)
        proposal = self._planned[1] if self._planned is not None else Proposal((), ())
        unlike = [one.wanted for one in (*proposal.differences, *proposal.held) if one.wanted is not None]
        return self.ask(readiness(self.scope(desired), serials, unlike=unlike))

    def reports(self, desired: State) -> Reports:
        """Return what the headsets of a State reported to Intune.

        Raises:
            UnreadError, RefusedError: as :meth:`plan`, which is made first: what is reported of a profile that is
                not as the State wants it proves nothing.
        """
        changes = self.plan(desired).changes
        doubted = frozenset(change.address.name for change in changes if change.address.kind == PROFILE)
        return self._runner.run(self._engine.one(reported(self.scope(desired), doubted)))

    def apply(self, plan: Plan, desired: State, texts: Mapping[str, str]) -> ApplyReport:
        """Carry a plan out.

        Raises:
            ConflictError: the tenant is no longer as it was when the plan was made.
            RefusedError: permissions are missing, or something would be adopted and nobody agreed; nothing is
                changed.
            StoppedError: some changes could not be made.
        """
        known = self._planned is not None and self._planned[0] == plan.hash
        if not known and self.plan(desired).hash != plan.hash:
            raise ConflictError(
                "the tenant has changed since the plan was made", mend="Plan again, and look at what is new."
            )
        proposal = self._planned[1] if self._planned is not None else Proposal((), ())
        self._planned = None
        self._consent(proposal)
        outcome = self._runner.run(self._carry_out(proposal, desired))
        if outcome.failed:
            raise _stopped(outcome)
        left = self._runner.run(self._confirm(desired)) if outcome.done else ()
        notes = list(_told(proposal.problems))
        if left:
            listed = some_of([str(difference.address) for difference in left])
            notes.append(
                f"The tenant does not show {len(left)} changes yet ({listed}); plan again in some minutes."
            )
        return ApplyReport(self.name, len(outcome.done), tuple(notes))

    def _consent(self, proposal: Proposal) -> None:
        strangers = [difference for difference in proposal.differences if difference.adopts]
        if strangers and not self._adopt:
            listed = ", ".join(str(difference.address) for difference in strangers[:_SHOWN])
            raise RefusedError(
                f"{len(strangers)} objects of the tenant are not ours yet: {listed}",
                detail="They have the names that the fleet file gives, and somebody else made them.",
                mend="Look at them; when they are meant, say --adopt. Else rename one of the two.",
            )

    def scope(self, desired: State) -> Scope:
        """Return what works about a State of this installation may look at."""
        return Scope(desired, self._marker, self._resolve)

    async def _propose(self, desired: State) -> Proposal:
        scope = self.scope(desired)
        wanted = {kind.name: kind.wanted(scope) for kind in self._kinds}  # a fault of the file is told at once
        to_read(self._kinds).check(await self._engine.client.token())
        seen = await self._engine.run({kind.name: kind.read(scope) for kind in self._kinds})
        unread = {name: result for name, result in seen.items() if isinstance(result, HolofleetError)}
        if unread:
            raise self._unread(unread)
        sides = [Side(kind, wanted[kind.name], _read(seen[kind.name])) for kind in self._kinds]
        return compare(sides, asked=self._asked, examined=examine(sides, scope))

    def _unread(self, unread: Mapping[str, HolofleetError]) -> UnreadError:
        detail, mend = summed(unread)
        refused = any(isinstance(one, GraphError) and one.trouble is Trouble.SIGN_IN for one in unread.values())
        if refused and not self._engine.client.origin.carries_token:
            mend = "No token is ever sent in the clear, not even here: start the emulator without --require-token."
        return UnreadError(
            f"the tenant cannot be read: {', '.join(unread)}",
            detail=detail,
            mend=f"{mend} Nothing is planned on half a view.".strip(),
        )

    async def _told(self, differences: Sequence[Difference]) -> Mapping[Address, str]:
        """Return a sentence for each difference; the audit logs are asked only where there is one."""
        if not differences:
            return {}
        token = await self._engine.client.token()
        return await traces(self._engine, differences, now=self._waiting.clock.now(), token=token)

    async def _carry_out(self, proposal: Proposal, desired: State) -> Outcome:
        to_apply(proposal.differences).check(await self._engine.client.token())
        self._engine.recognize({str(address): id_ for address, id_ in proposal.known.items()})
        return await carry_out(self._engine, proposal.differences, proposal.known, self.scope(desired))

    async def _confirm(self, desired: State) -> tuple[Difference, ...]:
        """Read until the tenant shows what was written, or for so long; return what it does not show."""
        if not self._confirm_s:
            return ()
        begun, pause = self._waiting.now(), 1.0
        left = (await self._propose(desired)).differences
        while left and self._waiting.now() - begun < self._confirm_s:
            await self._waiting.sleep(pause)
            pause = min(16.0, 2 * pause)
            left = (await self._propose(desired)).differences
        return left


def _told(problems: Iterable[Problem]) -> Iterable[str]:
    """Yield each reason once, with what it is about."""
    alike: dict[str, list[str]] = {}
    for problem in problems:
        alike.setdefault(problem.reason, []).append(str(problem.address))
    for reason, addresses in alike.items():
        yield f"{some_of(addresses)}: {reason}"


def _read(result: Any) -> Sequence[Any]:
    return result if isinstance(result, Sequence) else ()


def _plan(proposal: Proposal, desired: State) -> Plan:
    """Return a proposal as the plan that everybody reads."""
    told = tuple(item for item in desired.undelivered if item.target in ("all", "graph"))
    faults = tuple(
        Undelivered(deployment="", key=str(problem.address), reason=problem.reason, target="graph")
        for problem in proposal.problems
    )
    return Plan(
        target=GraphTarget.name,
        changes=tuple(
            Change(difference.address, difference.act, difference.fields, difference.formerly)
            for difference in proposal.differences
        ),
        settings=tuple(_settings(proposal.differences)),
        undelivered=told + faults,
        desired_hash=desired.hash,
        told_hash=proposal.seen_hash,
        told_counts=dict(proposal.counts),
        offered=tuple(str(problem.address) for problem in proposal.problems if problem.offered is not None),
        unsolved=tuple(dict.fromkeys(str(problem.address) for problem in proposal.problems if problem.drifts)),
    )


def _settings(differences: Iterable[Difference]) -> Iterable[SettingChange]:
    """Return what changes on headsets: the properties that are named by a node."""
    for difference in differences:
        serials = difference.wanted.serials if difference.wanted is not None else ()
        for change in difference.fields:
            if change.field.startswith("./") and serials:
                before, after = _text(change.before), _text(change.after)
                yield SettingChange(change.field, before, after, serials, weakened(change.field, before, after))


def _drift(difference: Difference, reason: str) -> Iterable[Drift]:
    if difference.act is Act.CREATE:
        yield Drift("", str(difference.address), "there", None, "drifted", reason)
        return
    if difference.act is Act.DELETE:
        yield Drift("", str(difference.address), None, "there", "drifted", reason)
        return
    serials = difference.wanted.serials if difference.wanted is not None else ()
    for change in difference.fields:
        node = change.field.startswith("./")
        name = change.field if node else f"{difference.address} {change.field}"
        for serial in serials if node and serials else ("",):
            yield Drift(serial, name, _text(change.after), _text(change.before), "drifted", reason)


def _unsolved(problem: Problem) -> Drift:
    return Drift("", str(problem.address), "as the file says", problem.drifts, "drifted", problem.reason)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _stopped(outcome: Outcome) -> StoppedError:
    detail, mend = summed({str(address): error for address, error in outcome.failed.items()})
    return StoppedError(
        f"{len(outcome.done)} changes are made, {len(outcome.failed)} are not",
        detail=detail,
        mend=f"{mend} Then apply again: what is done stays done.".strip(),
    )
