"""The one error of compiling: the fleet file cannot become a State, and why, all at once."""

from __future__ import annotations

from collections.abc import Iterable

from holofleet.diagnostics import Finding, render_text
from holofleet.errors import InputError


class CompileError(InputError):
    """The fleet file says what no headset can be given: conflicts, or values that a node does not take.

    ``findings`` holds one finding per statement at fault, heaviest first, then by place.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(sorted(dict.fromkeys(findings), key=lambda f: f.sort_key))
        count = len(self.findings)
        super().__init__(
            f"the fleet file cannot be compiled: {count} {'finding' if count == 1 else 'findings'}",
            detail=render_text(self.findings).rstrip(),
        )
