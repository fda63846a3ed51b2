"""SHR-13: shared accounts have a license for Intune, where Intune manages the headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks import licensing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule

_PLAN = "INTUNE_A"


def _excused(case: Case) -> NotApplicable | None:
    if case.target != "graph":
        return NotApplicable("Intune does not manage the headsets of this target")
    if not case.directory.accounts[case.name]:
        return NotApplicable("no account signs in on its headsets yet")
    return None


def _check(case: Case) -> Iterator[Fault]:
    if not _for_devices(case):
        yield from licensing.lacks(
            case,
            _PLAN,
            "Intune takes no headset of an account without its license: the headset joins the directory and gets "
            "no settings.",
        )


def _for_devices(case: Case) -> bool:
    """Tell whether licenses for devices do: headsets that set themselves up, and a seat for each."""
    alone = case.value("enrollment.autopilot") is not None and case.value("enrollment.first_account") in (
        None,
        "none",
    )
    products = catalog.licenses().products
    seats = sum(
        lot.seats
        for lot in case.spec.model.licenses
        if lot.sku in products and products[lot.sku].device_only and _PLAN in products[lot.sku].plans
    )
    return alone and seats >= len(case.deployment.headsets)


RULE = Rule(
    id="SHR-13",
    title="Shared accounts have a license for Intune, where it manages",
    why="Whether a headset may be managed is decided by the license of the account, or by one for the device. "
    "Without either it joins and stays unmanaged.",
    how="With the target graph, every account gets the service plan INTUNE_A. Licenses for devices (INTUNE_A_D) "
    "do as well where Autopilot sets the headsets up without an account and there is a seat for each; they allow "
    "no conditional access. On our own server nothing of it is needed.",
    mend="Give the group of the accounts INTUNE_A or a suite that holds it.",
    check=_check,
    verification="the directory shows the plan INTUNE_A as provisioned for each account",
    excused=_excused,
)
