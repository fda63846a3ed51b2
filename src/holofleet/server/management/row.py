"""What a check-in reads: the enrollment row with its part of the published fleet, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from holofleet.server.standing import Standing


class TenantLock(StrEnum):
    """What we know of ``TenantLockdown/RequireNetworkInOOBE`` on the headset.

    ``locked`` from the moment in which true may have left until false is confirmed: a headset that is wiped
    while locked and has no Autopilot profile is stuck in its first start.
    """

    NEVER = "never"
    LOCKED = "locked"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class DesiredHeadset:
    """What the published fleet says of the headset whose serial an enrollment holds.

    ``verify_every_h`` 0 means: read everything back at each visit.
    """

    deployment: str
    document_hash: str
    variables: dict[str, str]
    verify_every_h: int
    undelivered: tuple[str, ...]
    removed: bool


@dataclass(frozen=True, slots=True)
class EnrollmentRow:
    """One enrollment as a check-in finds it. JSON columns stay text until somebody needs them.

    Args:
        serial: What the headset itself said; ``held_serial`` while it is the holder of that serial.
        released_at: When it accepted a wipe or left: the serial is free for a newcomer.
        acknowledged_hash: The document that ``overlay`` is relative to.
        common_hash: The document for headsets of its deployment whose serial is not known yet.
        headset: The published headset, if it holds the serial of one.
        version: Raised by one with every change; a change names the version that it was decided on.
    """

    id: str
    client: str
    deployment: str
    device_id: str
    certificate_sha256: str
    certificate_not_after: datetime
    standing: Standing
    standing_reason: str
    serial: str | None
    held_serial: str | None
    released_at: datetime | None
    ended_at: datetime | None
    epoch: int
    version: int
    acknowledged_hash: str | None
    overlay: str
    secrets: str
    inventory: str
    os_build: str
    cursor: str
    verified_at: datetime | None
    open_orders: int
    tenant_lock: TenantLock
    compliance: str
    common_hash: str
    headset: DesiredHeadset | None
