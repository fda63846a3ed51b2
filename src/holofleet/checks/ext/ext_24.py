"""EXT-24: no data leaves over USB."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("restrictions.usb_data") is True:
        yield Fault(
            f"a PC may read headsets of {case.name} over USB",
            case.place("restrictions.usb_data"),
            "Write `restrictions: {usb_data: false}`.",
            "Pictures and recordings can be copied off the headset with a cable.",
        )


RULE = Rule(
    id="EXT-24",
    title="No data leaves over USB",
    why="A PC at the other end of the cable sees what the signed-in account has stored on the headset.",
    how="`restrictions.usb_data` is not true. The scenario says false, and headsets have to report it. Charging, "
    "sound and wired network over USB go on working.",
    mend="Write `restrictions: {usb_data: false}`.",
    check=_check,
    nodes=(
        Enforced("./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection", ("restrictions.usb_data",)),
    ),
)
