"""Messages left for experts who cannot be called now: the last step of what a weak or absent network leaves.

What lives here: what a message may hold, whom it reaches, and who finds it (``service.py``). What does not: calls
that ring, and recordings. Its parts are sealed under a key of each message; what a headset sent is not kept on the
headset. Start reading at ``service.py``.
"""

from holofleet.server.assist.left.service import LeftMessages
from holofleet.server.assist.left.store import LeftStore
from holofleet.server.assist.left.values import (
    PHRASES,
    PICTURE_BYTES,
    VOICE_BYTES,
    VOICE_S,
    Draft,
    LeftMessage,
    Part,
    PartKind,
    SealedPart,
)

__all__ = [
    "PHRASES",
    "PICTURE_BYTES",
    "VOICE_BYTES",
    "VOICE_S",
    "Draft",
    "LeftMessage",
    "LeftMessages",
    "LeftStore",
    "Part",
    "PartKind",
    "SealedPart",
]
