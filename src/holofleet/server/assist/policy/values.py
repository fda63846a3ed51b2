"""The sides of a call, and what is said about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SideKind(StrEnum):
    """What takes part in a call."""

    HEADSET = "headset"
    EXPERT = "expert"
    GUEST = "guest"
    """Whoever came by a one-time link: of no client, and in no group."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a call, with all that the rules ask of it.

    Args:
        kind: What it is.
        key: Serial number of a headset, id of a person, id of a guest's link.
        client: Whose it is; empty for a guest.
        name: As others see it.
        upn: Of an expert: the name that the fleet file uses.
        groups: Groups that an expert is in, or that a headset's account is in.
        here: Whether it counts: a person who has not left, a headset that is in the fleet and not lost.
        expert: Whether the fleet file gives a person the role ``expert``.
        deployment: Of a headset.
        licenses: Products that a headset's account really has.
        held: Whether somebody has the headset on record.
    """

    kind: SideKind
    key: str
    client: str
    name: str = ""
    upn: str = ""
    groups: frozenset[str] = frozenset()
    here: bool = True
    expert: bool = False
    deployment: str = ""
    licenses: frozenset[str] = frozenset()
    held: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed, or not and why.

    Args:
        rule: Guide statement (``EXT-35``) or setting of the fleet file (``assist.hours``) that refuses.
        words: For the person who asked; says nothing about anybody whom they may not find.
    """

    allowed: bool
    rule: str = ""
    words: str = ""


ALLOWED = Verdict(True)


@dataclass(frozen=True, slots=True)
class Switches:
    """What a call may do; each is off as soon as one of its sides must do without."""

    recording: bool
    chat: bool
    files: bool
    snapshots: bool
    location: bool
    guests: bool
    low_bandwidth: str
    """``snapshots``, ``low-resolution`` or ``refuse``: what happens below the guide's least bandwidth."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who may be called now."""

    key: str
    name: str
    client: str
    about: tuple[str, ...] = ()
    """Names of the rotas in which they answer."""


@dataclass(frozen=True, slots=True)
class OpenRota:
    """A rota that answers now. ``experts``: keys, in the order in which they are asked."""

    name: str
    display_name: str
    experts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a side may call.

    Args:
        after: Where the next page begins; empty at the end.
        closed_until: When calls are possible again, where hours forbid them now; ``None`` where that is not the
            reason, or never.
        verdict: Why nobody is listed, where the side may not call at all.
    """

    entries: tuple[Entry, ...]
    rotas: tuple[OpenRota, ...] = ()
    after: str = ""
    closed_until: datetime | None = None
    verdict: Verdict = ALLOWED
