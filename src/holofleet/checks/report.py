"""What a run of the checks says."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.checks.standing import Standing, Word
from holofleet.diagnostics import Finding, Severity


@dataclass(frozen=True, slots=True)
class Report:
    """Findings and standings of one fleet file, on one day, for one target.

    Args:
        findings: Faults of the file, heaviest first, then by place.
        standings: Per statement in the order of the guides, and per deployment in the order of the file.
        waived: Findings that somebody accepts for a time.
        unjudged: Statements of the guides that no rule judges yet.
    """

    findings: tuple[Finding, ...]
    standings: tuple[Standing, ...]
    waived: tuple[Finding, ...] = ()
    unjudged: tuple[str, ...] = ()

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings that are as heavy as ``severity`` or heavier."""
        return tuple(finding for finding in self.findings if finding.severity.at_least(severity))

    def word(self, rule: str) -> Word | None:
        """Return the word of a statement over all deployments: the one that needs most attention."""
        words = [standing.word for standing in self.standings if standing.rule == rule]
        return min(words, key=lambda word: word.rank, default=None)

    @property
    def lost(self) -> tuple[Standing, ...]:
        """What the file asks for and the target cannot do."""
        return tuple(standing for standing in self.standings if standing.lost)
