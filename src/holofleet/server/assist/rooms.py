"""All rooms of calls, as the wiring hands them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from holofleet.server.assist.desk import AssistDesk
from holofleet.server.assist.guests import GuestDoor, GuestLinks
from holofleet.server.assist.left import LeftMessages
from holofleet.server.assist.left.waiting import WaitingMessages
from holofleet.server.assist.policy import CallPolicy
from holofleet.server.assist.presence import Presence
from holofleet.server.assist.quality import CallQuality
from holofleet.server.assist.recordings import RecordingIntake, RecordingLibrary
from holofleet.server.assist.records import CallRecords
from holofleet.server.assist.roster import ExpertRoster
from holofleet.server.assist.store import CallStore, Parties
from holofleet.server.assist.watch import Watch


class Bell(Protocol):
    """Hears from other processes which calls they told something to. Ringing is part of their transactions."""

    @property
    def is_needed(self) -> bool:
        """Whether there may be other processes."""
        ...

    def listen(self, heard: Callable[[str], None]) -> Callable[[], None]:
        """Begin to hear the others, in a thread of its own; return what ends it."""
        ...


@dataclass(frozen=True, slots=True)
class AssistRooms:
    """The services of calls."""

    desk: AssistDesk
    store: CallStore
    policy: CallPolicy
    presence: Presence
    parties: Parties
    roster: ExpertRoster
    records: CallRecords
    quality: CallQuality
    watch: Watch
    bell: Bell
    links: GuestLinks
    door: GuestDoor
    left: LeftMessages
    waiting: WaitingMessages
    intake: RecordingIntake
    recordings: RecordingLibrary
