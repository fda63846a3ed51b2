"""What a list of people says beside the people themselves: what they hold, their licenses, when they signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """Of one person; ``None`` where whoever asks may not read it.

    Args:
        holds: How many headsets they have now.
        licenses: How many products they have a seat of.
        missing: How many products did not arrive.
        signed_in_at: When they last showed who they are.
    """

    holds: int | None = None
    licenses: int | None = None
    missing: int | None = None
    signed_in_at: datetime | None = None


NOTHING = Beside()
