"""SHR-16: shared headsets protect the account's credentials and limit the apps."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import lockdown, sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    with_pin = case.value("sign_in.hello") and case.value("sign_in.pin.required")
    if not with_pin and sharing.without_pin(case) is None:
        yield Fault(
            f"nothing but a password protects the accounts of {case.name}",
            case.place("sign_in"),
            "Write `accounts: {kind: shared-certificate}`, or `sign_in: {hello: true, pin: {required: true}}`.",
            "A password works from everywhere in the world. A PIN or a certificate works on the one headset only.",
        )
    if not lockdown.has_kiosk(case) and not lockdown.has_app_control(case):
        yield Fault(
            f"nothing limits the apps of {case.name}",
            case.place("kiosk"),
            "Write `kiosk: {for: everyone, except: [device-owners], apps: [assist, settings]}` and "
            "`app_control: {deny: [edge, edge-old, mail-and-calendar]}`.",
            "Whoever wears the headset is the account: mail, files and account pages are open to everybody.",
        )


RULE = Rule(
    id="SHR-16",
    title="Shared headsets protect the credentials and limit the apps",
    why="Many people use one account. It must be of no use anywhere else, and on the headset it must open only "
    "what the work needs.",
    how="The account is protected by a certificate, by auto-logon (whose own dangers SHR-24 weighs), or by a PIN "
    "that is required; and there is a kiosk that holds it, or app control. SHR-25 and SHR-29 ask for both. "
    "Headsets have to report what the file asks for.",
    mend="Move to certificates or require the PIN; declare a kiosk and app control.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/UsePassportForWork", ("sign_in.hello",)
        ),
        lockdown.KIOSK_NODE,
        lockdown.CONTROL_NODE,
    ),
)
