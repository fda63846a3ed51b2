"""Strength: scenario < defaults < deployment. Mappings merge, lists and words replace; all is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from holofleet.spec.yaml_text import Path

LayerName: TypeAlias = Literal["scenario", "defaults", "deployment"]

ALTERNATIVES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("settings_pages.show", ("settings_pages.hide",)),
    ("settings_pages.hide", ("settings_pages.show",)),
    ("app_control.policy_file", ("app_control.deny", "app_control.allow")),
    ("app_control.deny", ("app_control.policy_file",)),
    ("app_control.allow", ("app_control.policy_file",)),
    ("accounts.certificate.issuer_name", ("accounts.certificate.issuer_thumbprint",)),
    ("accounts.certificate.issuer_thumbprint", ("accounts.certificate.issuer_name",)),
)
"""A stronger layer that says the first takes the others away: they are two ways to say one thing."""


@dataclass(frozen=True)
class Said:
    """One layer's word about one key: the raw value, and where it comes from.

    Args:
        layer: Its strength.
        value: As it was written: texts, lists, or a word in the place of a mapping.
        path: Where in the fleet file; empty for a preset.
        rule: Rule of a preset; empty where the file speaks.
    """

    layer: LayerName
    value: Any
    path: Path = ()
    rule: str = ""


class Layers:
    """Layers laid on one another, weakest first."""

    def __init__(self) -> None:
        self.merged: dict[str, Any] = {}
        self.leaves: dict[str, list[Said]] = {}

    def lay_presets(self, values: Mapping[str, tuple[str, Any]]) -> None:
        """Lay the presets of the scenarios: per dotted key the rule and the value."""
        for dotted, (rule, value) in values.items():
            self._leaf(tuple(dotted.split(".")), Said("scenario", value, rule=rule))

    def lay(self, layer: LayerName, values: Mapping[str, Any], base: Path) -> None:
        """Lay the mapping of one layer, which stands at ``base`` in the fleet file."""
        said: set[str] = set()
        for key, value in values.items():
            self._branch(layer, (key,), value, base, said)
        for dotted, others in ALTERNATIVES:
            if dotted in said:
                for other in set(others) - said:
                    self._forget(tuple(other.split(".")))

    def _branch(self, layer: LayerName, keys: tuple[str, ...], value: Any, base: Path, said: set[str]) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._branch(layer, (*keys, key), inner, base, said)
        else:
            said.add(".".join(keys))
            self._leaf(keys, Said(layer, value, path=(*base, *keys)))

    def _leaf(self, keys: tuple[str, ...], said: Said) -> None:
        node = self.merged
        for depth, key in enumerate(keys[:-1], start=1):
            inner = node.get(key)
            if not isinstance(inner, dict):
                self.leaves.pop(".".join(keys[:depth]), None)
                inner = node[key] = {}
            node = inner
        dotted = ".".join(keys)
        if isinstance(node.get(keys[-1]), dict):
            for below in [leaf for leaf in self.leaves if leaf.startswith(dotted + ".")]:
                del self.leaves[below]
        node[keys[-1]] = said.value
        self.leaves.setdefault(dotted, []).append(said)

    def _forget(self, keys: tuple[str, ...]) -> None:
        node: Any = self.merged
        for key in keys[:-1]:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.pop(keys[-1], None)
            self.leaves.pop(".".join(keys), None)
