"""Allow-lists: which names a site's network has to let through, in the forms that filters read.

What lives here: picking entries from the endpoint catalog (``selection.py``), one writer per form (plain list,
CSV, JSON, Squid, proxy script, external lists), the sheet for the network engineer, and what changed between two
lists. What does not: which groups a site needs (:mod:`holofleet.desired.files`), and addresses: lists are by name,
never by number, because the vendor's addresses change. Start reading at ``allow_list.py``.
"""

from holofleet.formats.allow_lists.allow_list import AllowList, Entry, Inside, LeftOut, Need
from holofleet.formats.allow_lists.difference import Change, difference
from holofleet.formats.allow_lists.scenarios import SCENARIOS
from holofleet.formats.allow_lists.selection import of_groups, of_scenarios, select, whole

__all__ = [
    "SCENARIOS",
    "AllowList",
    "Change",
    "Entry",
    "Inside",
    "LeftOut",
    "Need",
    "difference",
    "of_groups",
    "of_scenarios",
    "select",
    "whole",
]
