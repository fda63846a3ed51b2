"""Where a statement of a guide stands, in one word, with the reason and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """The words for a statement, the one that needs most attention first."""

    NOT_MET = "not met"
    WAITING = "waiting"
    WAIVED = "waived"
    ATTESTED = "attested"
    MET = "met"
    NOT_APPLICABLE = "not applicable"

    @property
    def rank(self) -> int:
        """0 for the word that needs most attention."""
        return _RANKS[self]


_RANKS = {word: rank for rank, word in enumerate(Word)}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one statement stands for one deployment.

    Args:
        rule: The statement (``EXT-22``).
        word: Its standing.
        why: What it waits for, what is wrong, who accepts it, or why it does not apply.
        evidence: What proves it: the file, reports with their numbers, or who saw what; empty while nothing does.
        deployment: The deployment; empty where the statement binds no deployment of the file.
        lost: It would apply with another target: this one cannot do what the file asks for.
    """

    rule: str
    word: Word
    why: str = ""
    evidence: str = ""
    deployment: str = ""
    lost: bool = False
