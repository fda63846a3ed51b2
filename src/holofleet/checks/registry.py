"""All rules, by the id of their statement, in the order of the guides."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from holofleet.checks import ext, off, prep, shr
from holofleet.checks.rule import Rule

RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.id: rule for rule in (*prep.RULES, *ext.RULES, *shr.RULES, *off.RULES)}
)
