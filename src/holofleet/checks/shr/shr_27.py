"""SHR-27: with Intune, the kiosk is a configuration profile."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.target != "graph":
        return NotApplicable("Intune does not manage the headsets of this target")
    return None if lockdown.has_kiosk(case) else NotApplicable("there is no kiosk (SHR-25 says so)")


def _check(case: Case) -> Iterator[Fault]:
    for profile, position in case.entries("kiosk.profiles"):
        if profile.single_app and not profile.visitors:
            who = profile.group or profile.user or profile.local_account
            yield Fault(
                f"the kiosk of {case.name} gives {who} one app only, which Intune's profile cannot say",
                position,
                f"Write `{{apps: [{profile.apps[0]}], auto_launch: {profile.apps[0]}}}` without `single_app`.",
                "Intune's kiosk profile for a single app knows local and Microsoft accounts only. A start menu "
                "with one app that starts by itself does the same and works for accounts of the tenant.",
            )


RULE = Rule(
    id="SHR-27",
    title="With Intune, the kiosk is a configuration profile",
    why="Intune can make a kiosk with one app or with several. Shared accounts are accounts of the tenant, and "
    "its profile for a single app does not take those.",
    how="With the target graph, no profile of the kiosk for a group or person has `single_app: true`. On our own "
    "server the kiosk goes to the headset directly, and the statement does not apply. Intune has to confirm that "
    "the profile is assigned and that headsets took it.",
    mend="Replace `single_app` by `auto_launch` with one app.",
    check=_check,
    nodes=(lockdown.KIOSK_NODE,),
    verification="Intune shows the kiosk profile as assigned to the headsets and applied",
    excused=_excused,
)
