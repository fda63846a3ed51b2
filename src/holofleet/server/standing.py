"""How an enrollment stands with the server: a word that several rooms say, and each decides something by."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """Whether an enrollment may talk to us, and as what.

    ``active``: served. ``quarantined``: its serial is unknown or held by another; inventory only. ``conflict``: it
    claimed the hardware id of a living enrollment; inventory only. ``lost``: gets its wipe, nothing else.
    ``retired``: has left, was wiped or was retired. ``revoked``: its certificate gets nothing.
    """

    ACTIVE = "active"
    QUARANTINED = "quarantined"
    CONFLICT = "conflict"
    LOST = "lost"
    RETIRED = "retired"
    REVOKED = "revoked"

    @property
    def living(self) -> bool:
        """Whether it still counts as the headset that it says it is."""
        return self in (Standing.ACTIVE, Standing.QUARANTINED, Standing.CONFLICT, Standing.LOST)
