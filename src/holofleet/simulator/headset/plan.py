"""Which headset to simulate, and what there is to say about it at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from holofleet.errors import InputError
from holofleet.simulator.headset.enrollment import Credential
from holofleet.simulator.headset.markup import is_number
from holofleet.simulator.headset.session import End

NEWEST_BUILD = "10.0.22621.1266"
"""The newest that the catalog knows (a test compares them)."""


class Phase(StrEnum):
    """Where a headset stands with its server."""

    NEW = "not enrolled"
    ENROLLED = "enrolled"
    LEFT = "unenrolled"
    WIPED = "wiped"


@dataclass(frozen=True, slots=True)
class HeadsetPlan:
    """Which headset to simulate.

    Args:
        serial: Printed on it, and what it reports as SMBIOS serial.
        credential: What the technician types at enrollment.
        name: Device name; made from the serial if empty.
        build: OS build; decides which nodes it has and how its messages look.
        autopilot: Whether it is registered: else a wiped headset with a tenant lock is stuck in first start.

    Raises:
        InputError: a build of another form.
    """

    serial: str
    credential: Credential
    name: str = ""
    build: str = NEWEST_BUILD
    autopilot: bool = False

    def __post_init__(self) -> None:
        parts = self.build.split(".")
        if len(parts) != 4 or not all(is_number(part) for part in parts):
            raise InputError(f"not an OS build of the form 10.0.22621.1244: {self.build!r}")

    @property
    def device_name(self) -> str:
        """The name that the headset reports, at most 15 characters."""
        return self.name or f"HL-{self.serial[-12:]}"


@dataclass(frozen=True, slots=True)
class HeadsetSnapshot:
    """What there is to say about a headset at one moment; a value."""

    serial: str
    name: str
    build: str
    phase: Phase
    device_id: str
    settings: int
    sessions: int
    last_session: End | None
    last_check_in: datetime | None
    asleep: bool
    restarts: int
    wipes: int
    stranded: bool
    violations: int
