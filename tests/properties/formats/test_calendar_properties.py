"""Any texts survive a calendar: a strict reader gets them back, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.icalendar_reader import read

from holofleet.formats.handouts.calendar import Event, calendar

TEXT = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from('\\;,:\r\n\t "ü\U0001f6a2'), max_size=200
)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def kept(text: str) -> str:
    one_end = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in one_end if c in "\n\t" or (ord(c) >= 0x20 and ord(c) != 0x7F))


@given(TEXT, st.lists(st.tuples(TEXT, TEXT, DAYS, st.integers(1, 14), st.booleans()), min_size=1, max_size=4))
def test_FIL_1_texts_come_back_and_add_nothing(name, rows) -> None:
    events = [
        Event(f"{number}@contoso.com", first, first + timedelta(days=days), summary, text, reminder=remind)
        for number, (summary, text, first, days, remind) in enumerate(rows)
    ]
    found = read(calendar(name, events, stamp=rows[0][2]).encode())
    assert found.values["X-WR-CALNAME"] == kept(name)
    for event, part in zip(events, found.parts, strict=True):
        assert part.values["SUMMARY"] == kept(event.summary)
        assert part.values.get("DESCRIPTION", "") == kept(event.description)
        assert (part.values["DTSTART"], part.values["DTEND"]) == (event.first, event.end)
        assert bool(part.parts) == event.reminder
