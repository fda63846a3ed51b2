"""A guest's link as a value: one person, one call, one browser, one time."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from holofleet.protocols.signaling import PartyKind
from holofleet.server.assist.values import Party

USUAL: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=24)
SHORTEST: Final = timedelta(minutes=5)
MOST_OPEN: Final = 20
"""Links of one person that wait at one time."""
KEPT: Final = timedelta(days=30)
"""How long after its end a link is still listed; the record of the call has the guest for longer."""


class LinkState(StrEnum):
    """Where a link stands."""

    OPEN = "open"
    """Nobody has used it yet."""
    OPENED = "opened"
    """Used, in one browser, whose person has not asked to come in yet."""
    WAITING = "waiting"
    ADMITTED = "admitted"
    """Let in; whether they still are there, the call knows."""
    OVER = "over"


@dataclass(frozen=True, slots=True)
class GuestLink:
    """A link, without the secret that is in it.

    Args:
        client: Whose headset it is for.
        call: The call that it is for; empty for whatever call its maker has with the headset.
        person: Id of its maker; ``by``: their name.
        words: Who is expected, as its maker said it.
        name: Who came, as they said it themselves.
        told_call: The call whose experts were told that somebody waits.
        why: Why it is over: ``withdrawn``, ``refused``.
    """

    id: str
    client: str
    serial: str
    person: str
    words: str
    made_at: datetime
    expires_at: datetime
    epoch: int
    call: str = ""
    by: str = ""
    name: str = ""
    told_call: str = ""
    opened_at: datetime | None = None
    asked_at: datetime | None = None
    admitted_at: datetime | None = None
    ended_at: datetime | None = None
    why: str = ""

    @property
    def who(self) -> str:
        """The party that comes by it."""
        return f"{PartyKind.GUEST}:{self.id}"

    def state(self, now: datetime) -> LinkState:
        """Return where it stands."""
        if self.ended_at is not None:
            return LinkState.OVER
        if self.admitted_at is not None:
            return LinkState.ADMITTED
        if self.expires_at <= now:
            return LinkState.OVER
        if self.asked_at is not None:
            return LinkState.WAITING
        return LinkState.OPEN if self.opened_at is None else LinkState.OPENED

    def party(self) -> Party:
        """Return the guest as others see them: never mistaken for somebody of the organization."""
        name = f"Guest: {self.name or self.words}"
        return Party(PartyKind.GUEST, self.id, self.client, name, label=f"link of {self.by}", session=self.id)


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link with its secret, which is here and nowhere else."""

    link: GuestLink
    token: str = field(repr=False)


def plain(text: str) -> str:
    """Return words on one line, without what is not seen or turns the writing round."""
    kept = "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter)[0] != "C")
    return " ".join(kept.split())
