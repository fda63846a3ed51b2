"""SHR-21: nobody who wears a shared headset needs the password of its account."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_DETAIL = (
    "Whoever knows the password is the account, on every computer of the world and for as long as it is valid. "
    "Among many people it cannot be kept, and nobody can tell who passed it on."
)


def _check(case: Case) -> Iterator[Fault]:
    if (
        not case.value("sign_in.hello")
        and not case.value("sign_in.security_key")
        and sharing.without_pin(case) is None
    ):
        yield Fault(
            f"people can sign in on headsets of {case.name} with a password only",
            case.place("sign_in.hello"),
            "Write `sign_in: {hello: true, pin: {required: true}}`, or `accounts: {kind: shared-certificate}`.",
            _DETAIL,
        )
    if case.value("sign_in.pin.recovery"):
        yield Fault(
            f"a forgotten PIN of {case.name} is recovered with the password",
            case.place("sign_in.pin.recovery"),
            "Write `sign_in: {pin: {recovery: false}}`; the owner of the second factor sets a new PIN.",
            _DETAIL + " Recovering a PIN at the headset asks for it.",
        )


RULE = Rule(
    id="SHR-21",
    title="Nobody who wears a shared headset needs its password",
    why="The password is the account. People get its name and a PIN, or not even that where the headset signs in "
    "by itself; the password stays with those who set headsets up.",
    how="People can sign in without the password: by PIN, by a security key, by certificate or by auto-logon; "
    "and a PIN is not recovered online, which asks for the password. The fleet file has no place for passwords "
    "at all. That nobody signs in with one outside set-up, the sign-in log has to confirm.",
    mend="Turn Windows Hello on, turn `sign_in.pin.recovery` off, and keep the password with the administrators.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/UsePassportForWork", ("sign_in.hello",)
        ),
    ),
    verification="outside set-up, the sign-in log shows no sign-in with a password",
)
