"""Hours in which calls can be made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from holofleet.resources import WeekHours
from holofleet.server.assist.policy import is_open, opens_at
from holofleet.spec.model.calls import Rota, week_minutes

WORK = WeekHours(spans=week_minutes("mon-fri 07:00-17:00"), timezone="Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-25T06:00:00", True),  # Wednesday, 07:00 in Berlin
        ("2026-11-25T05:59:59", False),
        ("2026-11-25T15:59:59", True),
        ("2026-11-25T16:00:00", False),
        ("2026-11-28T10:00:00", False),  # Saturday
        ("2026-07-01T05:00:00", True),  # 07:00 in summer
    ],
)
def test_hours_are_those_of_their_own_zone(moment, open_):
    assert is_open(WORK, at(moment)) is open_


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-25T06:30:00", "2026-11-25T06:30:00"),
        ("2026-11-25T03:00:00", "2026-11-25T06:00:00"),
        ("2026-11-25T16:00:00", "2026-11-26T06:00:00"),
        ("2026-11-27T17:00:00", "2026-11-30T06:00:00"),  # from Friday evening to Monday
        ("2026-03-27T18:00:00", "2026-03-30T05:00:00"),  # summer time begins between
    ],
)
def test_closed_hours_say_when_they_open_again(moment, opens):
    assert opens_at(WORK, at(moment)) == at(opens)


def test_without_spans_it_is_always_open():
    assert is_open(WeekHours(), at("2026-11-28T03:00:00"))


def test_days_run_over_the_end_of_the_week():
    assert week_minutes("sat-mon 00:00-01:00") == ((0, 60), (7200, 7260), (8640, 8700))
    assert len(week_minutes("daily 00:00-24:00")) == 7


@pytest.mark.parametrize(
    "text", ["mon-fri", "mon 17:00-07:00", "xyz 07:00-08:00", "mon 7-17", "mon-fri 07:00-24:30"]
)
def test_what_is_no_hours_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match="such as mon-fri 07:00-17:00"):
        Rota.model_validate({"name": "pumps", "experts": ["e"], "hours": text})
