"""Makes the matrix of a fleet file and what the checks said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from holofleet import catalog
from holofleet.catalog import Statement
from holofleet.checks.authority import source_of
from holofleet.checks.case import Case
from holofleet.checks.engine import cases
from holofleet.checks.matrix.matrix import About, Cell, Heard, Mark, Matrix, Part, Place, Row
from holofleet.checks.registry import RULES
from holofleet.checks.report import Report
from holofleet.checks.rule import Rule
from holofleet.checks.standing import Standing
from holofleet.diagnostics import Finding
from holofleet.spec import Spec

MOST_PLACES = 8
"""Lines of the fleet file that a cell names; a rule that reads more is about the whole file. Ours."""
NOT_JUDGED = "this version does not judge it"


def build(
    spec: Spec,
    report: Report,
    *,
    today: date,
    target: str,
    made_at: datetime,
    version: str,
    heard: Heard | None = None,
) -> Matrix:
    """Lay every statement of the guides beside what the checks said of it.

    Args:
        spec: The file that was checked.
        report: What the checks said, on the same day and for the same target.
        heard: Which headsets' reports went into it.
    """
    made = _Builder(spec, report, cases(spec, today=today, target=target))
    about = About(
        organization=spec.model.organization.name,
        files=tuple(spec.texts),
        digest=_digest(spec.texts),
        target=target,
        day=today,
        made_at=made_at,
        version=version,
        heard=heard,
    )
    parts = tuple(made.part(guide) for guide in catalog.guides().values())
    others = tuple(finding for finding in report.findings if finding.rule not in catalog.statements())
    return Matrix(about, parts, others)


def _digest(texts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in texts.items():
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Noting(Case):
    """A case that notes which keys a rule looks at."""

    read: dict[str, None] = field(default_factory=dict)

    def value(self, key: str) -> Any:
        self.read[key] = None
        return Case.value(self, key)


class _Builder:
    def __init__(self, spec: Spec, report: Report, looked_at: Iterable[Case]) -> None:
        self._spec = spec
        self._cases = {case.name: case for case in looked_at}
        self._standings: dict[str, list[Standing]] = {}
        for standing in report.standings:
            self._standings.setdefault(standing.rule, []).append(standing)
        self._findings: dict[str, list[Finding]] = {}
        for finding in (*report.findings, *report.waived):
            self._findings.setdefault(finding.rule, []).append(finding)

    def part(self, guide: catalog.Guide) -> Part:
        binds = {name: case.guides[guide.id] for name, case in self._cases.items() if guide.id in case.guides}
        rows = (self._row(row, binds) for row in catalog.statements().values() if row.guide == guide.id)
        return Part(guide, binds, tuple(rows))

    def _row(self, statement: Statement, binds: Mapping[str, str]) -> Row:
        rule = RULES.get(statement.id)
        standings = self._standings.get(statement.id, [])
        cells = [self._cell(rule, standing) for standing in standings]
        if rule is None:
            settled = {standing.deployment for standing in standings}
            if "" not in settled:
                open_ = tuple(name for name in binds if name not in settled) or ("",)
                cells += [Cell(name, Mark.NOT_JUDGED, NOT_JUDGED) for name in open_]
        return Row(
            statement=statement,
            title=rule.title if rule is not None else statement.requirement,
            forms=tuple(rule.forms) if rule is not None else (),
            source=source_of(statement.id),
            cells=tuple(cells),
        )

    def _cell(self, rule: Rule | None, standing: Standing) -> Cell:
        findings: tuple[Finding, ...] = ()
        keys: tuple[str, ...] = ()
        case = self._cases.get(standing.deployment)
        if rule is not None and case is not None:
            noting = _noting(case)
            excused = rule.excused is not None and rule.excused(noting) is not None
            if not excused:
                findings = tuple(self._behind(rule, noting))
                keys = tuple(key for node in rule.nodes for key in node.keys)
            keys = tuple(dict.fromkeys((*noting.read, *keys)))
        governed = tuple(self._governed(standing))
        return Cell(
            deployment=standing.deployment,
            mark=Mark(standing.word),
            why=standing.why,
            evidence=standing.evidence,
            findings=findings,
            places=governed + _places(case, keys),
            lost=standing.lost,
        )

    def _behind(self, rule: Rule, case: Case) -> Iterator[Finding]:
        """Yield the findings of a rule that are about this deployment."""
        faults = rule.check(case) if rule.check is not None else ()
        own = {(" ".join(fault.summary.split()), fault.position) for fault in faults}
        attested = {
            self._spec.positions.of(("attestations", index, key))
            for index, item in enumerate(self._spec.model.attestations)
            if item.rule == rule.id and item.deployment in (None, case.name)
            for key in ("on", "until")
        }
        for finding in self._findings.get(rule.id, ()):
            if (finding.summary, finding.position) in own or finding.position in attested:
                yield finding

    def _governed(self, standing: Standing) -> Iterator[Place]:
        """Yield where the waiver or the attestation stands that a standing takes its word from."""
        lists: dict[Mark, str] = {Mark.WAIVED: "waivers", Mark.ATTESTED: "attestations"}
        name = lists.get(Mark(standing.word))
        if name is None:
            return
        for index, item in enumerate(getattr(self._spec.model, name)):
            if item.rule == standing.rule and item.deployment in (None, standing.deployment or None):
                yield Place(name, "file", self._spec.positions.of((name, index, "rule")))


def _noting(case: Case) -> _Noting:
    return _Noting(case.spec, case.deployment, case.today, case.target, case.guides, case.sites, case.directory)


def _places(case: Case | None, keys: Iterable[str]) -> tuple[Place, ...]:
    """Return where keys are said, those that hold no value and are said nowhere left out."""
    if case is None:
        return ()
    found = []
    for key in keys:
        origin = case.deployment.origin(key)
        if origin.layer != "holofleet":
            found.append(Place(key, origin.layer, origin.position, origin.rule))
    return tuple(sorted(found, key=lambda place: place.position is None)[:MOST_PLACES])
