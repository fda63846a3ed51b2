"""Judging a fleet: its file, its rules and what its headsets said, laid beside each other. Pure.

Headsets that want and said the same are judged once and counted as many, so that 100,000 of them cost as much as
there are kinds of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from holofleet import __version__, checks, spec
from holofleet.catalog import nodes
from holofleet.checks.engine import cases
from holofleet.checks.matrix import build
from holofleet.checks.matrix.matrix import Group, Heard, Matrix, Part, Row
from holofleet.checks.matrix.matrix import Place as FilePlace
from holofleet.checks.proof import Proof
from holofleet.checks.registry import RULES
from holofleet.diagnostics import Finding
from holofleet.resources import Deployment, Document, Headset, Setting, State, Undelivered
from holofleet.server.compliance import parse_overlay
from holofleet.server.guides.store import Alike, Evidence, Turn
from holofleet.server.guides.views import Board, Cell, Fault, GuideBar, Place, Statement
from holofleet.spec import Spec, SpecError

TARGET = "server"
OWN = "own"


def judge(evidence: Evidence, *, now: datetime) -> Board:
    """Say where a fleet stands on every statement.

    Args:
        evidence: What was published and reported.
        now: The moment; its day (UTC) is the one on which waivers and attestations count.
    """
    bare = Board(evidence.publication, evidence.published_at, now, now.date())
    if not evidence.texts:
        return bare
    try:
        read = spec.parse(evidence.texts)
    except SpecError as error:
        first = error.findings[0]
        return Board(bare.publication, bare.published_at, now, now.date(), unread=_unread(first))
    wanted, said = _wanted(read, evidence), _said(evidence)
    alike = {group.serial: group.number for group in evidence.alike}
    report = checks.run(read, today=now.date(), target=TARGET, state=wanted, reported=said, alike=alike)
    matrix = build(
        read,
        report,
        today=now.date(),
        target=TARGET,
        made_at=now,
        version=__version__,
        heard=_heard(evidence.alike),
    )
    against = _against(read, now, Proof(wanted, said, alike))
    heard = matrix.about.heard
    assert heard is not None
    return Board(
        publication=evidence.publication,
        published_at=evidence.published_at,
        made_at=now,
        day=now.date(),
        organization=matrix.about.organization,
        digest=matrix.about.digest,
        headsets=heard.headsets,
        reported=heard.reported,
        oldest=heard.oldest,
        latest=heard.latest,
        guides=tuple(_bar(part) for part in matrix.parts),
        statements=_statements(matrix, against),
    )


def turns(board: Board, known: Mapping[tuple[str, str], Turn], clients: Mapping[str, str]) -> list[Turn]:
    """Return what stands otherwise than it was noted last."""
    found = []
    for statement in board.statements:
        for cell in statement.cells:
            for deployment in cell.deployments or ("",):
                before = known.get((statement.id, deployment))
                if before is None or before.word != cell.word:
                    client = clients.get(deployment, OWN)
                    found.append(Turn(statement.id, deployment, client, cell.word, cell.why, board.made_at))
    return found


def _unread(first: Finding) -> str:
    if first.rule == "file/table":
        return (
            "The fleet file names tables of headsets, which do not travel to the server. "
            "`holofleet guide FLEET --server URL` judges it where the tables are."
        )
    return f"The fleet file that was applied cannot be read by this version: {first.summary}."


def _wanted(read: Spec, evidence: Evidence) -> State:
    deployments = [
        Deployment(name=item.name, client=item.client, scenarios=item.scenarios) for item in read.deployments()
    ]
    named = {deployment.name for deployment in deployments}
    headsets = [
        Headset(serial=one.serial, deployment=one.deployment, client=one.client, document=one.wanted)
        for one in evidence.alike
        if one.deployment in named
    ]
    hashes = {headset.document for headset in headsets}
    documents = [Document.from_json(json.loads(evidence.documents[key])) for key in sorted(hashes)]
    undelivered = [
        Undelivered.model_validate({"deployment": name, "target": TARGET, **item})
        for name, items in evidence.undelivered.items()
        for item in items
    ]
    return State([*deployments, *headsets], documents, undelivered=undelivered)


def _said(evidence: Evidence) -> State:
    """Return what headsets said as a State; a value that may be a secret is never in it."""
    headsets, documents = [], {}
    stored: dict[str, Document] = {}
    plain: dict[str, Document] = {}
    for one in evidence.alike:
        if one.taken is None:
            continue
        if one.taken not in stored:
            stored[one.taken] = Document.from_json(json.loads(evidence.documents[one.taken]))
        if one.overlay == "{}":
            document = plain.get(one.taken)
            if document is None:
                document = plain[one.taken] = _document(stored[one.taken], "{}")
        else:
            document = _document(stored[one.taken], one.overlay)
        documents[document.hash] = document
        headsets.append(
            Headset(serial=one.serial, deployment=one.deployment, client=one.client, document=document.hash)
        )
    return State(headsets, documents.values())


def _document(taken: Document, overlay: str) -> Document:
    otherwise = parse_overlay(overlay)
    said = []
    for setting in taken.settings:
        node = nodes().find(setting.oma_uri)
        if setting.secrets or (node is not None and node.secret):
            continue
        entry = otherwise.get(setting.oma_uri)
        if entry is None:
            said.append(setting)
        elif entry.reported is not None:
            said.append(Setting(setting.oma_uri, setting.format, entry.reported))
    return Document(tuple(said))


def _heard(alike: Iterable[Alike]) -> Heard:
    groups = tuple(alike)
    spoken = [group for group in groups if group.taken is not None and group.latest is not None]
    return Heard(
        server="this server",
        headsets=sum(group.number for group in groups),
        reported=sum(group.number for group in spoken),
        oldest=min((group.oldest for group in spoken if group.oldest is not None), default=None),
        latest=max((group.latest for group in spoken if group.latest is not None), default=None),
    )


def _against(read: Spec, now: datetime, proof: Proof) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return per statement and deployment which headsets report another value."""
    found = {}
    for case in cases(read, today=now.date(), target=TARGET):
        for rule in RULES.values():
            if rule.nodes and rule.guide in case.guides:
                verdict = proof.of(case, rule.nodes)
                if verdict.against:
                    found[rule.id, case.name] = verdict.against
    return found


