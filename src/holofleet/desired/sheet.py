"""The sheet that the compilers of typed keys write on: statements, what is missing, and findings.

One sheet is one *variant*: the headsets of a deployment that are equal in everything that settings depend on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from holofleet import catalog
from holofleet.desired.statement import Layer, Statement
from holofleet.desired.wanted import Wanted
from holofleet.diagnostics import Finding, Position, Severity
from holofleet.errors import InputError
from holofleet.resources import Undelivered, normal_uri

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the file says and no document carries.

    ``blocks``: the operator asked for it in the file, so a headset without it is not compliant. What only a preset
    asks for and a build is too old for is shown, but holds nobody up.
    """

    item: Undelivered
    blocks: bool


@dataclass(slots=True)
class Sheet:
    """Collects what one variant gets."""

    wanted: Wanted
    statements: list[Statement] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def policy(
        self, area: str, name: str, value: Value | None, *, key: str | tuple[str, ...], rule: str = ""
    ) -> None:
        """State the value of a policy (``Policy/Config/<area>/<name>``); ``None`` states nothing."""
        self.node(f"./Device/Vendor/MSFT/Policy/Config/{area}/{name}", value, key=key, rule=rule)

    def node(self, oma_uri: str, value: Value | None, *, key: str | tuple[str, ...], rule: str = "") -> None:
        """State the value of a node; ``None`` states nothing.

        Args:
            oma_uri: The node, templates filled in.
            value: Typed as the file has it; the catalog turns it into its text.
            key: The typed key, or several that the value is made of: the strongest of them gives the layer.
            rule: Guide statement, where the layer names none.
        """
        if value is None:
            return
        origin = self.wanted.origin(key)
        self.state(
            oma_uri, value, layer=origin.layer, key=origin.key, rule=origin.rule or rule, at=origin.position
        )

    def state(
        self, oma_uri: str, value: Value, *, layer: Layer, key: str, rule: str = "", at: Position | None = None
    ) -> None:
        """State the value of a node for a given layer; a value that the node does not take becomes a finding."""
        uri = normal_uri(oma_uri)
        node = catalog.nodes().find(uri)
        if node is None:
            raise LookupError(f"no node {uri} in the catalog: a compiler of {key} names it")
        try:
            data = value if isinstance(value, str) and "{{" in value else node.data(value)
        except InputError as error:
            self.fault("compile/value", f"{key}: {error.summary}", error.detail, error.mend, at=at)
            return
        self.statements.append(Statement(uri, node.format, data, layer, key, rule, at))

    def undelivered(self, key: str, reason: str, *, target: str = "all") -> None:
        """Say that a key is modelled and not delivered; it keeps the headsets from being compliant."""
        origin = self.wanted.origin(key)
        self.missing.append(Missing(self.item(key, reason, target=target, at=origin.position), blocks=True))

    def item(self, key: str, reason: str, *, target: str = "all", at: Position | None = None) -> Undelivered:
        """Return the entry of the State for something undelivered."""
        return Undelivered.model_validate(
            {
                "deployment": self.wanted.name,
                "key": key,
                "reason": reason,
                "target": target,
                "path": at.path if at else "",
                "line": at.line if at else 0,
            }
        )

    def fault(
        self, rule: str, summary: str, detail: str = "", mend: str = "", *, at: Position | None = None
    ) -> None:
        """Add a finding: the file cannot be compiled."""
        self.findings.append(
            Finding(rule, Severity.MUST, summary, detail, mend, at, f"deployment:{self.wanted.name}")
        )


def admx(data: Mapping[str, Value]) -> str:
    """Render the payload of an enabled ADMX policy."""
    items: Iterable[str] = (f'<data id="{name}" value="{value}"/>' for name, value in data.items())
    return "<enabled/>" + "".join(items)
