"""EXT-25: where USB stays on, it is decided whether provisioning packages may be applied."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule

_SECURITY = "./Device/Vendor/MSFT/Policy/Config/Security/"
_ADD = "restrictions.provisioning_packages.add"
_REMOVE = "restrictions.provisioning_packages.remove"


def _excused(case: Case) -> NotApplicable | None:
    if case.value("restrictions.usb_data") is False:
        return NotApplicable("USB carries no data (restrictions.usb_data), so no package comes that way")
    return None


def _check(case: Case) -> Iterator[Fault]:
    for key, act in ((_ADD, "applied"), (_REMOVE, "removed")):
        if case.value(key) is None:
            yield Fault(
                f"USB of {case.name} is on, and nothing says whether packages may be {act}",
                case.place("restrictions.usb_data"),
                "Write `restrictions: {provisioning_packages: {add: false, remove: false}}`, or true where they "
                "are needed.",
                "A package over USB can change settings, accounts and certificates of a headset.",
            )


RULE = Rule(
    id="EXT-25",
    title="Where USB stays on, packages are decided about as well",
    why="Two things come over USB: files, and provisioning packages that change the headset. Leaving the one open "
    "says nothing about the other.",
    how="Where `restrictions.usb_data` is not false, `restrictions.provisioning_packages` says `add` and "
    "`remove`, either way; headsets have to report both. With USB off the statement does not apply.",
    mend="Write `restrictions: {provisioning_packages: {add: false, remove: false}}`.",
    check=_check,
    nodes=(
        Enforced(_SECURITY + "AllowAddProvisioningPackage", (_ADD,)),
        Enforced(_SECURITY + "AllowRemoveProvisioningPackage", (_REMOVE,)),
    ),
    excused=_excused,
)
