"""How much one person may destroy in a day without a second one (SECURITY WIPE-2).

A count is of headsets, not of orders, over the 24 hours before the act; what was cancelled or expired unsent did
no harm and is not counted. What a second person approved is not counted either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from holofleet.errors import RefusedError
from holofleet.server.authorization import Principal, Role

WINDOW = timedelta(hours=24)
"""A day is the last 24 hours, so that no midnight doubles it."""
_UNSUPERVISED = frozenset({Role.DEPLOYER, Role.ADMINISTRATOR})


class SecondPersonError(RefusedError):
    """More than one person may destroy alone: somebody else has to approve the exact list."""


@dataclass(frozen=True, slots=True)
class Answerable:
    """Who answers for orders that destroy.

    Args:
        person: The person behind the actor: a token's maker, not the token.
        one_at_a_time: A helpdesk may have one such order under way, not several.
        request: Id of the approved request that this carries out; then no limit counts.
    """

    person: str
    one_at_a_time: bool = False
    request: str = ""

    @classmethod
    def of(cls, principal: Principal, person: str, request: str = "") -> Answerable:
        """Return who answers for what ``principal`` does, with ``person`` behind it."""
        return cls(person, not principal.roles & _UNSUPERVISED, request)


@dataclass(frozen=True, slots=True)
class Tally:
    """What stands before an act: headsets of the fleet, and those destroyed within a day without a second person.

    ``by_person`` holds enrollments, because another order for one of them adds nothing; ``under_way`` counts those
    of this person whose orders are not closed yet.
    """

    fleet: int
    by_person: frozenset[str]
    by_all: int
    under_way: int = 0

    @property
    def most_by_person(self) -> int:
        """Headsets in a day of one person: 5, or 2 % of the fleet where that is more."""
        return max(5, self.fleet * 2 // 100)

    @property
    def most_by_all(self) -> int:
        """Headsets in a day of everybody together: 10, or 5 % of the fleet where that is more."""
        return max(10, self.fleet * 5 // 100)

    def excess(self, enrollments: Iterable[str], who: Answerable) -> str:
        """Say which limit destroying these as well would pass; empty if none."""
        adding = len(set(enrollments) - self.by_person)
        if not adding:
            return ""
        if who.one_at_a_time and self.under_way + adding > 1:
            return "a helpdesk destroys one headset at a time, and the one before is not done"
        if len(self.by_person) + adding > self.most_by_person:
            return f"one person wipes or unenrolls at most {self.most_by_person} headsets in 24 hours alone"
        if self.by_all + adding > self.most_by_all:
            return (
                f"at most {self.most_by_all} headsets in 24 hours are wiped or unenrolled without a second person"
            )
        return ""

    def require(self, enrollments: Iterable[str], who: Answerable) -> None:
        """Return if destroying these as well needs nobody else.

        Raises:
            SecondPersonError: it does.
        """
        excess = self.excess(enrollments, who)
        if excess and not who.request:
            raise SecondPersonError(
                f"this needs a second person: {excess}",
                mend="Ask for it with `holofleet headsets bulk`, and let somebody else approve the list.",
            )
