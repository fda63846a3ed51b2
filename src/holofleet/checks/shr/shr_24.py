"""SHR-24: a headset that signs itself in is locked down and kept under lock."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import lockdown
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.value("sign_in.auto_logon"):
        return None
    return NotApplicable("headsets do not sign in by themselves (sign_in.auto_logon)")


def _check(case: Case) -> Iterator[Fault]:
    place = case.place("sign_in.auto_logon")
    wanting = (
        (
            lockdown.has_kiosk(case),
            "no kiosk",
            "`kiosk: {for: everyone, except: [device-owners], apps: [assist, settings]}`",
        ),
        (
            lockdown.has_app_control(case),
            "no app control",
            "`app_control: {deny: [edge, edge-old, mail-and-calendar]}`",
        ),
        (
            case.value("accounts.custody.kept_by") is not None,
            "nobody who keeps them under lock",
            "`accounts: {custody: {kept_by: shift lead}}`",
        ),
    )
    for there, what, mend in wanting:
        if not there:
            yield Fault(
                f"headsets of {case.name} sign in by themselves, and there is {what}",
                place,
                f"Write {mend}, or `sign_in: {{auto_logon: false}}`.",
                "Whoever picks such a headset up is signed in as its account, without PIN or question.",
            )


RULE = Rule(
    id="SHR-24",
    title="A headset that signs itself in is locked down and kept under lock",
    why="Auto-logon skips sign-in altogether: whoever picks the headset up is its account, with everything "
    "that the account can reach. What is left to protect it is what the headset shows, what it runs, and who "
    "holds it.",
    how="With `sign_in.auto_logon: true` there is a kiosk that holds the account, app control of any kind, "
    "and a note of who keeps the headsets (`accounts.custody.kept_by`). Without auto-logon the statement does "
    "not apply.",
    mend="Add what is missing, or turn auto-logon off.",
    check=_check,
    nodes=(
        Enforced("./Device/Vendor/MSFT/Policy/Config/MixedReality/AutoLogonUser", ("sign_in.auto_logon",)),
        lockdown.KIOSK_NODE,
        lockdown.CONTROL_NODE,
    ),
    excused=_excused,
)
