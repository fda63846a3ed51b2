"""Calendars of whole days, read back by a strict reader."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.icalendar_reader import read

from holofleet.formats.handouts.calendar import Event, calendar

DAY = date(2027, 3, 10)
NEXT = date(2027, 3, 11)


def one(**values: object) -> Event:
    return Event(**({"uid": "a@contoso.com", "first": DAY, "end": NEXT, "summary": "Visit"} | values))  # type: ignore[arg-type]


def test_an_event_is_whole_days_without_a_zone() -> None:
    text = calendar("Ships", [one(description="Come back", location="Harbour", reminder=True)], stamp=DAY)
    event = read(text.encode()).parts[0]
    assert event.values == {
        "UID": "a@contoso.com",
        "DTSTAMP": datetime(2027, 3, 10, tzinfo=UTC),
        "DTSTART": DAY,
        "DTEND": NEXT,
        "SUMMARY": "Visit",
        "DESCRIPTION": "Come back",
        "LOCATION": "Harbour",
        "TRANSP": "TRANSPARENT",
    }
    assert [alarm.values["TRIGGER"] for alarm in event.parts] == ["-PT15H"]
    assert "TZID" not in text


@pytest.mark.parametrize(
    "hostile",
    [
        "a, b; c\\ d",
        "two\nlines\r\nthree\rfour",
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:x",
        "ü" * 200,
        "\U0001f6a2" * 60,
        "x" * 400,
        " leading and trailing ",
        "bell\x07 and null\x00",
        "already \\n escaped",
    ],
)
def test_FIL_1_a_hostile_text_stays_the_text_of_its_property(hostile: str) -> None:
    made = one(summary=hostile, description=hostile, location=hostile, reminder=True)
    found = read(calendar(hostile, [made], stamp=DAY).encode())
    expected = hostile.replace("\r\n", "\n").replace("\r", "\n").replace("\x07", "").replace("\x00", "")
    assert found.values["NAME"] == expected
    assert len(found.parts) == 1
    assert {found.parts[0].values[key] for key in ("SUMMARY", "DESCRIPTION", "LOCATION")} == {expected}
    assert found.parts[0].parts[0].values["DESCRIPTION"] == expected


def test_a_long_line_is_folded_at_75_octets_and_characters_stay_whole() -> None:
    content = calendar("Ships", [one(summary="ü" * 100)], stamp=DAY).encode()
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) in (74, 75)
    assert sum(line.startswith(b" ") for line in lines) == 2


def test_an_empty_calendar_and_an_event_without_a_day_are_refused() -> None:
    with pytest.raises(ValueError, match="without entries"):
        calendar("Ships", [], stamp=DAY)
    with pytest.raises(ValueError, match="ends before"):
        calendar("Ships", [one(end=DAY)], stamp=DAY)
