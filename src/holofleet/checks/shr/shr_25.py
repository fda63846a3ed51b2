"""SHR-25: a kiosk limits the start menu of shared headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import lockdown, sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if not lockdown.has_kiosk(case):
        yield Fault(
            f"no kiosk holds the accounts of {case.name}",
            case.place("kiosk"),
            "Write `kiosk: {for: everyone, except: [device-owners], apps: [assist, settings]}`.",
            "Many people wear the headset in turn and find every app of it, with the account signed in to all of "
            "them.",
        )
    elif case.value("kiosk.for") == "everyone" and "device-owners" in (case.value("kiosk.except") or ()):
        spared = sharing.owning(case)
        if spared:
            yield Fault(
                f"the kiosk of {case.name} spares device owners, and the shared account {spared[0]} is one",
                case.place("kiosk.except"),
                "Let Autopilot or an account of your own sign in first, and name no shared account in "
                "`device_owners`.",
                "Who signs in first owns the headset, and this kiosk lets owners see the whole start menu: it "
                "would hold everybody but the account that everybody uses.",
            )


RULE = Rule(
    id="SHR-25",
    title="A kiosk limits the start menu of shared headsets",
    why="People who wear a shared headset for an hour need one or two apps. What they do not see they do not "
    "open by mistake, and what the account could reach stays out of sight.",
    how="There is a kiosk that holds the headset's account: for everyone with apps, or for a group or person. A "
    "kiosk for visitors does not hold it. Where the kiosk spares device owners, no shared account is one: "
    "neither as first account nor in `device_owners`. Headsets have to report the kiosk.",
    mend="Write `kiosk: {for: everyone, except: [device-owners], apps: [assist, settings]}`.",
    check=_check,
    nodes=(lockdown.KIOSK_NODE,),
)
