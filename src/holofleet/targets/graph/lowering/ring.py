"""Update policies as Intune's native update ring, where each node has exactly one property.

A ring that administrators know from the portal is easier to read than twenty custom settings. It is lifted only
when every update node of a document has its place: a node in both would be a conflict, and neither would apply.

Source: Microsoft Graph reference, resource type ``windowsUpdateForBusinessConfiguration``; Policy CSP,
area Update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from holofleet.resources import Setting

UPDATE = "./Device/Vendor/MSFT/Policy/Config/Update/"
TYPE = "#microsoft.graph.windowsUpdateForBusinessConfiguration"
_MODES = {
    "0": "notifyDownload",
    "1": "autoInstallAtMaintenanceTime",
    "2": "autoInstallAndRebootAtMaintenanceTime",
    "3": "autoInstallAndRebootAtScheduledTime",
    "4": "autoInstallAndRebootWithoutEndUserControl",
}
_DAYS = ("everyday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_NUMBERS = {
    "DeferFeatureUpdatesPeriodInDays": "featureUpdatesDeferralPeriodInDays",
    "DeferQualityUpdatesPeriodInDays": "qualityUpdatesDeferralPeriodInDays",
    "ConfigureDeadlineForFeatureUpdates": "deadlineForFeatureUpdatesInDays",
    "ConfigureDeadlineForQualityUpdates": "deadlineForQualityUpdatesInDays",
    "ConfigureDeadlineGracePeriod": "deadlineGracePeriodInDays",
}
_WORDS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "SetDisablePauseUXAccess": ("userPauseAccess", {"0": "enabled", "1": "disabled"}),
    "SetDisableUXWUAccess": ("userWindowsUpdateScanAccess", {"0": "enabled", "1": "disabled"}),
    "ConfigureDeadlineNoAutoReboot": ("postponeRebootUntilAfterDeadline", {"0": False, "1": True}),
    "AllowMUUpdateService": ("microsoftUpdateServiceAllowed", {"0": False, "1": True}),
    "ExcludeWUDriversInQualityUpdate": ("driversExcluded", {"0": False, "1": True}),
}


def lift(settings: Iterable[Setting]) -> tuple[dict[str, Any] | None, tuple[Setting, ...]]:
    """Split settings into the properties of an update ring and the rest.

    Returns:
        The properties with their type, ``None`` where a ring cannot say all that the document says about automatic
        updates, and the settings that stay custom ones.
    """
    listed = tuple(settings)
    nodes = {s.oma_uri.removeprefix(UPDATE): s.data for s in listed if s.oma_uri.startswith(UPDATE)}
    lifted: dict[str, Any] = {}
    taken: set[str] = set()
    for node, data in nodes.items():
        if (name := _NUMBERS.get(node)) is not None and data.isdigit():
            lifted[name] = int(data)
            taken.add(node)
        elif node in _WORDS and data in _WORDS[node][1]:
            lifted[_WORDS[node][0]] = _WORDS[node][1][data]
            taken.add(node)
    for part in (_mode, _active_hours, _schedule):
        part(nodes, lifted, taken)
    if "AllowAutoUpdate" in nodes and "AllowAutoUpdate" not in taken:
        return None, listed
    if not lifted:
        return None, listed
    rest = tuple(
        s for s in listed if s.oma_uri.removeprefix(UPDATE) not in taken or not s.oma_uri.startswith(UPDATE)
    )
    return {"@odata.type": TYPE} | lifted, rest


def _mode(nodes: Mapping[str, str], lifted: dict[str, Any], taken: set[str]) -> None:
    mode = nodes.get("AllowAutoUpdate")
    if mode in _MODES and (mode != "3" or {"ScheduledInstallDay", "ScheduledInstallTime"} <= nodes.keys()):
        lifted["automaticUpdateMode"] = _MODES[mode]
        taken.add("AllowAutoUpdate")


def _active_hours(nodes: Mapping[str, str], lifted: dict[str, Any], taken: set[str]) -> None:
    pair = ("ActiveHoursStart", "ActiveHoursEnd")
    if not set(pair) <= nodes.keys() or "automaticUpdateMode" not in lifted or nodes.get("AllowAutoUpdate") == "3":
        return
    lifted["installationSchedule"] = {
        "@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
        "activeHoursStart": _hour(nodes[pair[0]]),
        "activeHoursEnd": _hour(nodes[pair[1]]),
    }
    taken.update(pair)


def _schedule(nodes: Mapping[str, str], lifted: dict[str, Any], taken: set[str]) -> None:
    if nodes.get("AllowAutoUpdate") != "3" or "automaticUpdateMode" not in lifted:
        return
    lifted["installationSchedule"] = {
        "@odata.type": "#microsoft.graph.windowsUpdateScheduledInstall",
        "scheduledInstallDay": _DAYS[int(nodes["ScheduledInstallDay"])],
        "scheduledInstallTime": _hour(nodes["ScheduledInstallTime"]),
    }
    taken.update(("ScheduledInstallDay", "ScheduledInstallTime"))


def _hour(text: str) -> str:
    return f"{int(text):02d}:00:00.0000000"


_UNSET: tuple[Any, ...] = (None, "", 0, False, [], {}, "userDefined", "notConfigured")
_BOOKKEEPING = frozenset(
    {
        "@odata.type",
        "id",
        "displayName",
        "description",
        "version",
        "createdDateTime",
        "lastModifiedDateTime",
        "supportsScopeTags",
        "roleScopeTagIds",
        "assignments",
        "assignments@odata.context",
        "featureUpdatesRollbackWindowInDays",
        # Ends and beginnings of what a switch of its own says; it is named where it is on.
        "featureUpdatesPauseExpiryDateTime",
        "featureUpdatesRollbackStartDateTime",
        "qualityUpdatesPauseExpiryDateTime",
        "qualityUpdatesRollbackStartDateTime",
    }
)
_INSTALLS = "#microsoft.graph.windowsUpdateScheduledInstall"


def nodes(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the nodes of the area Update that a ring says, with their data: :func:`lift` the other way round.

    Plain switches that are off are how a ring says that nobody set them: they give no node. Days that are absent
    were set by nobody; 0 days are a number of days.
    """
    found = [(node, str(body[name])) for node, name in _NUMBERS.items() if body.get(name) is not None]
    for node, (name, words) in _WORDS.items():
        data = next((data for data, word in words.items() if word == body.get(name)), None)
        if data is not None and (body[name] is not False or name == "postponeRebootUntilAfterDeadline"):
            found.append((node, data))
    mode = next((data for data, word in _MODES.items() if word == body.get("automaticUpdateMode")), None)
    if mode is not None:
        found.append(("AllowAutoUpdate", mode))
    return sorted([*found, *_times(body.get("installationSchedule") or {})])


def _times(schedule: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if schedule.get("@odata.type") == _INSTALLS:
        day = str(schedule.get("scheduledInstallDay"))
        if day in _DAYS:
            yield "ScheduledInstallDay", str(_DAYS.index(day))
        yield "ScheduledInstallTime", str(int(str(schedule.get("scheduledInstallTime"))[:2]))
    elif "activeHoursStart" in schedule:
        yield "ActiveHoursStart", str(int(str(schedule["activeHoursStart"])[:2]))
        yield "ActiveHoursEnd", str(int(str(schedule["activeHoursEnd"])[:2]))


def unsaid(body: Mapping[str, Any]) -> list[str]:
    """Return the properties that somebody set in a ring and that no node here says."""
    said = {
        *_NUMBERS.values(),
        *(name for name, _ in _WORDS.values()),
        "automaticUpdateMode",
        "installationSchedule",
    }
    return sorted(name for name, value in body.items() if name not in said | _BOOKKEEPING and value not in _UNSET)
