"""Who may find and call whom, and what their call may do.

What lives here: the rules that a published fleet file gives for calls, and the pure functions that judge by
them. A person is found only where they may be called: search and invitation ask one function. What does not: calls
themselves (:mod:`holofleet.server.assist`) and console roles (:mod:`holofleet.server.authorization`), which say
nothing about calls. Start reading at ``rules.py``, then ``service.py``.
"""

from holofleet.server.assist.policy.hours import is_open, opens_at
from holofleet.server.assist.policy.published import PublishedCalls, published_calls
from holofleet.server.assist.policy.rules import judge_pair, may_begin, switches
from holofleet.server.assist.policy.service import CallPolicy
from holofleet.server.assist.policy.store import PolicyStore
from holofleet.server.assist.policy.values import (
    Entry,
    Found,
    OpenRota,
    Side,
    SideKind,
    Switches,
    Verdict,
)

__all__ = [
    "CallPolicy",
    "Entry",
    "Found",
    "OpenRota",
    "PolicyStore",
    "PublishedCalls",
    "Side",
    "SideKind",
    "Switches",
    "Verdict",
    "is_open",
    "judge_pair",
    "may_begin",
    "opens_at",
    "published_calls",
    "switches",
]
