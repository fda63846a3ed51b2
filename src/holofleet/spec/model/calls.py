"""Who answers calls, when, and who may never meet in one."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, model_validator

from holofleet.spec.model.base import Model, OneOrMany, key
from holofleet.spec.model.organization import TimeZone
from holofleet.spec.values import Name, Text, refuse

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(
    r"(?:(?P<day>daily)|(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?) "
    r"(?P<from>(?:[01][0-9]|2[0-3]):[0-5][0-9])-(?P<to>(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z"
)


def _hours(value: object) -> object:
    if isinstance(value, str) and (found := _HOURS.match(value)):
        days = {found["first"], found["last"]} - {None}
        if days <= set(WEEKDAYS) and found["from"] < found["to"]:
            return value
    raise refuse(
        "days and times of one day, such as mon-fri 07:00-17:00",
        "mon-fri 07:00-17:00",
        "Hours past midnight are two entries: `fri 22:00-24:00` and `sat 00:00-06:00`.",
    )


Hours = Annotated[str, BeforeValidator(_hours)]
"""``mon-fri 07:00-17:00``, ``sat 08:00-12:00``, ``daily 00:00-24:00``."""


def week_minutes(hours: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of a week that an entry means, in minutes since Monday 00:00 of its own zone."""
    found = _HOURS.match(hours)
    if found is None:
        raise ValueError(f"not hours: {hours}")
    first, last = found["first"] or "mon", found["last"] or found["first"] or "sun"
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    days = range(start, end + 1) if start <= end else (*range(start, 7), *range(end + 1))
    return tuple(
        (day * 1440 + _minutes(found["from"]), day * 1440 + _minutes(found["to"])) for day in sorted(days)
    )


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


class Rota(Model):
    """Experts who answer a call that names nobody: the first one who is free."""

    name: Name = key("Name of the rota.", example="pumps", default=...)
    display_name: Text | None = key("Name as wearers see it.", example="Pumps and valves", max_length=60)
    experts: tuple[Text, ...] = key(
        "Groups and people, in the order in which they are asked.",
        example="[pump-experts]",
        default=...,
        min_length=1,
    )
    assets: OneOrMany[Text] = key(
        "References of assets that it answers for; `*` stands for anything. Left out: every call.",
        example="[PUMP-*]",
        default=(),
    )
    hours: OneOrMany[Hours] = key("When it answers. Left out: always.", example="mon-fri 07:00-17:00", default=())
    timezone: TimeZone | None = key(
        "Time zone of the hours; left out: the organization's.", example="Europe/Berlin"
    )


class Barrier(Model):
    """Two sides that can neither find nor call one another, nor meet in a call of somebody else."""

    between: tuple[Text, ...] = key(
        "Two names: groups, clients, or `own` for the organization itself.",
        example="[fabrikam, northwind]",
        default=...,
        rule="EXT-37",
        min_length=2,
        max_length=2,
    )

    @model_validator(mode="after")
    def _two(self) -> Barrier:
        if self.between[0] == self.between[1]:
            raise refuse("two different sides", "[fabrikam, northwind]")
        return self


class Calls(Model):
    """What holds for calls of the whole fleet; what holds for one deployment stands in its ``assist``."""

    rotas: tuple[Rota, ...] = key(
        "Who answers a call that names nobody.", example="[{name: pumps, experts: [pump-experts]}]", default=()
    )
    barriers: tuple[Barrier, ...] = key(
        "Who can never meet in a call.", example="[{between: [fabrikam, northwind]}]", default=(), rule="EXT-37"
    )
