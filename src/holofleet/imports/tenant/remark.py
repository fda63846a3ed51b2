"""What a person should know of an import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about an import.

    Args:
        about: The profile, group or deployment that it concerns; empty for the tenant.
        text: The sentence. May hold texts of the tenant: shown only with what does not print made visible.
        lost: The draft says less than the tenant. Otherwise nothing is missing.
    """

    about: str
    text: str
    lost: bool = True

    @property
    def line(self) -> str:
        """The remark as one line."""
        return f"{self.about}: {self.text}" if self.about else self.text
