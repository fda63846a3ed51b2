"""Times from elsewhere: only what can be reckoned with is one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from holofleet.clock import parse_utc


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "2026-03-02",
        "2026-03-02T09:00:00",
        "",
    ],
)
def test_what_is_no_time_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_utc(text)


@pytest.mark.parametrize("text", ["1900-01-01T00:00:00Z", "9000-12-31T23:59:59Z"])
def test_a_day_before_and_after_any_time_is_one_too(text: str) -> None:
    assert parse_utc(text) - timedelta(days=1) < parse_utc(text) < parse_utc(text) + timedelta(days=1)
