"""A statement: one layer of the fleet file says what one node shall hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from holofleet.diagnostics import Position
from holofleet.resources import Format


class Layer(StrEnum):
    """Who speaks, from the weakest to the strongest."""

    HOLOFLEET = "holofleet"
    BASELINE = "baseline"
    SCENARIO = "scenario"
    DEFAULTS = "defaults"
    DEPLOYMENT = "deployment"

    @property
    def rank(self) -> int:
        """0 for the weakest, growing with strength."""
        return _RANKS[self]


_RANKS = {layer: rank for rank, layer in enumerate(Layer)}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one layer says about one node.

    Args:
        oma_uri: The node, in normal form.
        format: From the catalog, or from a raw setting where the catalog does not know the node.
        data: Text on the wire; variables not filled in.
        layer: Who says it.
        key: Path of the typed key in the fleet file, or ``settings`` for a raw setting.
        rule: Guide statement that wants it, or the source of a preset; may be empty.
        position: Where it is written; ``None`` where a preset speaks.
    """

    oma_uri: str
    format: Format
    data: str
    layer: Layer
    key: str
    rule: str = ""
    position: Position | None = None

    @property
    def raw(self) -> bool:
        """Whether a raw setting says it."""
        return self.key == "settings"
