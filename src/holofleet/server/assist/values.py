"""Who is on a socket, and what comes back for a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from holofleet.protocols.signaling import Holder, PartyKind, Seat
from holofleet.server.assist.policy import Side, SideKind, Verdict


@dataclass(frozen=True, slots=True)
class Party:
    """Whoever is on a socket, or is called: proved by the server, never by what a page says.

    Args:
        key: Serial number, id of a person, id of a guest's link.
        client: Whose.
        account: Of a headset the account that signs in there; of an expert their UPN, which others do not see.
        session: Id of the session or pairing behind the socket.
    """

    kind: PartyKind
    key: str
    client: str
    name: str
    label: str = ""
    serial: str = ""
    account: str = ""
    holder: Holder = field(default_factory=Holder)
    session: str = ""

    @property
    def who(self) -> str:
        """One spelling for all that is counted by party, as in :attr:`Seat.who`."""
        return f"{self.kind}:{self.key}"

    @property
    def actor(self) -> str:
        """The spelling of the audit log."""
        match self.kind:
            case PartyKind.HEADSET:
                return f"kiosk:{self.serial}"
            case PartyKind.EXPERT:
                return f"person:{self.account}"
            case PartyKind.GUEST:
                return f"guest:{self.key}"

    def seat(self, seat_id: str) -> Seat:
        """Return a seat for it in a call."""
        return Seat(
            seat_id,
            self.kind,
            self.key,
            self.client,
            self.name,
            label=self.label,
            serial=self.serial,
            account=self.account,
            holder=self.holder,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a message, and the calls of which somebody has to be told something."""

    answer: Mapping[str, Any]
    woken: tuple[str, ...] = ()


class Refusal(Exception):  # noqa: N818 - it is an answer, not a mistake
    """What was asked is not allowed: the answer names the rule."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(words)
        self.rule = rule
        self.words = words

    @classmethod
    def of(cls, verdict: Verdict) -> Refusal:
        """Return the refusal that a verdict is."""
        return cls(verdict.rule, verdict.words)

    @property
    def answer(self) -> dict[str, Any]:
        """The message that says so."""
        return {"type": "refused", "rule": self.rule, "words": self.words}


DONE: Mapping[str, Any] = {"type": "done"}


def nobody(key: str) -> Side:
    """Return a side that the rules refuse as they refuse whoever does not exist."""
    return Side(SideKind.EXPERT, key, "", here=False)


def upn_of(seat: Seat) -> str:
    """Return the name of an expert for the record."""
    return seat.account or seat.name
