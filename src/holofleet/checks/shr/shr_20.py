"""SHR-20: a PIN is set up before a shared headset is used."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_TENANT = "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/"


def _check(case: Case) -> Iterator[Fault]:
    for key in ("sign_in.hello", "sign_in.pin.required"):
        if case.value(key) is not True:
            yield Fault(
                f"no PIN is required on the headsets of {case.name}",
                case.place(key),
                "Write `sign_in: {hello: true, pin: {required: true}}`.",
                "Without a PIN the only thing to sign in with is the password, which then has to be told to "
                "everybody who wears the headset.",
            )
            return


RULE = Rule(
    id="SHR-20",
    title="A PIN is set up before a shared headset is used",
    why="The PIN is what people get instead of the password. It is set up once on each headset, by the one who "
    "prepares it; where that is left out, the first shift meets a password prompt.",
    how="`sign_in.hello` and `sign_in.pin.required` are true, and headsets report it. Where a certificate or "
    "auto-logon signs the account in, nobody types anything, and the statement does not apply. Whether each "
    "account has its PIN on its headset, the directory has to confirm.",
    mend="Write `sign_in: {hello: true, pin: {required: true, digits_only: true, min_length: 6}}`.",
    check=_check,
    nodes=(
        Enforced(_TENANT + "UsePassportForWork", ("sign_in.hello",)),
        Enforced(_TENANT + "DisablePostLogonProvisioning", ("sign_in.pin.required",)),
        Enforced(_TENANT + "PINComplexity/MinimumPINLength", ("sign_in.pin.min_length",)),
    ),
    verification="the directory shows a Windows Hello key of each account on its headset",
    excused=sharing.without_pin,
)
