"""What a compiler of typed keys is: the keys that it reads, the nodes that it owns, and how it writes them.

Most keys are *switches*: one key, one node, and what each word of the file means on the wire. What is more than a
switch has a function of its own in the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from holofleet.desired.sheet import Sheet, Value

POLICY = "./Device/Vendor/MSFT/Policy/Config/"

ALLOWED = {True: 1, False: 0}
"""The common switch of policies named ``Allow...``."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One key that sets one node.

    Args:
        key: Dotted path in a deployment.
        node: LocURI as the catalog spells it; ``{TenantId}`` is filled in.
        words: What the words of the file become; ``None``: the value itself.
    """

    key: str
    node: str
    words: Mapping[Any, Value] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The compiler of one group of keys.

    Args:
        switches: Keys that are one node each.
        writes: Node by the key that owns it, for what ``write`` sets beyond the switches.
        write: Everything that is more than a switch.
    """

    switches: tuple[Switch, ...] = ()
    writes: Mapping[str, str] | None = None
    write: Callable[[Sheet], None] | None = None

    @property
    def owners(self) -> dict[str, str]:
        """Owning key by node, as the catalog spells it."""
        return {switch.node: switch.key for switch in self.switches} | dict(self.writes or {})

    def compile(self, sheet: Sheet) -> None:
        """Write what the keys of this group say on the sheet."""
        for switch in self.switches:
            value = sheet.wanted.value(switch.key)
            if value is not None and switch.words is not None:
                value = switch.words[value]
            uri = switch.node.replace("{TenantId}", sheet.wanted.spec.model.tenant.id)
            sheet.node(uri, value, key=switch.key)
        if self.write is not None:
            self.write(sheet)
