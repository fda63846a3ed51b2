"""What people ask of licenses, and change (SECURITY LIC-1).

Seats belong to the installation, whoever's people sit in them: only somebody who sees every client assigns them.
Whoever sees some clients is told about those people, and never how many seats there are or are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from holofleet.clock import Clock
from holofleet.errors import InputError, RefusedError
from holofleet.resources import State
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Action, Principal, Target, permit
from holofleet.server.directory import DirectoryService, Group, Person
from holofleet.server.licenses.published import forecast
from holofleet.server.licenses.recent import RecentReports
from holofleet.server.licenses.report import Report, plans_of, report
from holofleet.server.licenses.rules import PlanRules, rules_of_the_catalog
from holofleet.server.licenses.store import Assignment, LicenseStore, NewAssignment, RemovalLimitError
from holofleet.server.licenses.values import Demand, Grant

FREE_REMOVALS = 2
"""As many people may lose a product without anybody saying so: the limit of mass deletion in plans."""
MAX_PAGE = 500
_LONGEST_SKU = 100
_BEFORE_THE_FILE = 1 << 60


@dataclass(frozen=True, slots=True)
class Explained:
    """The licenses of one person: what they have and from where, what did not arrive, what they lack.

    Args:
        groups: Names of groups by what grants call them.
        plans: The service plans that they have.
    """

    person: Person
    grants: tuple[Grant, ...]
    groups: dict[str, str]
    plans: frozenset[str]
    report: Report


class LicenseService:
    """Licenses, for whoever may see or assign them."""

    def __init__(
        self,
        store: LicenseStore,
        directory: DirectoryService,
        clock: Clock,
        *,
        compile_text: Callable[[str], State] | None = None,
    ) -> None:
        """Take what is needed; ``compile_text`` makes a State of a fleet file, or raises InputError."""
        self._compile = compile_text
        self._store = store
        self._directory = directory
        self._clock = clock
        self._recent = RecentReports()

    def report(self, principal: Principal) -> Report:
        """Return what is short, wasted, expiring or lacking, for the people whom the principal sees.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_LICENSES, Target.installation()).require()
        scope, now, mark = principal.scope, self._clock.now(), self._store.mark()
        found = self._recent.find(scope, mark, now)
        if found is None:
            found = report(self._store.standing(scope), rules=self._rules(), today=now.date())
            self._recent.keep(scope, mark, now, found)
        return found if scope.is_every else Report((), found.problems, found.lacking, found.wasted)

    def forecast(self, principal: Principal, state: State) -> Report:
        """Return what licenses would come to with a State, beside what is assigned here; nothing is changed.

        Whoever has a seat keeps it, as when the State is published.

        Raises:
            RefusedError: the principal may not, or sees a part of the installation only.
        """
        permit(principal, Action.READ_LICENSES, Target.installation()).require()
        if not principal.scope.is_every:
            raise RefusedError("seats are compared by those who see every client")
        standing = self._store.standing(principal.scope)
        upns = {key: holder.upn for key, holder in standing.holders.items() if holder.here}
        seated = frozenset(
            (upns[grant.holder], grant.sku) for grant in standing.grants if grant.active and grant.holder in upns
        )
        found: Report = forecast(
            state,
            rules=self._rules(),
            today=self._clock.now().date(),
            more=tuple(self._beside(principal, upns)),
            seated=seated,
        )
        return found

    def forecast_of(self, principal: Principal, text: str) -> Report:
        """Return the same for the text of a fleet file that was not published yet.

        Raises:
            RefusedError: as :meth:`forecast`, or the principal may not publish one either.
            InputError: it is no fleet file; it says where and why.
        """
        permit(principal, Action.PUBLISH_STATE, Target.installation()).require_role()
        if self._compile is None:
            raise InputError("fleet files are not read here", mend="Use: holofleet licenses forecast FLEET.")
        return self.forecast(principal, self._compile(text))

    def _beside(self, principal: Principal, upns: Mapping[str, str]) -> Iterator[Demand]:
        """Yield what is assigned in the console, by person; it was there before the file."""
        members = {group.name: group.members for group in self._directory.groups(principal)}
        after = 0
        while page := self._store.assignments(principal.scope, source="console", after=after, limit=MAX_PAGE):
            for one in page:
                ids = members.get(one.group, frozenset())
                people = [one.person] if one.person else sorted(upns[key] for key in ids if key in upns)
                for upn in people:
                    yield Demand(upn, one.sku, one.group, one.disabled, order=one.number - _BEFORE_THE_FILE)
            after = page[-1].number

    def assignments(
        self, principal: Principal, *, source: str = "", after: int = 0, limit: int = 100
    ) -> tuple[Assignment, ...]:
        """Return what people and groups that the principal sees are to get, oldest first.

        Raises:
            RefusedError: the principal may not.
        """
        permit(principal, Action.READ_LICENSES, Target.installation()).require()
        return self._store.assignments(
            principal.scope, source=source, after=after, limit=max(1, min(limit, MAX_PAGE))
        )

    def why(self, principal: Principal, key: str) -> Explained:
        """Return the licenses of one person, and why they are so.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: nobody whom the principal sees.
        """
        permit(principal, Action.READ_LICENSES, Target.installation()).require()
        person = self._directory.person(principal, key)
        standing = self._store.standing(principal.scope, person=person.id)
        found = report(standing, rules=self._rules(), today=self._clock.now().date())
        return Explained(person, standing.grants, standing.groups, plans_of(standing.grants, self._rules()), found)

    def assign(
        self,
        principal: Principal,
        sku: str,
        *,
        user: str = "",
        group: str = "",
        disabled: frozenset[str] = frozenset(),
    ) -> None:
        """Assign a product to a person or a group.

        Raises:
            RefusedError: the principal may not.
            NotFoundError: no such person or group.
            InputError: both or neither, or service plans that the product does not have.
            ConflictError: assigned already, or no seat is left; a group stays assigned, its members wait.
        """
        permit(principal, Action.ASSIGN_LICENSE, Target.installation()).require()
        wish = self._wish(principal, sku, user, group, disabled)
        self._store.assign(wish, at=self._clock.now(), audit=_record(principal, wish, "assign"))

    def take(
        self, principal: Principal, sku: str, *, user: str = "", group: str = "", allow: int | None = None
    ) -> int:
        """Take an assignment back; return how many people have the product no longer.

        Args:
            principal: Who asks.
            sku: The product.
            user: UPN or id of a person, or empty.
            group: Id or name of a group, or empty.
            allow: How many people may lose it; more than two only when it is said (LIC-1).

        Raises:
            RefusedError: the principal may not, or more people would lose it than was said.
            NotFoundError: no such person, group or assignment.
            InputError: both or neither.
        """
        permit(principal, Action.ASSIGN_LICENSE, Target.installation()).require()
        wish = self._wish(principal, sku, user, group, frozenset())
        at_most = FREE_REMOVALS if allow is None else allow
        try:
            return self._store.take(
                wish, at_most=at_most, at=self._clock.now(), audit=_record(principal, wish, "take")
            )
        except RemovalLimitError as error:
            raise RefusedError(
                error.summary,
                detail="That many at once are more often a mistake than a wish.",
                mend=f"When all are meant, say --allow-removal {error.count}.",
            ) from error

    def _wish(
        self, principal: Principal, sku: str, user: str, group: str, disabled: frozenset[str]
    ) -> NewAssignment:
        if bool(user) == bool(group):
            raise InputError("a license is for a user or for a group", mend="Name one of the two.")
        if not sku or len(sku) > _LONGEST_SKU:
            raise InputError("sku: this is no product")
        plans = self._rules().plans.get(sku)
        if plans is not None and not disabled <= plans:
            raise InputError(
                f"{sku} has no service plan {', '.join(sorted(disabled - plans))}",
                mend=f"It has {', '.join(sorted(plans))}.",
            )
        whose: Person | Group = (
            self._directory.person(principal, user) if user else self._directory.group(principal, group)
        )
        if isinstance(whose, Person):
            if not whose.active:
                raise InputError(f"{whose.upn} has left")
            return NewAssignment(sku, whose.client, person=whose.id, disabled=disabled)
        return NewAssignment(sku, whose.client, group=whose.id, disabled=disabled)

    @staticmethod
    def _rules() -> PlanRules:
        return rules_of_the_catalog()


def _record(principal: Principal, wish: NewAssignment, act: str) -> AuditRecord:
    subject = f"person:{wish.person}" if wish.person else f"group:{wish.group}"
    data = {"act": act, "sku": wish.sku, **({"disabled": sorted(wish.disabled)} if wish.disabled else {})}
    return AuditRecord(principal.actor, str(Action.ASSIGN_LICENSE), subject, wish.client, data)
