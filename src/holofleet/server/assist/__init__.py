"""Calls between headsets and experts.

What lives here: who may call whom (``policy/``), who is an expert (``roster.py``) and who is there
(``presence.py``), what becomes of each message (``desk.py`` and what is behind it), what time alone does
(``watch.py``), guests (``guests/``), recordings (``recordings/``), messages left for later (``left/``),
credentials for relays (``turn.py``), and what is kept of a call (``records.py``, ``quality.py``). What does
not: what a message looks like and what may happen when (:mod:`holofleet.protocols.signaling`), and sockets
(:mod:`holofleet.web.assist`). The truth of a call is in the database. Start reading at ``desk.py``.
"""

from holofleet.server.assist.calls import CallService
from holofleet.server.assist.desk import AssistDesk
from holofleet.server.assist.experts import ExpertSearch
from holofleet.server.assist.records import (
    CallDetail,
    CallRecord,
    CallRecords,
    Came,
    FileRecord,
    MarkedCall,
    PartyRecord,
    QualityRecord,
    RecordQuery,
    RecordStore,
)
from holofleet.server.assist.rooms import AssistRooms
from holofleet.server.assist.store import (
    CallStore,
    Line,
    NewFile,
    OpenCall,
    Parties,
    PresenceStore,
    Socket,
    Turn,
)
from holofleet.server.assist.talk import TalkService
from holofleet.server.assist.turn import RelayCredentials, TurnServers
from holofleet.server.assist.values import Outcome, Party, Refusal

__all__ = [
    "AssistDesk",
    "AssistRooms",
    "CallDetail",
    "CallRecord",
    "CallRecords",
    "CallService",
    "CallStore",
    "Came",
    "ExpertSearch",
    "FileRecord",
    "Line",
    "MarkedCall",
    "NewFile",
    "OpenCall",
    "Outcome",
    "Parties",
    "Party",
    "PartyRecord",
    "PresenceStore",
    "QualityRecord",
    "RecordQuery",
    "RecordStore",
    "Refusal",
    "RelayCredentials",
    "Socket",
    "TalkService",
    "Turn",
    "TurnServers",
]
