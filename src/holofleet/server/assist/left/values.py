"""What a headset leaves when nobody can be called: a picture, a voice note, and words chosen from a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

KIB: Final = 1024
PICTURE_BYTES: Final = 720 * KIB
"""A JPEG of 1920 x 1080 at the quality that the page begins with is half of it."""
VOICE_BYTES: Final = 256 * KIB
"""A minute of Opus at 24 kbit/s is 180 KiB."""
VOICE_S: Final = 60
WAITING: Final = 20
"""Messages of one headset that nobody has taken; more are refused until somebody does."""
PHRASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "call-back": "Please call me back",
        "stands-still": "The machine stands still",
        "goes-on": "Work goes on, it can wait",
        "part": "I need a part",
        "check": "Please check what I did",
        "danger": "I stopped: it may be dangerous",
    }
)
"""What can be said without typing, by what the page sends; the words are only ever ours."""


class PartKind(StrEnum):
    """What a message carries beside words."""

    PICTURE = "picture"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Part:
    """A picture or a voice note."""

    kind: PartKind
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A part as it is kept: a box, bound to its message and to what it is. ``size``: bytes of what it holds."""

    kind: PartKind
    type: str
    size: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as the page sends it.

    Args:
        key: The page's own name for it: sent again under it, it is left once.
        to: A person, by id; empty for a rota.
        rota: A rota, or empty for whoever answers.
        phrases: Keys of :data:`PHRASES`, each once.
        voice_s: How long the voice note is.
    """

    key: str
    to: str = ""
    rota: str = ""
    phrases: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    voice_s: int = 0


@dataclass(frozen=True, slots=True)
class LeftMessage:
    """A message that was left, without what is in its parts.

    Args:
        label: The headset, as experts see it.
        holder: Who had it; empty for nobody known.
        to: Whom it is for: the name of a person or a rota.
        to_person: Id of that person; empty for a rota.
        parts: What it carries.
        taken_by: Id of the person who said that they see to it; empty for nobody.
    """

    id: str
    client: str
    serial: str
    label: str
    holder: str
    holder_person: str
    to: str
    to_person: str
    phrases: tuple[str, ...]
    parts: tuple[PartKind, ...]
    voice_s: int
    left_at: datetime
    kept_until: datetime
    taken_by: str = ""
    taken_name: str = ""
    taken_at: datetime | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The chosen phrases, written out."""
        return tuple(PHRASES[one] for one in self.phrases if one in PHRASES)
