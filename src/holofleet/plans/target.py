"""The port that every target implements: read, compare (here), plan (here), apply, and report drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from holofleet.plans.plan import Plan
from holofleet.resources import State


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between what a target was told and what it, or a headset of it, reports.

    ``desired`` and ``reported`` are texts on the wire, ``None`` where there is no value; ``since`` is RFC 3339.
    ``status`` is the word for a setting (``drifted``, ``refused``, ``pending``) and ``reason`` a sentence.
    """

    serial: str
    oma_uri: str
    desired: str | None
    reported: str | None
    status: str
    reason: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What an apply did: how many changes were made, and a line for people per thing worth saying."""

    target: str
    applied: int
    notes: tuple[str, ...] = ()


class Target(Protocol):
    """A place where a plan is applied.

    Promises that the contract suite holds every target to: after ``apply`` the next comparison is empty;
    applying twice changes nothing; a failure half-way leaves a state from which the next apply completes.
    """

    name: str

    def read(self) -> State:
        """Return what the target was told last; an empty State if it was never told anything."""
        ...

    def plan(self, desired: State) -> Plan:
        """Return what has to change so that the target is told ``desired``; changes nothing.

        Raises:
            HolofleetError: what the target was told cannot be read; that is never the same as "nothing".
        """
        ...

    def drift(self) -> tuple[Drift, ...]:
        """Return where what is reported differs from what was told, sorted by serial and node."""
        ...

    def apply(self, plan: Plan, desired: State, texts: Mapping[str, str]) -> ApplyReport:
        """Make it so.

        Args:
            plan: The plan that was shown; bound to the State the target knew when it was made.
            desired: The State that the plan leads to.
            texts: The fleet file as written, by file name, for lines and history.

        Raises:
            ConflictError: the target was told something else since the plan was made.
        """
        ...
