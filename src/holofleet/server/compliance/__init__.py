"""Whether headsets are as the file wants them, in one word each, with reasons.

What lives here: the status of one setting, the *overlay* (what differs from a document, node by node; empty when
everything is as it should be) and the word for a headset. What does not: how a deviation is found and mended
(``server/management``), and how words are counted (``server/fleet``). Compliance is a headset's own report.
Start reading at ``overlay.py``.
"""

from holofleet.server.compliance.overlay import (
    Entry,
    Overlay,
    Phase,
    SettingStatus,
    parse_overlay,
    render_overlay,
)
from holofleet.server.compliance.reason import reason_of
from holofleet.server.compliance.word import Compliance, word_of_overlay

__all__ = [
    "Compliance",
    "Entry",
    "Overlay",
    "Phase",
    "SettingStatus",
    "parse_overlay",
    "reason_of",
    "render_overlay",
    "word_of_overlay",
]
