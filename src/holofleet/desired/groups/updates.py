"""``updates``: system updates through Windows Update for Business.

Writes policies of the area Update. Serves EXT-13, EXT-33, OFF-10, OFF-18 and OFF-42. ``updates.build`` is what
the headsets shall have: no node pins it, it decides which nodes and pages exist. ``updates.mode`` says how the
operator thinks of the deferrals and writes nothing. A HoloLens 2 knows no WSUS, so that source is undelivered.

Source: 'Manage HoloLens updates' (Microsoft).
"""

from __future__ import annotations

from holofleet.desired.groups.group import POLICY, Group, Switch
from holofleet.desired.sheet import Sheet

_UPDATE = POLICY + "Update/"
_DAYS = {
    "every-day": 0,
    "sunday": 1,
    "monday": 2,
    "tuesday": 3,
    "wednesday": 4,
    "thursday": 5,
    "friday": 6,
    "saturday": 7,
}
_AUTOMATIC = {
    "notify": 0,
    "install-and-notify": 1,
    "install-and-restart": 2,
    "scheduled": 3,
    "without-user": 4,
    "off": 5,
}


def _write(sheet: Sheet) -> None:
    source = sheet.wanted.value("updates.source")
    if source == "windows-update":
        sheet.node(_UPDATE + "AllowUpdateService", 1, key="updates.source")
    elif source is not None:
        sheet.undelivered("updates.source", "a HoloLens 2 takes updates from Windows Update only")
    install = sheet.wanted.value("updates.install")
    if install is not None:
        sheet.node(_UPDATE + "ScheduledInstallDay", _DAYS[install.day], key="updates.install.day")
        sheet.node(_UPDATE + "ScheduledInstallTime", install.time.hour, key="updates.install.time")


GROUP = Group(
    switches=(
        Switch("updates.automatic", _UPDATE + "AllowAutoUpdate", _AUTOMATIC),
        Switch("updates.deferral.feature_days", _UPDATE + "DeferFeatureUpdatesPeriodInDays"),
        Switch("updates.deferral.quality_days", _UPDATE + "DeferQualityUpdatesPeriodInDays"),
        Switch("updates.active_hours.start", _UPDATE + "ActiveHoursStart"),
        Switch("updates.active_hours.end", _UPDATE + "ActiveHoursEnd"),
        Switch("updates.deadline.feature_days", _UPDATE + "ConfigureDeadlineForFeatureUpdates"),
        Switch("updates.deadline.quality_days", _UPDATE + "ConfigureDeadlineForQualityUpdates"),
        Switch("updates.deadline.grace_days", _UPDATE + "ConfigureDeadlineGracePeriod"),
        Switch("updates.deadline.restart_early", _UPDATE + "ConfigureDeadlineNoAutoReboot", {True: 0, False: 1}),
        Switch("updates.user_may_pause", _UPDATE + "SetDisablePauseUXAccess", {True: 0, False: 1}),
        Switch("updates.preview_builds", _UPDATE + "ManagePreviewBuilds", {True: 2, False: 0}),
    ),
    writes={
        _UPDATE + "AllowUpdateService": "updates.source",
        _UPDATE + "ScheduledInstallDay": "updates.install.day",
        _UPDATE + "ScheduledInstallTime": "updates.install.time",
    },
    write=_write,
)
