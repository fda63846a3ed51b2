"""PREP-12: ways to sign in fit the account."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_WAYS = {
    "sign_in.pin.required": "a PIN",
    "sign_in.iris": "the iris",
    "sign_in.security_key": "a security key",
}
_PERSONS_OWN = ("sign_in.iris", "sign_in.security_key")
"""Ways that know one person or one thing that a person carries."""


def _check(case: Case) -> Iterator[Fault]:
    offered = [key for key in _WAYS if case.value(key)]
    if case.value("sign_in.hello") is False:
        for key in offered:
            yield Fault(
                f"{case.name} asks for {_WAYS[key]} and turns Windows Hello for Business off",
                case.place(key),
                f"Write `sign_in: {{hello: true}}`, or take `{key}` out.",
                "PIN, iris and security keys are ways of Windows Hello. Without it people are left with the "
                "password.",
            )
    elif case.value("accounts.kind") == "shared-certificate":
        for key in offered:
            if key in _PERSONS_OWN:
                yield Fault(
                    f"a certificate signs accounts of {case.name} in, and the file offers {_WAYS[key]} too",
                    case.place(key),
                    f"Write `{key}: false`, or choose another `accounts.kind`.",
                    "The account belongs to the headset. What one person enrolls there would sign everybody else "
                    "in as well, or nobody.",
                )


_TENANT = "./Device/Vendor/MSFT/PassportForWork/"
RULE = Rule(
    id="PREP-12",
    title="Ways to sign in fit the account",
    why="Windows Hello spares people a password in the air: a PIN, the iris, or a security key. Each way needs an "
    "account that can have it, and Windows Hello itself.",
    how="A PIN that is required, `sign_in.iris` and `sign_in.security_key` need `sign_in.hello`; the guide counts "
    "security keys among its ways, and so do we. Accounts that a certificate signs in have neither iris nor "
    "security key. Headsets have to report the ways as they are written; which ones a person has set up, the "
    "directory tells. The iris of shared accounts set up by hand is judged by SHR-19.",
    mend="Turn `sign_in.hello` on, or leave out the ways that the account cannot have.",
    check=_check,
    nodes=(
        Enforced(_TENANT + "{TenantId}/Policies/UsePassportForWork", ("sign_in.hello",)),
        Enforced(_TENANT + "Biometrics/UseBiometrics", ("sign_in.iris",)),
        Enforced(_TENANT + "SecurityKey/UseSecurityKeyForSignin", ("sign_in.security_key",)),
    ),
    verification="the directory shows which ways to sign in each person has set up",
)
