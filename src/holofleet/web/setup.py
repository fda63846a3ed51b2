"""How this server is set up, as its settings pages show it: plain facts, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    COMMAND_LINE = "command line"
    FOLDER = "data folder"
    BUILT_IN = "built in"


@dataclass(frozen=True, slots=True)
class Fact:
    """One value.

    Args:
        title: What it is.
        value: As people read it; never a secret.
        source: Where it comes from.
        flag: The flag of ``holofleet serve`` that sets it; empty where none does.
        note: What follows from it.
        ends: When it runs out, if it does.
        machine: Whether the value is machine text.
    """

    title: str
    value: str
    source: Source
    flag: str = ""
    note: str = ""
    ends: datetime | None = None
    machine: bool = False


@dataclass(frozen=True, slots=True)
class SetupSection:
    """One page of facts."""

    key: str
    title: str
    facts: tuple[Fact, ...]
