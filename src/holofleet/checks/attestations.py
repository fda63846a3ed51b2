"""Attestations: what a named person looked at, on a day, counting until a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from holofleet.checks.rule import Fault
from holofleet.diagnostics import Finding, Severity
from holofleet.spec import Spec
from holofleet.spec.model.governance import Attestation

UNUSED = "file/attestation-unused"


class Attestations:
    """The attestations of a file, and which of them were asked for."""

    def __init__(self, spec: Spec, today: date) -> None:
        self._spec = spec
        self._today = today
        self._used: set[int] = set()
        self._by_rule: dict[str, list[tuple[int, Attestation]]] = {}
        for index, attestation in enumerate(spec.model.attestations):
            self._by_rule.setdefault(attestation.rule, []).append((index, attestation))

    def scopes(self, rule: str) -> tuple[str, ...]:
        """Return the deployments that attestations of a statement name; empty text for the whole file."""
        return tuple(sorted({item.deployment or "" for _, item in self._by_rule.get(rule, ())}))

    def about(self, rule: str, deployment: str) -> tuple[Attestation | None, tuple[Fault, ...]]:
        """Return the attestation that counts today, or else what is wrong with those that do not.

        Args:
            rule: The statement.
            deployment: The deployment; an empty text takes only attestations that name none.
        """
        concerned = [
            (index, item) for index, item in self._by_rule.get(rule, ()) if item.deployment in (None, deployment)
        ]
        self._used.update(index for index, _ in concerned)
        valid = [item for _, item in concerned if item.on <= self._today <= item.until]
        if valid:
            return max(valid, key=lambda item: item.until), ()
        return None, tuple(self._fault(index, item) for index, item in concerned)

    def _fault(self, index: int, item: Attestation) -> Fault:
        if item.until < self._today:
            return Fault(
                f"the attestation of {item.rule} ended on {item.until}",
                self._spec.positions.of(("attestations", index, "until")),
                "Look again, then write a new on, until and seen.",
                f"{item.by} looked on {item.on} and saw: {' '.join(item.seen.split())}.",
                subject=f"user:{item.by}",
            )
        return Fault(
            f"the attestation of {item.rule} is dated {item.on}, which has not come yet",
            self._spec.positions.of(("attestations", index, "on")),
            "Write the day in `on` on which somebody looked.",
            "Nobody can have seen something on a day to come.",
            subject=f"user:{item.by}",
        )

    def findings(self, excused: Iterable[str]) -> Iterator[Finding]:
        """Yield the attestations that nothing asks for, once everything has been judged."""
        spared = set(excused)
        for index, item in enumerate(self._spec.model.attestations):
            if index not in self._used and item.rule not in spared:
                yield Finding(
                    rule=UNUSED,
                    severity=Severity.RECOMMENDED,
                    summary=f"nothing asks for the attestation of {item.rule}",
                    detail="Its guide binds none of the deployments, or the file and reports alone decide "
                    "about it.",
                    mend="Remove it, or correct its rule or deployment.",
                    position=self._spec.positions.of(("attestations", index, "rule")),
                    source="Format of the fleet file",
                )


def told(item: Attestation) -> str:
    """Say who saw what, when, and until when it counts."""
    return f"attested by {item.by} on {item.on}, until {item.until}: {' '.join(item.seen.split())}"
