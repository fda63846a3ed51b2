"""SHR-22: a PIN is bound to its headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("sign_in.require_tpm") is False:
        yield Fault(
            f"PINs of {case.name} need no TPM",
            case.place("sign_in.require_tpm"),
            "Write `sign_in: {require_tpm: true}`.",
            "A PIN is worthless elsewhere because its key never leaves the chip. A key that lies in a file can be "
            "copied, and then four digits are all that protects it.",
        )


RULE = Rule(
    id="SHR-22",
    title="A PIN is bound to its headset",
    why="A PIN opens a key that lives in one headset, for one account. Somebody who watched it being typed can "
    "do nothing with it elsewhere; that is why it may be shared at all. It also means that each headset needs "
    "its own.",
    how="`sign_in.require_tpm` is not false; the scenario sets it, and headsets report it. The server neither "
    "stores nor copies PINs. Where nobody types a PIN, the statement does not apply.",
    mend="Leave `sign_in.require_tpm` to the scenario, or write `true`.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/RequireSecurityDevice",
            ("sign_in.require_tpm",),
        ),
    ),
    excused=sharing.without_pin,
)
