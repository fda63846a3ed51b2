"""Addresses: ``kind:name``, the stable identity of a resource in plans, URLs, keys and logs."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS = re.compile(r"([a-z][a-z-]*):([^\x00-\x20\x7f]{1,512})\Z")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The identity of a resource: its kind, and its name as the fleet file spells it."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Parse ``kind:name``.

        Raises:
            ValueError: not an address: no colon, an upper-case kind, or a blank in the name.
        """
        match = _ADDRESS.match(text)
        if match is None:
            raise ValueError(f"not an address of the form kind:name: {text!r}")
        return cls(match.group(1), match.group(2))
