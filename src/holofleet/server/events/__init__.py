"""What happened to headsets, as numbered events.

What lives here: the kinds of events and the two values (one to be written, one that was read). What does not:
audit, which is what people and tokens did (``server/audit``, a hash chain). An event is always written in the
transaction of the change that it tells of. Start reading at ``event.py``.
"""

from holofleet.server.events.event import Event, EventKind, NewEvent

__all__ = ["Event", "EventKind", "NewEvent"]
