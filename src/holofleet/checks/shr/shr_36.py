"""SHR-36: a PIN that people share has a keeper, and is changed."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_COMPLEXITY = "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/PINComplexity/"


def _check(case: Case) -> Iterator[Fault]:
    if case.value("accounts.custody.kept_by") is None:
        yield Fault(
            f"people of {case.name} share PINs, and nobody keeps them",
            case.place("accounts.custody"),
            "Write `accounts: {custody: {kept_by: shift lead}}`.",
            "Somebody has to tell a newcomer the PIN, and to know who knows it. Otherwise it is written on the "
            "headset.",
        )
    if not case.value("accounts.custody.pin_change_days") and not case.value("sign_in.pin.expires_after_days"):
        yield Fault(
            f"people of {case.name} share PINs that are never changed",
            case.place("accounts.custody.pin_change_days"),
            "Write `accounts: {custody: {pin_change_days: 30}}`.",
            "Everybody who ever wore the headset knows its PIN, and leaves the team with it.",
        )


RULE = Rule(
    id="SHR-36",
    title="A PIN that people share has a keeper, and is changed",
    why="The PIN of a shared headset is known to everybody who wears it. It protects the headset from strangers "
    "only as long as somebody decides who knows it, and changes it when people leave.",
    how="`accounts.custody.kept_by` names who keeps the PIN, and there is an interval: "
    "`accounts.custody.pin_change_days`, or `sign_in.pin.expires_after_days`. We prefer the former: an expired "
    "PIN is reset with the second factor, which its owner alone has, so that a headset may stand still until "
    "they come. Headsets report an expiry or a history that the file sets. Where nobody types a PIN, the "
    "statement does not apply.",
    mend="Write `accounts: {custody: {kept_by: shift lead, pin_change_days: 30}}`.",
    check=_check,
    nodes=(
        Enforced(_COMPLEXITY + "Expiration", ("sign_in.pin.expires_after_days",)),
        Enforced(_COMPLEXITY + "History", ("sign_in.pin.history",)),
    ),
    excused=sharing.without_pin,
)
