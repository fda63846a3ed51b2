"""Recordings of calls: made by an expert's browser, kept here sealed, and read by few.

What lives here: who agreed (``consents.py``), taking chunks in (``intake.py``), keys and seals (``sealing.py``),
files (``shelf.py``), reading, holding and deleting (``library.py``). What does not: what a party says on its
socket (:mod:`holofleet.server.assist.calls`). A recording is one span of time in which everybody in the call had
agreed. Start reading at ``intake.py``.
"""

from holofleet.server.assist.recordings.consents import CONSENT_TEXT, ConsentKeeper, RecordingTerms
from holofleet.server.assist.recordings.intake import RecordingIntake
from holofleet.server.assist.recordings.library import Media, RecordingLibrary
from holofleet.server.assist.recordings.sealing import RecordingKeys
from holofleet.server.assist.recordings.shelf import FolderShelf, NoShelf, Place, Shelf
from holofleet.server.assist.recordings.store import (
    ChunkRow,
    KeptRecording,
    OpenRecording,
    RecordingQuery,
    RecordingStore,
    RecordingTurn,
)
from holofleet.server.assist.recordings.values import (
    MOST,
    Bounds,
    ConsentAct,
    ConsentRecord,
    RecordingRecord,
)

__all__ = [
    "CONSENT_TEXT",
    "MOST",
    "Bounds",
    "ChunkRow",
    "ConsentAct",
    "ConsentKeeper",
    "ConsentRecord",
    "FolderShelf",
    "KeptRecording",
    "Media",
    "NoShelf",
    "OpenRecording",
    "Place",
    "RecordingIntake",
    "RecordingKeys",
    "RecordingLibrary",
    "RecordingQuery",
    "RecordingRecord",
    "RecordingStore",
    "RecordingTerms",
    "RecordingTurn",
    "Shelf",
]
