"""What a scenario is: values for keys that the fleet file leaves out, each with the rule that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Default:
    """A value of one key, and the guide statement (or the source) that asks for it."""

    value: Any
    rule: str


@dataclass(frozen=True)
class Preset:
    """The defaults of one scenario.

    Args:
        name: As the fleet file spells it.
        title: The guide that it follows.
        base: Scenario that it builds on.
        values: By dotted key, as in ``kiosk.for``.
    """

    name: str
    title: str
    values: Mapping[str, Default]
    base: str | None = None
