"""``power``: display, standby, and restarts by the clock.

Writes ADMX policies of the area Power and ``Reboot/Schedule``. Serves SHR-24 (display off locks) and EXT-30
(standby while plugged in keeps apps from updating). Seconds stand inside the ADMX payload.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from holofleet.desired.groups.group import POLICY, Group
from holofleet.desired.sheet import Sheet, admx

_POWER = POLICY + "Power/"
_TIMEOUTS = {
    "power.display_off_on_battery_s": ("DisplayOffTimeoutOnBattery", "EnterVideoDCPowerDownTimeOut"),
    "power.display_off_plugged_in_s": ("DisplayOffTimeoutPluggedIn", "EnterVideoACPowerDownTimeOut"),
    "power.standby_on_battery_s": ("StandbyTimeoutOnBattery", "EnterDCStandbyTimeOut"),
    "power.standby_plugged_in_s": ("StandbyTimeoutPluggedIn", "EnterACStandbyTimeOut"),
}
_SCHEDULE = "./Device/Vendor/MSFT/Reboot/Schedule/"
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_MONDAY = date(2024, 1, 1)
"""A schedule starts at a date; a fixed Monday keeps the document the same on every day that it is compiled."""


def _write(sheet: Sheet) -> None:
    for key, (name, data) in _TIMEOUTS.items():
        seconds = sheet.wanted.value(key)
        if seconds is not None:
            sheet.node(_POWER + name, admx({data: seconds}), key=key)
    restart = sheet.wanted.value("power.restart")
    if restart is None:
        return
    daily = restart.day == "every-day"
    first = _FIRST_MONDAY + timedelta(days=0 if daily else _WEEK.index(restart.day))
    moment = datetime.combine(first, restart.time)
    node = _SCHEDULE + ("DailyRecurrent" if daily else "WeeklyRecurrent")
    sheet.node(node, moment.isoformat(timespec="seconds"), key="power.restart")


GROUP = Group(
    writes={
        **{_POWER + name: key for key, (name, _) in _TIMEOUTS.items()},
        _SCHEDULE + "DailyRecurrent": "power.restart",
        _SCHEDULE + "WeeklyRecurrent": "power.restart",
    },
    write=_write,
)
