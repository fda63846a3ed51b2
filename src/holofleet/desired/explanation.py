"""``explain``: which value a node gets on a headset, which layers said what, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from holofleet import catalog
from holofleet.desired.compilation import write
from holofleet.desired.statement import Layer, Statement
from holofleet.desired.variants import Variant, variants
from holofleet.desired.wanted import Wanted
from holofleet.diagnostics.render import visible
from holofleet.errors import InputError, NotFoundError
from holofleet.resources import Headset, State, normal_uri
from holofleet.spec import DeploymentSettings, EffectiveDeployment, Spec

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Step:
    """One layer's word about the node; ``path`` is empty and ``line`` 0 where a preset speaks."""

    layer: str
    key: str
    value: str
    rule: str = ""
    path: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """``path:line``, or who speaks where nothing is written."""
        return f"{self.path}:{self.line}" if self.path else "preset"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said about one node on one headset.

    Args:
        serial, deployment: Whose node.
        oma_uri: In normal form.
        value: Data on the wire, variables not filled in (secrets never are); ``None``: the node is not set.
        format: Its format; empty where the node is not set.
        variables: Values of the headset's own variables in the data.
        chain: Who said what, weakest first; the last one counts.
        rule: Guide statement, or source, behind the value.
        evidence: How well it is known that a HoloLens 2 takes the node, in a word (``documented``).
        evidence_meaning: The same in a sentence.
        weak: The evidence is weak: try it on a headset first.
        note: What is known about the node.
        undelivered: Why the node, or its key, is not delivered; empty where it is.
    """

    serial: str
    deployment: str
    oma_uri: str
    value: str | None
    format: str
    variables: Mapping[str, str]
    chain: tuple[Step, ...]
    rule: str = ""
    evidence: str = ""
    evidence_meaning: str = ""
    weak: bool = False
    note: str = ""
    undelivered: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the stable JSON form."""
        return {
            "serial": self.serial,
            "deployment": self.deployment,
            "oma_uri": self.oma_uri,
            "desired": self.value,
            "format": self.format or None,
            "variables": dict(self.variables),
            "rule": self.rule,
            "evidence": self.evidence or None,
            "evidence_meaning": self.evidence_meaning,
            "weak": self.weak,
            "note": self.note,
            "chain": [
                {"layer": s.layer, "key": s.key, "value": s.value, "rule": s.rule, "path": s.path, "line": s.line}
                for s in self.chain
            ],
            "undelivered": list(self.undelivered),
        }

    def render(self) -> str:
        """Render for a terminal."""
        value = "not set" if self.value is None else f"{self.value}  ({self.format})"
        lines = [self.oma_uri, f"  on {self.serial}, deployment {self.deployment}: {value}"]
        lines.extend(f"  {{{{{name}}}}} is {text}" for name, text in self.variables.items())
        if self.chain:
            lines.append("  who said what, weakest first:")
            last = len(self.chain) - 1
            for place, step in enumerate(self.chain):
                mark = "->" if place == last and self.value is not None else "  "
                lines.append(f"  {mark} {step.layer:<10} {step.key} = {_short(step.value)}  [{_by(step)}]")
        if self.rule:
            lines.append(f"  rule: {self.rule}")
        if self.evidence:
            warning = "; weak evidence: try it on a headset first" if self.weak else ""
            lines.append(f"  evidence: {self.evidence_meaning}{warning}")
        elif self.value is None and not self.chain:
            lines.append("  no such node is known: the address may be misspelt; it begins with ./Device or ./User")
        lines.extend([f"  note: {self.note}"] if self.note else [])
        lines.extend(f"  not delivered: {reason}" for reason in self.undelivered)
        return visible("\n".join(lines)) + "\n"


