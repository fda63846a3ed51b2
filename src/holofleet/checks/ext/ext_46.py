"""EXT-46: people sign in with a name and a numeric PIN."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_POLICIES = "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/"


def _check(case: Case) -> Iterator[Fault]:
    if case.value("sign_in.hello") is False:
        yield Fault(
            f"people of {case.name} cannot set up a PIN",
            case.place("sign_in.hello"),
            "Write `sign_in: {hello: true}`.",
            "Without a PIN they would sign in with the password, which no client may know (EXT-45).",
        )
    if case.value("sign_in.pin.digits_only") is False:
        yield Fault(
            f"a PIN of {case.name} may hold letters",
            case.place("sign_in.pin.digits_only"),
            "Write `sign_in: {pin: {digits_only: true}}`.",
            "People type it in the air, on a number pad.",
        )
    least = catalog.statements()["EXT-46"].params["pin_min"]
    length = case.value("sign_in.pin.min_length")
    if length is not None and length < least:
        yield Fault(
            f"a PIN of {case.name} may have {length} digits",
            case.place("sign_in.pin.min_length"),
            f"Write `sign_in: {{pin: {{min_length: {least}}}}}`.",
            "The security baseline of the vendor asks for 6; the guide itself names no length.",
        )


RULE = Rule(
    id="EXT-46",
    title="People sign in with the account's name and a numeric PIN",
    why="Signing in on the headset takes the name, an e-mail address, and a PIN of digits. That is what the "
    "client has to be given, and all of it (EXT-45).",
    how="`sign_in.hello` is not false, `sign_in.pin.digits_only` is not false, and `sign_in.pin.min_length` is "
    "not below 6. Headsets have to report them. Where nobody types a PIN (certificates, auto-logon), the "
    "statement does not apply.",
    mend="Write `sign_in: {hello: true, pin: {digits_only: true, min_length: 6}}`.",
    check=_check,
    nodes=(
        Enforced(_POLICIES + "PINComplexity/Digits", ("sign_in.pin.digits_only",)),
        Enforced(_POLICIES + "PINComplexity/MinimumPINLength", ("sign_in.pin.min_length",)),
    ),
    verification="the directory shows a Windows Hello key of each account",
    excused=sharing.without_pin,
)
