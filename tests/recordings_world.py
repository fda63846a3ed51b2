"""Calls that are recorded: a world of calls with a folder of recordings whose disk a test fills as it likes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from holofleet.cli.rooms import assist_rooms
from holofleet.clock import Clock
from holofleet.server.assist import AssistRooms, Party
from holofleet.server.assist.recordings import FolderShelf, Place
from holofleet.server.authorization import Principal, PrincipalKind, Role, Scope
from holofleet.server.sealing import SealingKey
from holofleet.storage.database import Database

SEALING_KEY, PASS_KEY = SealingKey(b"s" * 32), b"p" * 32
AUDITOR = Principal(
    PrincipalKind.PERSON,
    "alex@contoso.com",
    frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    Scope.every(),
    id="s-1",
)


class Disk(FolderShelf):
    """A shelf whose disk has as much left as a test says."""

    free = 0.5

    def free_share(self) -> float:
        return self.free


@dataclass
class Recorded:
    """The rooms of calls, with the shelf behind them."""

    rooms: AssistRooms
    shelf: Disk
    folder: Path
    parties: list[Party] = field(default_factory=list)

    def files(self) -> list[Path]:
        """Every file of every recording."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def begin(self, party: Party, call: str) -> str:
        """Begin a recording, and return its id."""
        return self.rooms.intake.begin(party, call, "video/webm").id


def recorded(database: Database, clock: Clock, folder: Path) -> Recorded:
    """Return rooms that record into a folder."""
    shelf = Disk(folder)
    rooms = assist_rooms(database, clock, epoch=1, recordings=Place(shelf, SEALING_KEY, PASS_KEY))
    return Recorded(rooms, shelf, folder)
