"""What the file can say and no document carries yet; it is shown everywhere.

Reads ``apps.required``, ``assist.app`` and ``enrollment.autopilot``: these keep headsets from being compliant. A
tenant (target ``graph``) delivers more of it than our own server: Autopilot, accounts, and apps of the Store.
Passwords, custody and, beside our own server, call rules are shown too, where the file says them, but no headset
can be blamed for them.
Writes no node. People, groups and licenses are carried in the State.
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group
from holofleet.desired.required_apps import by_hand, from_store
from holofleet.desired.sheet import Missing, Sheet

_CALLS = (
    "assist.runs_in",
    "assist.barrier",
    "assist.experts",
    "assist.keep",
    "assist.recording",
    "assist.low_bandwidth",
)
_NO_CALLS = (
    _CALLS,
    "calls of ours are decided by our own server, not by a tenant, and nothing sees to these keys",
)
_LATER = (
    (
        ("accounts.password", "accounts.licenses", "accounts.custody", "accounts.audit"),
        "accounts are not made in the directory yet, and nothing sees to these keys",
    ),
)
"""What people and services have to do, not the headset: shown, but no reason to call a headset not compliant."""
_NOT_IN_A_TENANT = (
    (
        ("accounts.custody", "accounts.audit"),
        "who holds a headset is nothing that a tenant knows, and nothing sees to these keys",
    ),
    (("accounts.password.reset",), "no password is reset by itself; somebody has to, after each return"),
    (("poll", "verify_every_h"), "Intune asks and reads back by a schedule of its own"),
    _NO_CALLS,
)


def _write(sheet: Sheet) -> None:
    wanted = sheet.wanted
    in_tenant = wanted.target == "graph"
    _apps(sheet, in_tenant=in_tenant)
    if wanted.value("enrollment.autopilot") is not None and not in_tenant:
        sheet.undelivered("enrollment.autopilot", "Autopilot profiles live in Intune; this target makes none")
    late = _LATER if wanted.target == "server" else (*_LATER, _NO_CALLS)
    for keys, reason in _NOT_IN_A_TENANT if in_tenant else late:
        said = tuple(key for key in keys if _in_file(sheet, key))
        if said:
            at = wanted.origin(said).position
            target = "graph" if in_tenant else "all"
            item = sheet.item(said[0], f"{reason}: {', '.join(said)}", target=target, at=at)
            sheet.missing.append(Missing(item, blocks=False))


def _apps(sheet: Sheet, *, in_tenant: bool) -> None:
    wanted = sheet.wanted
    brought = {app.name for app in from_store(wanted.settings)} if in_tenant else set()
    if in_tenant:
        for said, reason in by_hand(wanted.settings):
            text = f"{said.app} has to be brought to headsets by hand: {reason}"
            sheet.undelivered("apps.required", text, target="graph")
    elif wanted.value("apps.required"):
        sheet.undelivered(
            "apps.required", "apps are not installed yet; required apps have to be installed by hand"
        )
    wraps = wanted.value("assist.runs_in") == "app" and wanted.value("assist.app") is not None
    if wraps and "assist" not in brought:
        sheet.undelivered("assist.app", "the app that wraps the call page is not installed yet")
    if wanted.value("assist.runs_in") == "browser" and wanted.value("assist.origin") is not None:
        text = "Edge's own policies are not sent, as no document says that a headset takes them: edge-policies.txt"
        item = sheet.item("assist.origin", text, target="all", at=wanted.origin("assist.origin").position)
        sheet.missing.append(Missing(item, blocks=False))


def _in_file(sheet: Sheet, key: str) -> bool:
    """Tell whether the file itself says a key or something below it; presets are nobody's wish."""
    deployment = sheet.wanted.deployment
    return deployment.says(key) and deployment.origin(key).layer in ("defaults", "deployment")


GROUP = Group(write=_write)