def explain(spec: Spec, state: State, serial: str, oma_uri: str) -> Explanation:
    """Explain one node on one headset, as :func:`~holofleet.desired.compile` for our own server decides it.

    Args:
        spec: The fleet file.
        state: What it was compiled to.
        serial: A headset of the file.
        oma_uri: Any spelling of the node.

    Raises:
        NotFoundError: the file has no such headset in a deployment.
        InputError: not a LocURI.
    """
    headset = state.headsets.get(serial)
    if headset is None:
        raise NotFoundError(f"no deployment of the fleet file has a headset {serial}")
    try:
        uri = normal_uri(oma_uri)
    except ValueError as error:
        raise InputError(f"not an OMA-URI: {error}") from error
    wanted = _variant_of(spec, headset).wanted
    chain = _chain(wanted, uri)
    setting = state.documents[headset.document].by_uri.get(uri)
    node = catalog.nodes().find(uri)
    sheet, _ = write(wanted)
    keys = {statement.key for statement in chain}
    missing = (one.item for one in sheet.missing if one.item.key in keys or uri in one.item.reason)
    return Explanation(
        serial=serial,
        deployment=headset.deployment,
        oma_uri=uri,
        value=None if setting is None else setting.data,
        format="" if setting is None else str(setting.format),
        variables={} if setting is None else _filled(headset, setting.variables),
        chain=tuple(_step(statement) for statement in chain),
        rule=chain[-1].rule if chain else "",
        evidence="" if node is None else str(node.evidence),
        evidence_meaning="" if node is None else node.evidence.meaning,
        weak=node is not None and node.evidence.weak,
        note="" if node is None else node.note,
        undelivered=tuple(dict.fromkeys(item.reason for item in missing)),
    )


def _variant_of(spec: Spec, headset: Headset) -> Variant:
    for deployment in spec.deployments():
        if deployment.name == headset.deployment:
            for variant in variants(spec, deployment, target="server"):
                if any(placed.headset.serial == headset.serial for placed in variant.headsets):
                    return variant
    raise NotFoundError(f"the fleet file has no headset {headset.serial} in {headset.deployment}")


def _chain(wanted: Wanted, uri: str) -> list[Statement]:
    """Return what each layer says, weakest first, by compiling with the stronger layers taken away."""
    found: dict[tuple[Layer, str], Statement] = {}
    for layer in (Layer.SCENARIO, Layer.DEFAULTS, Layer.DEPLOYMENT):
        cut = _up_to(wanted.deployment, layer)
        if cut is not None:
            sheet, _ = write(replace(wanted, deployment=cut))
            found.update(((s.layer, s.key), s) for s in sheet.statements if s.oma_uri == uri)
    return sorted(found.values(), key=lambda statement: statement.layer.rank)


def _up_to(deployment: EffectiveDeployment, layer: Layer) -> EffectiveDeployment | None:
    """Return the deployment without the layers above ``layer``; ``None`` where what is left is no deployment."""
    leaves = {
        key: kept
        for key, said in deployment.leaves.items()
        if (kept := tuple(one for one in said if Layer(one.layer).rank <= layer.rank))
    }
    merged: dict[str, Any] = {}
    for key, said in leaves.items():
        *parents, last = key.split(".")
        node = merged
        for parent in parents:
            inner = node.get(parent)
            node[parent] = node = inner if isinstance(inner, dict) else {}
        node[last] = said[-1].value
    try:
        settings = DeploymentSettings.model_validate(merged)
    except ValidationError:
        return None
    return replace(deployment, settings=settings, leaves=leaves)


def _step(statement: Statement) -> Step:
    at = statement.position
    return Step(
        statement.layer.value,
        statement.key,
        statement.data,
        statement.rule,
        at.path if at else "",
        at.line if at else 0,
    )


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}... ({len(value)} characters)"


def _by(step: Step) -> str:
    return ", ".join(part for part in (step.place, step.rule) if part)


def _filled(headset: Headset, names: frozenset[str]) -> dict[str, str]:
    return {name: headset.variables[name] for name in sorted(names) if name in headset.variables}
