"""SHR-23: a headset that signs itself in does so as its own account."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule

_NODE = "./Device/Vendor/MSFT/Policy/Config/MixedReality/AutoLogonUser"


def _excused(case: Case) -> NotApplicable | None:
    if case.value("sign_in.auto_logon"):
        return None
    return NotApplicable("headsets do not sign in by themselves (sign_in.auto_logon)")


def _check(case: Case) -> Iterator[Fault]:
    without = [item.serial for item in case.deployment.headsets if case.directory.account_of[item.serial] is None]
    if without:
        yield Fault(
            f"headsets of {case.name} sign in by themselves, and nothing says as whom (headset {without[0]})",
            case.place("accounts.users"),
            "Write `accounts: {users: per-headset}`, or an `account` at each headset.",
            "A headset signs in as one account that is named to it. With a list of several there is none to name.",
        )
    build = case.value("updates.build")
    node = catalog.nodes().find(_NODE)
    if build in (None, "newest-known") or node is None or node.min_build is None:
        return
    if catalog.Build.parse(build) < node.min_build:
        yield Fault(
            f"headsets of {case.name} stay on build {build}, which cannot sign in by itself",
            case.place("updates.build"),
            f"Write `updates: {{build: newest-known}}`; it takes {node.min_build} or newer.",
            "An older build does not know the policy: the headset stops at the sign-in screen, and nobody knows a "
            "password to type.",
        )


RULE = Rule(
    id="SHR-23",
    title="A headset that signs itself in does so as its own account",
    why="With auto-logon a headset is ready when it is switched on. It needs one account that is named to it, "
    "that has signed in by hand once, and a build that knows the policy. After a large update it may ask once "
    "more.",
    how="With `sign_in.auto_logon: true`, every headset has exactly one account, and `updates.build` does not "
    "hold the headsets below build 10.0.20348.1432. Headsets report the account that they were told. What it "
    "takes to make this safe SHR-24 says.",
    mend="Give each headset its account, and let builds be current.",
    check=_check,
    nodes=(Enforced(_NODE, ("sign_in.auto_logon",)),),
    verification="after a start, the session on each headset is that of its account",
    excused=_excused,
)
