"""EXT-22: the kiosk is for everyone, with a way out for device owners."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("kiosk.for") != "everyone":
        yield Fault(
            f"{case.name} has no kiosk for everyone",
            case.place("kiosk.for"),
            "Write `kiosk: {for: everyone, except: [device-owners], apps: [assist, settings]}`.",
            "Without a global kiosk an account that nobody foresaw sees the whole start menu.",
        )
        return
    if not case.value("kiosk.apps"):
        yield Fault(
            f"the kiosk of {case.name} names no apps",
            case.place("kiosk.apps"),
            "Write `kiosk: {apps: [assist, settings, camera]}`.",
            "A kiosk without apps is not sent: people would see the whole start menu.",
        )
    if "device-owners" not in (case.value("kiosk.except") or ()):
        yield Fault(
            f"the kiosk of {case.name} has no way out for device owners",
            case.place("kiosk.except"),
            "Write `kiosk: {except: [device-owners]}`.",
            "Nobody could mend the headset by hand without resetting it.",
        )
    elif not case.value("device_owners") and case.value("enrollment.first_account") in (None, "none"):
        yield Fault(
            f"the kiosk of {case.name} spares device owners, and no account is one",
            case.place("device_owners"),
            "Write `device_owners: [deployer1@contoso.com]` with an account of yours.",
            "With Autopilot no account owns a headset by itself, so the way out would lead nowhere.",
        )


RULE = Rule(
    id="EXT-22",
    title="The kiosk is for everyone, with a way out for device owners",
    why="A headset at a client shows what is needed and nothing else, whoever signs in. A kiosk for listed "
    "people leaves the start menu open to everybody else; a kiosk without exception locks your own people out.",
    how="`kiosk.for` is `everyone`, `kiosk.apps` names at least one app, `kiosk.except` spares "
    "`device-owners`, and somebody is a device owner: an account in `device_owners`, or the first account.",
    mend="Write `kiosk: {for: everyone, except: [device-owners], apps: [...]}` and `device_owners` with an "
    "account of yours.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/AssignedAccess/Configuration", ("kiosk.apps",)),),
)
