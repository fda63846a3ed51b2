"""Waivers: findings that a named person accepts until a day, for a reason.

A waiver that has ended, or that covers nothing, is itself a finding: an exception that nobody needs any more must
not hide the next fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from holofleet.diagnostics import Finding, Severity
from holofleet.spec import Spec
from holofleet.spec.model.governance import Waiver

EXPIRED = "file/waiver-expired"
UNUSED = "file/waiver-unused"
_SOURCE = "Format of the fleet file"


class Waivers:
    """The waivers of a file, and which of them covered something."""

    def __init__(self, spec: Spec, today: date) -> None:
        self._spec = spec
        self._today = today
        self._used: set[int] = set()
        self._by_rule: dict[str, list[tuple[int, Waiver]]] = {}
        for index, waiver in enumerate(spec.model.waivers):
            self._by_rule.setdefault(waiver.rule, []).append((index, waiver))

    def covering(self, rule: str, deployment: str, headset: str) -> Waiver | None:
        """Return the waiver that covers a finding about a deployment, or about one of its headsets."""
        for index, waiver in self._by_rule.get(rule, ()):
            if (
                waiver.until >= self._today
                and waiver.deployment in (None, deployment)
                and waiver.headset in (None, headset)
            ):
                self._used.add(index)
                return waiver
        return None

    def standing_alone(self, rule: str) -> tuple[Waiver, ...]:
        """Return the waivers of a statement that no rule judges; whether they are needed nobody can tell."""
        living = [(index, waiver) for index, waiver in self._by_rule.get(rule, ()) if waiver.until >= self._today]
        self._used.update(index for index, _ in living)
        return tuple(waiver for _, waiver in living)

    def findings(self, excused: Iterable[str]) -> Iterator[Finding]:
        """Yield what is wrong with the waivers themselves, once everything has been judged.

        Args:
            excused: Rules that the target cannot judge: their waivers may well be needed for another target.
        """
        spared = set(excused)
        for index, waiver in enumerate(self._spec.model.waivers):
            if waiver.until < self._today:
                yield self._finding(index, waiver, EXPIRED)
            elif index not in self._used and waiver.rule not in spared:
                yield self._finding(index, waiver, UNUSED)

    def _finding(self, index: int, waiver: Waiver, rule: str) -> Finding:
        expired = rule == EXPIRED
        return Finding(
            rule=rule,
            severity=Severity.WARNING if expired else Severity.RECOMMENDED,
            summary=f"the waiver of {waiver.rule} ended on {waiver.until}"
            if expired
            else f"the waiver of {waiver.rule} covers no finding",
            detail=f"{waiver.by} accepted it: {' '.join(waiver.reason.split())}."
            if expired
            else "An exception that is not needed any more would hide the next fault.",
            mend="Mend what it covered, or decide again and write a new until."
            if expired
            else "Remove it, or correct its rule, deployment or headset.",
            position=self._spec.positions.of(("waivers", index, "until" if expired else "rule")),
            source=_SOURCE,
        )


def told(waiver: Waiver) -> str:
    """Say who accepts what, until when and why."""
    return f"{waiver.by} accepts it until {waiver.until}: {' '.join(waiver.reason.split())}"
