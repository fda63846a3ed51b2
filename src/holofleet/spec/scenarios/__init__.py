"""The presets of the four scenarios, one file each, and what holds when several are listed together.

A scenario that builds on another refines it. Two scenarios side by side that disagree about a key are settled by
the stated order of strictness below; a key without such an order is a conflict, which ends when the fleet file
itself says the key. Start reading at ``preset.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from holofleet.spec.scenarios import cloud_connected, external_clients, near_offline, shared_identity
from holofleet.spec.scenarios.preset import Default, Preset

SCENARIOS: Mapping[str, Preset] = MappingProxyType(
    {p.PRESET.name: p.PRESET for p in (cloud_connected, external_clients, shared_identity, near_offline)}
)

STRICTER_VALUES: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {"accounts.kind": ("shared-certificate", "shared-manual", "individual")}
)
"""Strictest first. Accounts: that several people use one is the narrower fact (the note on EXT-05)."""

FEWER_IS_STRICTER = frozenset({"settings_pages.show", "kiosk.apps"})
MORE_IS_STRICTER = frozenset({"app_control.deny", "kiosk.except"})


@dataclass(frozen=True)
class Disagreement:
    """Two scenarios that say different things about a key, without an order between them."""

    key: str
    scenarios: tuple[str, str]
    values: tuple[Any, Any]


def with_bases(names: Iterable[str]) -> tuple[str, ...]:
    """Return the scenarios and what they build on, bases first, each once."""
    found: dict[str, None] = {}
    for name in names:
        base = SCENARIOS[name].base
        if base is not None:
            found.setdefault(base)
    for name in names:
        found.setdefault(name)
    return tuple(found)


def combined(names: tuple[str, ...]) -> tuple[dict[str, tuple[Default, str]], tuple[Disagreement, ...]]:
    """Lay scenarios together.

    Returns:
        Per dotted key its default and the scenario that gives it, and where they disagree.
    """
    values: dict[str, tuple[Default, str]] = {}
    disagreements: list[Disagreement] = []
    for name in with_bases(names):
        preset = SCENARIOS[name]
        for key, default in preset.values.items():
            held = values.get(key)
            if held is None or held[1] == preset.base:
                values[key] = (default, name)
            elif held[0].value != default.value:
                chosen = _stricter(key, held[0].value, default.value)
                if chosen is None:
                    disagreements.append(Disagreement(key, (held[1], name), (held[0].value, default.value)))
                elif chosen == default.value:
                    values[key] = (default, name)
    return values, tuple(disagreements)


def _stricter(key: str, left: Any, right: Any) -> Any:
    """Return the stricter of two values, or ``None`` where nothing says which that is."""
    if key in STRICTER_VALUES:
        order = STRICTER_VALUES[key]
        return left if order.index(left) < order.index(right) else right
    if key in FEWER_IS_STRICTER or key in MORE_IS_STRICTER:
        small, large = sorted((left, right), key=len)
        if set(small) <= set(large):
            return small if key in FEWER_IS_STRICTER else large
    return None


__all__ = ["SCENARIOS", "Default", "Disagreement", "Preset", "combined", "with_bases"]
