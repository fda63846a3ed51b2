"""What stands on a sheet of paper, before it has a look.

Texts of a fleet file can be long and hold anything; on paper they are cut, so that every sheet stays one sheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_BRACES = re.compile(r"\{(?=\{)")
_SHORT = 40
"""Characters of a text of the fleet file on paper. Ours."""


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered part of a hand-out: what to do, in sentences."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Off:
    """One thing that a headset does not do, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class HandOut:
    """One page for the people who wear the headsets of a deployment.

    Args:
        title: What it is about.
        subtitle: For whom, where.
        steps: What to do, in the order of a day.
        off: What is switched off.
        care: How to look after the headset.
        contact: Who helps; a line to write on stands beside it.
        foot: Where the page comes from.
    """

    title: str
    subtitle: str
    steps: tuple[Step, ...]
    off: tuple[Off, ...]
    care: tuple[str, ...]
    contact: str
    foot: str


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work in a tenant.

    Args:
        steps: Sentences, in order.
        commands: Lines to run, in order.
        attested: What the fleet file says of it already.
        attest: Line for the fleet file.
    """

    title: str
    rule: str
    reason: str
    steps: tuple[str, ...]
    commands: tuple[str, ...] = ()
    attested: str = ""
    attest: str = ""


@dataclass(frozen=True, slots=True)
class TenantTasks:
    """The work in one tenant."""

    title: str
    about: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class CloudSteps:
    """What people have to click or type in tenants, because no application can."""

    title: str
    subtitle: str
    tenants: tuple[TenantTasks, ...]
    foot: str


@dataclass(frozen=True, slots=True)
class Check:
    """One line to tick.

    Args:
        what: What is so when it is ticked.
        how: How to do it or to see it.
        command: A command that does or shows it.
        done: What the fleet file already says, such as a day.
        rule: Guide statement behind it.
    """

    what: str
    how: str = ""
    command: str = ""
    done: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong to one moment."""

    title: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """One page for whoever sends one headset out and takes it back.

    Args:
        title: Which headset.
        subtitle: Where it goes.
        facts: Names and values, in reading order.
        parts: The lines, by moment.
        label: Lines of the label to cut out; nothing on it lets anybody sign in.
        foot: Where the page comes from.
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    label: tuple[str, ...]
    foot: str


def short(text: str, most: int = _SHORT) -> str:
    """Return a text of the fleet file as one line of at most ``most`` characters.

    Two braces in a row are kept apart: on paper nobody's text becomes a reference to a secret. What cannot be
    seen goes, marks that turn the reading direction among it.
    """
    seen = "".join(char if char.isprintable() else " " for char in text)
    line = _BRACES.sub("{ ", " ".join(seen.split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def listed(words: tuple[str, ...], *, most: int = 5) -> str:
    """Return words as they stand in a sentence: ``a, b and c``; from the sixth on they are counted."""
    if len(words) > most:
        words = (*words[: most - 1], f"{len(words) - most + 1} more")
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def day(value: date) -> str:
    """Return a day in words that nobody reads the wrong way round: ``9 December 2026``."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
