"""Events as sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from holofleet.server.events import Event, EventKind
from holofleet.web.console.happenings import by_day, happening, told, told_of_fleet

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
CAMERA = "./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera"


def event(kind: EventKind, sequence: int, *, serial: str = "A", at: datetime = AT, **data: Any) -> Event:
    return Event(sequence, at, kind, "own", f"headset:{serial}", "field", serial, f"e-{serial}", data)


def test_drift_names_the_setting_and_what_the_headset_says() -> None:
    line = happening(event(EventKind.DRIFTED, 1, oma_uri=USB, reported="1"))
    assert (line.what, line.detail, line.tone) == (
        "Allow USB connection drifted",
        "The headset reports 1",
        "drifted",
    )


def test_settings_that_changed_alike_in_one_session_are_one_line() -> None:
    events = [event(EventKind.DRIFTED, 1, oma_uri=USB), event(EventKind.DRIFTED, 2, oma_uri=CAMERA)]
    (line,) = told(events)
    assert line.what == "2 settings drifted"
    assert "Allow camera" in line.detail


def test_settings_of_two_headsets_stay_apart() -> None:
    events = [event(EventKind.DRIFTED, 1, oma_uri=USB), event(EventKind.DRIFTED, 2, serial="B", oma_uri=USB)]
    assert len(told(events)) == 2


def test_a_fleet_that_converges_is_one_line_and_not_a_hundred() -> None:
    events = [event(EventKind.CONVERGED, number, serial=f"S{number}") for number in range(1, 101)]
    (line,) = told_of_fleet(events, lambda serial: f"HL-{serial}")
    assert line.what == "100 headsets are as the fleet file says"
    assert line.detail == "HL-S1, HL-S2, HL-S3 and 97 more"


def test_a_headset_that_converges_twice_is_one_headset() -> None:
    twice = [event(EventKind.CONVERGED, 1, serial="S1"), event(EventKind.CONVERGED, 2, serial="S1")]
    (line,) = told_of_fleet(twice, lambda serial: f"HL-{serial}")
    assert (line.what, line.serial) == ("Everything is as the fleet file says", "S1")
    (line,) = told_of_fleet([*twice, event(EventKind.CONVERGED, 3, serial="S2")], lambda serial: f"HL-{serial}")
    assert (line.what, line.detail) == ("2 headsets are as the fleet file says", "HL-S1, HL-S2")


def test_lines_stand_under_their_days_newest_first() -> None:
    events = [
        event(EventKind.ENROLLED, 1, at=AT - timedelta(days=30)),
        event(EventKind.CONVERGED, 2, at=AT - timedelta(days=1)),
        event(EventKind.LOST, 3),
    ]
    assert [day.title for day in by_day(told(events), AT)] == ["Today", "Yesterday", "21 Oct"]
