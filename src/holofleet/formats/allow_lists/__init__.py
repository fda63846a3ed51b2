"""Lists of what a network has to let through, in the forms that filters read, from the endpoint catalog.

What lives here: choosing entries (``selection.py``), one writer per form, the page for the network engineer, and
what changed between two lists. What does not: which groups a site opens (:mod:`holofleet.desired.files.network`)
and the endpoints themselves (:mod:`holofleet.catalog`). By name, never by address: the services' addresses change.
Start reading at ``entry.py``.
"""

from __future__ import annotations

from holofleet.formats.allow_lists.difference import Difference, compare
from holofleet.formats.allow_lists.document import UnreadableListError, as_json, read
from holofleet.formats.allow_lists.entry import AllowList, Entry, LeftOut, Need, one_line, port_key
from holofleet.formats.allow_lists.pac import render as pac
from holofleet.formats.allow_lists.selection import SCENARIOS, known_groups, of_groups, of_scenarios, with_entries
from holofleet.formats.allow_lists.squid import render as squid
from holofleet.formats.allow_lists.texts import as_csv, as_names, as_text, as_urls, left_out

__all__ = [
    "SCENARIOS",
    "AllowList",
    "Difference",
    "Entry",
    "LeftOut",
    "Need",
    "UnreadableListError",
    "as_csv",
    "as_json",
    "as_names",
    "as_text",
    "as_urls",
    "compare",
    "known_groups",
    "left_out",
    "of_groups",
    "of_scenarios",
    "one_line",
    "pac",
    "port_key",
    "read",
    "squid",
    "with_entries",
]
