"""``run``: every rule on every deployment that it binds. Pure: the day, the target and all reports are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from holofleet import catalog
from holofleet.checks import attestations, guides, waivers
from holofleet.checks.attestations import Attestations
from holofleet.checks.authority import source_of
from holofleet.checks.case import Case
from holofleet.checks.directory import Directory
from holofleet.checks.proof import Proof
from holofleet.checks.registry import RULES
from holofleet.checks.report import Report
from holofleet.checks.rule import Fault, Rule
from holofleet.checks.standing import Standing, Word
from holofleet.checks.waivers import Waivers
from holofleet.diagnostics import Finding
from holofleet.resources import State
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.governance import Waiver

TARGETS = frozenset({"server", "graph", "files"})


def run(
    spec: Spec,
    *,
    today: date,
    target: str,
    state: State | None = None,
    reported: State | None = None,
    alike: Mapping[str, int] | None = None,
) -> Report:
    """Check a fleet file against the guides.

    Args:
        spec: A fleet file without faults of its format.
        today: The day on which waivers and attestations count.
        target: Who delivers: ``server``, ``graph`` or ``files``; some rules hang on it.
        state: The desired State compiled from the file for this target: without it, what headsets have to carry
            waits for reports.
        reported: What headsets reported last, as a State of its own. Only this makes a setting ``met``.
        alike: How many headsets one of them stands for, by serial; one that is not named stands for itself.

    Raises:
        ValueError: there is no such target, or ``reported`` is given without ``state``.
    """
    if target not in TARGETS:
        raise ValueError(f"no target {target!r}; there are {', '.join(sorted(TARGETS))}")
    judge = _Judge(Attestations(spec, today), Waivers(spec, today), Proof(state, reported, alike))
    looked_at = cases(spec, today=today, target=target)
    for id_, statement in catalog.statements().items():
        rule = RULES.get(id_)
        if rule is not None:
            judge.rule(rule, [case for case in looked_at if statement.guide in case.guides])
        else:
            judge.statement(id_)
    lost = {standing.rule for standing in judge.standings if standing.lost}
    judge.findings.update(dict.fromkeys(judge.attestations.findings(lost)))
    judge.findings.update(dict.fromkeys(judge.waivers.findings(lost)))
    return Report(
        findings=_ordered(judge.findings),
        standings=tuple(judge.standings),
        waived=_ordered(finding for finding in judge.waived if finding not in judge.findings),
        unjudged=tuple(id_ for id_ in catalog.statements() if id_ not in RULES),
    )


def cases(spec: Spec, *, today: date, target: str) -> tuple[Case, ...]:
    """Return what rules look at: each deployment of the file, in its order."""
    directory = Directory(spec)
    return tuple(_case(spec, deployment, today, target, directory) for deployment in spec.deployments())


def _case(spec: Spec, deployment: EffectiveDeployment, today: date, target: str, directory: Directory) -> Case:
    used = {deployment.site_of(headset) for headset in deployment.headsets} | {deployment.declared.site}
    sites = tuple((index, site) for index, site in enumerate(spec.model.sites) if site.name in used)
    bound = guides.binding(deployment, (site for _, site in sites))
    return Case(spec, deployment, today, target, bound, sites, directory)


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.sort_key, finding.summary)))


@dataclass
class _Judge:
    """Collects findings (each once, whichever deployments share it) and standings."""

    attestations: Attestations
    waivers: Waivers
    proof: Proof
    findings: dict[Finding, None] = field(default_factory=dict)
    waived: dict[Finding, None] = field(default_factory=dict)
    standings: list[Standing] = field(default_factory=list)
    _stood: dict[tuple[str, str], Standing] = field(default_factory=dict)

    def rule(self, rule: Rule, cases: list[Case]) -> None:
        """Judge a statement for each deployment that its guide binds."""
        if not cases:
            self.standings.append(Standing(rule.id, Word.NOT_APPLICABLE, guides.NOBODY[rule.guide]))
        for case in cases:
            excuse = rule.excused(case) if rule.excused is not None else None
            if excuse is not None:
                standing = Standing(
                    rule.id, Word.NOT_APPLICABLE, excuse.why, deployment=case.name, lost=excuse.lost
                )
            else:
                word, why, evidence = self._judged(rule, case)
                standing = self._resting(rule, Standing(rule.id, word, why, evidence, case.name))
            self.standings.append(standing)
            self._stood[rule.id, case.name] = standing

    def _resting(self, rule: Rule, own: Standing) -> Standing:
        """Return the standing of a statement that repeats others: its own, or the worst of theirs."""
        theirs = [self._stood.get((other, own.deployment)) for other in rule.rests_on]
        bound = [standing for standing in theirs if standing and standing.word is not Word.NOT_APPLICABLE]
        worst = min((own, *bound), key=lambda standing: standing.word.rank)
        if worst is own:
            return own
        if worst.word in (Word.NOT_MET, Word.WAITING):
            waiver = self.waivers.covering(rule.id, own.deployment, "")
            if waiver is not None:
                return Standing(rule.id, Word.WAIVED, waivers.told(waiver), "", own.deployment)
        why = f"{worst.rule} is {worst.word}" + (f": {worst.why}" if worst.why else "")
        return Standing(rule.id, worst.word, why, worst.evidence, own.deployment)

    def statement(self, id_: str) -> None:
        """Take a statement that no rule judges at its waiver's or attestation's word, where there is one."""
        for waiver in self.waivers.standing_alone(id_):
            self.standings.append(
                Standing(id_, Word.WAIVED, waivers.told(waiver), deployment=waiver.deployment or "")
            )
        for scope in self.attestations.scopes(id_):
            attestation, faults = self.attestations.about(id_, scope)
            for fault in faults:
                self.findings[_finding(id_, fault, "")] = None
            if attestation is not None:
                evidence = attestations.told(attestation)
                self.standings.append(Standing(id_, Word.ATTESTED, evidence=evidence, deployment=scope))

    def _judged(self, rule: Rule, case: Case) -> tuple[Word, str, str]:
        open_, waiver = self._sort(rule, case, rule.check(case) if rule.check is not None else ())
        if not rule.attestation or not rule.attestable(case):
            if open_:
                return Word.NOT_MET, _summary(open_), ""
            return (Word.WAIVED, waivers.told(waiver), "") if waiver is not None else self._proved(rule, case)
        attestation, stale = self.attestations.about(rule.id, case.name)
        unread, other = self._sort(rule, case, stale)
        if open_:
            return Word.NOT_MET, _summary(open_), ""
        waiver = waiver or other
        if attestation is None and not unread:
            waiver = waiver or self.waivers.covering(rule.id, case.name, "")
        if waiver is not None and not unread:
            return Word.WAIVED, waivers.told(waiver), ""
        if attestation is not None:
            return Word.ATTESTED, "", attestations.told(attestation)
        return Word.WAITING, _summary(unread) if unread else f"waits for a person: {rule.attestation}", ""

    def _proved(self, rule: Rule, case: Case) -> tuple[Word, str, str]:
        """Return what a file without faults leaves to be proved."""
        evidence = ""
        if rule.nodes:
            verdict = self.proof.of(case, rule.nodes)
            if verdict.word is not Word.MET:
                return verdict.word, verdict.why, verdict.evidence
            evidence = verdict.evidence
        seen = rule.confirmed(case) if rule.confirmed is not None else ""
        if seen:
            return Word.ATTESTED, "", f"{evidence}; {seen}" if evidence else seen
        if rule.verification:
            return Word.WAITING, f"waits to be confirmed: {rule.verification}", evidence
        return Word.MET, "", evidence or "the fleet file says so"

    def _sort(self, rule: Rule, case: Case, faults: Iterable[Fault]) -> tuple[tuple[Fault, ...], Waiver | None]:
        """Keep faults as findings or as waived ones; return the former and a waiver that covers one."""
        open_: list[Fault] = []
        used: Waiver | None = None
        for fault in faults:
            waiver = self.waivers.covering(rule.id, case.name, fault.headset)
            finding = _finding(rule.id, fault, f"deployment:{case.name}")
            if waiver is None:
                open_.append(fault)
                self.findings[finding] = None
            else:
                used = waiver
                self.waived[finding] = None
        return tuple(open_), used


def _summary(faults: tuple[Fault, ...]) -> str:
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return faults[0].summary + more


def _finding(rule: str, fault: Fault, subject: str) -> Finding:
    statement = catalog.statements()[rule]
    return Finding(
        rule=rule,
        severity=statement.kind,
        summary=" ".join(fault.summary.split()),
        detail=fault.detail,
        mend=fault.mend,
        position=fault.position,
        subject=fault.subject or subject,
        source=source_of(rule),
    )
