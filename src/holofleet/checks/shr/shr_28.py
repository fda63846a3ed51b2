"""SHR-28: a kiosk that comes by provisioning package can be replaced by another one."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

_KEY = "restrictions.provisioning_packages.add"


def _excused(case: Case) -> NotApplicable | None:
    if case.target != "files" and case.value("enrollment.join") != "package":
        return NotApplicable("the kiosk comes by management, not by a provisioning package")
    return None if lockdown.has_kiosk(case) else NotApplicable("there is no kiosk (SHR-25 says so)")


def _check(case: Case) -> Iterator[Fault]:
    if case.value(_KEY) is False:
        yield Fault(
            f"the kiosk of {case.name} comes by package, and headsets take no package after set-up",
            case.place(_KEY),
            "Write `restrictions: {provisioning_packages: {add: true}}`, or let a server manage the headsets.",
            "The first package brings the kiosk and shuts the door behind itself: another app in the kiosk would "
            "take a reset of every headset.",
        )


RULE = Rule(
    id="SHR-28",
    title="A kiosk that comes by package can be replaced by another one",
    why="Without management, a kiosk is built in Windows Configuration Designer and carried to each headset. The "
    "next version has to come in the same way.",
    how="For the target files, and for deployments with `enrollment.join: package`, "
    "`restrictions.provisioning_packages.add` is not false. Elsewhere the kiosk comes by management and the "
    "statement does not apply. That the package is on the headsets, their list of packages has to confirm.",
    mend="Write `restrictions: {provisioning_packages: {add: true}}` for these headsets.",
    check=_check,
    verification="the list of provisioning packages of each headset shows the kiosk's",
    excused=_excused,
)
