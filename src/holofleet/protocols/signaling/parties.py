"""The parties of a call: who sits in it, and where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PartyKind(StrEnum):
    """What takes part."""

    HEADSET = "headset"
    EXPERT = "expert"
    GUEST = "guest"


class SeatState(StrEnum):
    """Where a party of a call stands."""

    RINGING = "ringing"
    JOINING = "joining"
    """Has said yes (or has called), and its media is not connected yet."""
    JOINED = "joined"
    RECONNECTING = "reconnecting"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who had a headset when the call began, and how sure that is (0: nobody is known, 3: a passkey)."""

    name: str = ""
    key: str = ""
    method: str = "none"
    assurance: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """One party of one call.

    Args:
        id: Within the call; unlike ``key`` it may be shown to everybody in it.
        key: Serial number of a headset, id of a person, id of a guest's link.
        label: What others see below the name.
        replaces: The seat that leaves when this one is connected.
        asked_by: The seat that asked for that.
        deadline: When the present state has lasted too long.
        why: Why it left.
    """

    id: str
    kind: PartyKind
    key: str
    client: str
    name: str
    label: str = ""
    serial: str = ""
    account: str = ""
    holder: Holder = field(default_factory=Holder)
    state: SeatState = SeatState.RINGING
    since: datetime | None = None
    deadline: datetime | None = None
    accepted_at: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    why: str = ""
    replaces: str = ""
    asked_by: str = ""
    camera: bool = False
    microphone: bool = False
    path: str = ""

    @property
    def who(self) -> str:
        """The party itself, whatever the call: one spelling for all that is counted by party."""
        return f"{self.kind}:{self.key}"

    @property
    def is_in(self) -> bool:
        """Whether it has not left."""
        return self.state is not SeatState.LEFT

    @property
    def has_accepted(self) -> bool:
        """Whether it is in the call and not merely asked."""
        return self.state in (SeatState.JOINING, SeatState.JOINED, SeatState.RECONNECTING)
