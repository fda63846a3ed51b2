"""What the file can say and no document carries yet; it is shown everywhere.

Reads ``apps.required``, ``assist.app`` and ``enrollment.autopilot``: these keep headsets from being compliant.
Passwords, custody and call rules are shown too, where the file says them, but no headset can be blamed for them.
Writes no node. People, groups and licenses are carried in the State.
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Missing, Sheet

_LATER = (
    (
        ("accounts.password", "accounts.licenses", "accounts.custody", "accounts.audit"),
        "accounts are not made in the directory yet, and nothing sees to these keys",
    ),
    (
        (
            "assist.runs_in",
            "assist.barrier",
            "assist.experts",
            "assist.keep",
            "assist.recording",
            "assist.low_bandwidth",
        ),
        "calls are not served yet, and nothing sees to these keys",
    ),
)
"""What people and services have to do, not the headset: shown, but no reason to call a headset not compliant."""


def _write(sheet: Sheet) -> None:
    wanted = sheet.wanted
    if wanted.value("apps.required"):
        sheet.undelivered(
            "apps.required", "apps are not installed yet; required apps have to be installed by hand"
        )
    if wanted.value("assist.runs_in") == "app" and wanted.value("assist.app") is not None:
        sheet.undelivered("assist.app", "the app that wraps the call page is not installed yet")
    if wanted.value("enrollment.autopilot") is not None:
        sheet.undelivered("enrollment.autopilot", "Autopilot profiles live in Intune; no target makes them yet")
    for keys, reason in _LATER:
        said = tuple(key for key in keys if _in_file(sheet, key))
        if said:
            at = wanted.origin(said).position
            sheet.missing.append(Missing(sheet.item(said[0], f"{reason}: {', '.join(said)}", at=at), blocks=False))


def _in_file(sheet: Sheet, key: str) -> bool:
    """Tell whether the file itself says a key or something below it; presets are nobody's wish."""
    deployment = sheet.wanted.deployment
    return deployment.says(key) and deployment.origin(key).layer in ("defaults", "deployment")


GROUP = Group(write=_write)
