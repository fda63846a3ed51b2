"""From statements to one document: who wins, who is in conflict, what the build cannot take, and in which order.

Rules: of several layers the strongest wins and the weaker ones stay silent. Two statements of one strength about
one node are a conflict. A raw setting for a node that a typed key owns is one at any strength.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from holofleet import catalog
from holofleet.desired import variables
from holofleet.desired.sheet import Missing, Sheet
from holofleet.desired.statement import Layer, Statement
from holofleet.errors import InputError
from holofleet.resources import Document, Setting


@dataclass(frozen=True, slots=True)
class Resolved:
    """A document, and who won which node in it."""

    document: Document
    winners: tuple[Statement, ...]


def resolve(sheet: Sheet, owners: Mapping[str, str]) -> Resolved:
    """Choose the strongest statement of each node; add findings and what is missing to the sheet.

    Args:
        sheet: What all compilers wrote.
        owners: Typed key by node (as the catalog spells it, templates not filled in).
    """
    by_node: dict[str, list[Statement]] = defaultdict(list)
    for statement in sheet.statements:
        by_node[statement.oma_uri].append(statement)
    winners = []
    for statements in by_node.values():
        top = max(statement.layer.rank for statement in statements)
        strongest = [statement for statement in statements if statement.layer.rank == top]
        # A typed key against a raw setting is judged below, at any strength.
        for same in ([s for s in strongest if s.raw], [s for s in strongest if not s.raw]):
            _judge_conflict(sheet, same)
        winners.append(strongest[0])
    for statement in sheet.statements:
        if statement.raw:
            _judge_owner(sheet, statement, owners)
    kept = [statement for statement in winners if _acceptable(sheet, statement) and _in_build(sheet, statement)]
    ordered = tuple(_in_order(kept))
    return Resolved(Document(tuple(Setting(s.oma_uri, s.format, s.data) for s in ordered)), ordered)


def _judge_conflict(sheet: Sheet, strongest: list[Statement]) -> None:
    if len(strongest) < 2:
        return
    for statement in strongest:
        others = "; ".join(_said(other) for other in strongest if other is not statement)
        sheet.fault(
            "compile/conflict",
            f"{statement.key} and another statement of the same strength set {statement.oma_uri}",
            f"This one wants {_shown(statement)}; also: {others}. Neither is stronger, so nothing decides.",
            "Keep one of them, or say it in the deployment, which is stronger than defaults.",
            at=statement.position,
        )


def _judge_owner(sheet: Sheet, statement: Statement, owners: Mapping[str, str]) -> None:
    node = catalog.nodes().find(statement.oma_uri)
    owner = owners.get(node.oma_uri) if node else None
    if owner is None:
        return
    typed = [s for s in sheet.statements if s.oma_uri == statement.oma_uri and not s.raw]
    also = f" The key says {_shown(typed[-1])} ({_place(typed[-1])})." if typed else ""
    sheet.fault(
        "compile/owned-node",
        f"the raw setting for {statement.oma_uri} takes a node that the key {owner} owns",
        f"Two ways to say one thing would drift apart in the file.{also}",
        f"Write the key {owner} and remove the raw setting.",
        at=statement.position,
    )
    for other in typed:
        if other.position is not None:
            sheet.fault(
                "compile/owned-node",
                f"the key {owner} and a raw setting both set {statement.oma_uri}",
                f"The raw setting is at {_place(statement)}.",
                "Keep the key and remove the raw setting.",
                at=other.position,
            )


def _acceptable(sheet: Sheet, statement: Statement) -> bool:
    problem = variables.fault(statement.data)
    if problem:
        sheet.fault("compile/variable", f"{statement.key}: {problem}", at=statement.position)
        return False
    node = catalog.nodes().find(statement.oma_uri)
    if node is None:
        return True
    if not node.writable:
        sheet.fault(
            "compile/value",
            f"{statement.key}: {statement.oma_uri} cannot be written",
            "A headset refuses to set this node.",
            at=statement.position,
        )
        return False
    try:
        node.check(variables.sample(statement.data))
    except InputError as error:
        sheet.fault(
            "compile/value", f"{statement.key}: {error.summary}", error.detail, error.mend, at=statement.position
        )
        return False
    return True


def _in_build(sheet: Sheet, statement: Statement) -> bool:
    node = catalog.nodes().find(statement.oma_uri)
    build = sheet.wanted.build
    if node is None or node.min_build is None or build >= node.min_build:
        return True
    reason = f"{statement.oma_uri} needs build {node.min_build}; the headsets have {build}"
    item = sheet.item(statement.key, reason, at=statement.position)
    sheet.missing.append(Missing(item, blocks=statement.layer.rank >= Layer.DEFAULTS.rank))
    return False


def _in_order(statements: Iterable[Statement]) -> Iterable[Statement]:
    """Yield what a setting depends on before it, and otherwise go by LocURI."""
    waiting = {s.oma_uri: s for s in sorted(statements, key=lambda s: s.oma_uri)}
    by_template: dict[str, list[str]] = defaultdict(list)
    needs: dict[str, tuple[str, ...]] = {}
    for uri in waiting:
        node = catalog.nodes().find(uri)
        by_template[node.oma_uri if node else uri].append(uri)
        needs[uri] = node.depends_on if node else ()
    done: set[str] = set()

    def visit(uri: str, path: frozenset[str]) -> Iterable[Statement]:
        if uri in done or uri in path:
            return
        for template in needs[uri]:
            for before in by_template.get(template, ()):
                yield from visit(before, path | {uri})
        done.add(uri)
        yield waiting[uri]

    for uri in waiting:
        yield from visit(uri, frozenset())


def _said(statement: Statement) -> str:
    return f"{statement.key} wants {_shown(statement)} ({_place(statement)})"


def _place(statement: Statement) -> str:
    return str(statement.position) if statement.position else f"preset, {statement.layer} {statement.rule}".strip()


def _shown(statement: Statement) -> str:
    """Return the data short enough for a sentence; what may hold a secret is never shown."""
    node = catalog.nodes().find(statement.oma_uri)
    if node is not None and node.secret:
        return "(hidden)"
    data = statement.data
    return repr(data if len(data) <= 60 else f"{data[:57]}...")
