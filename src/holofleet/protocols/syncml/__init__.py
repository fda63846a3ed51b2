"""SyncML as Windows speaks it: the messages of OMA DM 1.2, in both directions.

What lives here: messages as values (``values.py``), bytes to values (``parse.py``), values to bytes
(``render.py``), status codes and what they mean (``codes.py``), and the rules of a session (``answer.py``: what
a reply owes; ``conversation.py``: which message may come next). What does not: nodes and their values (the
catalog), and what to send to whom (the server). LocURIs stay as the peer spelt them;
:func:`holofleet.resources.normal_uri` gives the one spelling to compare.

Covered: [MS-MDM] and the parts of OMA DM 1.2 and SyncML Representation 1.2 that Windows uses. Not covered:
WBXML, Copy, Search, Sync, Map and Put (parsed as :class:`Unknown`, to be answered 400).
"""

from holofleet.protocols.syncml.answer import HEADER_REF, Owed, Reply, owed, violations
from holofleet.protocols.syncml.codes import Alerts, Outcome, StatusCode, meaning, outcome
from holofleet.protocols.syncml.conversation import Conversation, Receipt, Role, Sent, Stage
from holofleet.protocols.syncml.parse import LIMITS, SyncMLLimits, parse
from holofleet.protocols.syncml.render import Fragment, Rendered, fragment, render
from holofleet.protocols.syncml.values import (
    Add,
    Alert,
    AnyCommand,
    Atomic,
    Chal,
    Cred,
    Delete,
    Exec,
    Get,
    Header,
    Item,
    Message,
    Replace,
    Results,
    Sequence,
    Status,
    Unknown,
)

__all__ = [
    "HEADER_REF",
    "LIMITS",
    "Add",
    "Alert",
    "Alerts",
    "AnyCommand",
    "Atomic",
    "Chal",
    "Conversation",
    "Cred",
    "Delete",
    "Exec",
    "Fragment",
    "Get",
    "Header",
    "Item",
    "Message",
    "Outcome",
    "Owed",
    "Receipt",
    "Rendered",
    "Replace",
    "Reply",
    "Results",
    "Role",
    "Sent",
    "Sequence",
    "Stage",
    "Status",
    "StatusCode",
    "SyncMLLimits",
    "Unknown",
    "fragment",
    "meaning",
    "outcome",
    "owed",
    "parse",
    "render",
    "violations",
]