def _bar(part: Part) -> GuideBar:
    guide = part.guide
    counts = {str(mark): number for mark, number in part.counts.items()}
    return GuideBar(guide.id, guide.title, guide.published, dict(part.binds), counts)


def _statements(matrix: Matrix, against: Mapping[tuple[str, str], tuple[str, ...]]) -> tuple[Statement, ...]:
    return tuple(_statement(row, against) for row in matrix.rows)


def _statement(row: Row, against: Mapping[tuple[str, str], tuple[str, ...]]) -> Statement:
    said = row.statement
    return Statement(
        id=said.id,
        guide=said.guide,
        section=said.section,
        title=row.title,
        requirement=said.requirement,
        kind=str(said.kind),
        weight=said.kind.rank,
        word=str(row.mark),
        source=row.source,
        verify=said.verify,
        enforce=said.enforce,
        cells=tuple(_cell(said.id, group, against) for group in row.groups),
        derived=said.derived,
        note=said.note,
    )


def _cell(rule: str, group: Group, against: Mapping[tuple[str, str], tuple[str, ...]]) -> Cell:
    cell, names = group.cell, tuple(name for name in group.deployments if name)
    differing = [serial for name in names for serial in against.get((rule, name), ())]
    return Cell(
        deployments=names,
        word=str(cell.mark),
        why=cell.why,
        evidence=cell.evidence,
        faults=tuple(_fault(finding) for finding in cell.findings),
        places=tuple(_place(place) for place in cell.places),
        against=tuple(differing) if str(cell.mark) == "not met" else (),
        lost=cell.lost,
    )


def _fault(finding: Finding) -> Fault:
    at = finding.position
    return Fault(finding.summary, finding.detail, finding.mend, at.path if at else "", at.line if at else 0)


def _place(place: FilePlace) -> Place:
    at = place.position
    return Place(place.key, place.layer, at.path if at else "", at.line if at else 0, place.rule)
