"""OFF-43: apps from the Store are updated by the Store app."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import app_control, firewalls
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule

_DETAIL = "Apps from the Store, those that came with the headset among them, stay as old as they are."


def _excused(case: Case) -> NotApplicable | None:
    required = any(entry.source == "store" for entry, _ in case.entries("apps.required"))
    if required or case.value("apps.auto_update"):
        return None
    return NotApplicable("apps from the Store are not updated (apps.auto_update)")


def _check(case: Case) -> Iterator[Fault]:
    if app_control.blocks(case, "store"):
        yield Fault(
            f"{case.name} has apps from the Store updated, and keeps the Store app from running",
            case.place("app_control.allow" if case.value("app_control.allow") else "app_control.deny"),
            "Let `store` run, and keep it out of the kiosk if people shall not open it.",
            _DETAIL,
        )
    for index, site, firewall in firewalls.filtering(case):
        if firewalls.missing(firewall, ("store",)):
            yield Fault(
                f"{case.name} has apps from the Store updated, and the firewall of site {site.name} does not open "
                "it",
                firewalls.place(case, index, "store"),
                "Add `store` to `firewall.open` of the site, or write `apps: {auto_update: false}`.",
                _DETAIL,
                subject=f"site:{site.name}",
            )


RULE = Rule(
    id="OFF-43",
    title="Apps from the Store can be updated",
    why="Apps are updated apart from the system, by the Store app: by itself while the headset is on a network "
    "and not in use, or by hand.",
    how="Where `apps.auto_update` is true or a required app comes from the Store, app control does not block the "
    "app `store`, and restricted sites open the group `store`. A kiosk need not show it. Headsets have to report "
    "the policy; the versions of apps only their lists tell.",
    mend="Open the group `store` and let the Store app run; or turn automatic updates of apps off.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/ApplicationManagement/AllowAppStoreAutoUpdate",
            ("apps.auto_update",),
        ),
    ),
    verification="headsets list apps from the Store in their newest version",
    excused=_excused,
)
