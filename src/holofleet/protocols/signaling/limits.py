"""Sizes, rates and codes of the socket; all are ours, and stand in ``docs/assist-protocol.md`` too."""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
SUBPROTOCOL: Final = "holofleet.assist.v1"

MESSAGE_BYTES: Final = 64 * 1024
SDP_BYTES: Final = 32 * 1024
CANDIDATE_BYTES: Final = 2 * 1024
CHAT_LETTERS: Final = 2_000
NOTE_LETTERS: Final = 4_000
NAME_LETTERS: Final = 255
REFERENCE_LETTERS: Final = 120
"""Of an asset or a work order."""
ID_LETTERS: Final = 40
GUEST_LETTERS: Final = 60
"""Of the name that a guest gives, and of the words by which they are expected."""
FILE_BYTES: Final = 50 * 1024 * 1024
MARKS_AT_ONCE: Final = 200
SAMPLES_AT_ONCE: Final = 60
RESUMED: Final = 8
"""Calls that one hello may resume."""

CLOSE_UNREADABLE: Final = 4400
CLOSE_SIGNED_OUT: Final = 4401
CLOSE_REFUSED: Final = 4403
CLOSE_SLOW: Final = 4408
CLOSE_REPLACED: Final = 4409
CLOSE_RATE: Final = 4429
