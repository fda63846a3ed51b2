"""SHR-14: what goes beyond calls has its licenses."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.licensing import told
from holofleet.checks.rule import Fault, NotApplicable, Rule

_NEEDS = {"onedrive-files": "OneDrive", "one-time-calls": "Exchange Online"}
_SUITES = frozenset(
    {"SPB", "SPE_E3", "Microsoft_365_E3_(no_Teams)", "SPE_E5", "SPE_F1", "ENTERPRISEPACK", "ENTERPRISEPREMIUM"}
)
"""Products of the catalog that bring files and mail besides what their listed plans say."""


def _wanted(case: Case) -> tuple[str, ...]:
    return tuple(feature for feature in case.value("accounts.features") or () if feature in _NEEDS)


def _excused(case: Case) -> NotApplicable | None:
    if not _wanted(case):
        return NotApplicable("no function is asked for that needs a further license (accounts.features)")
    if not case.directory.accounts[case.name]:
        return NotApplicable("no account signs in on its headsets yet")
    return None


def _may_have(sku: str) -> bool:
    return sku in _SUITES or sku not in catalog.licenses().products


def _check(case: Case) -> Iterator[Fault]:
    without = tuple(
        upn
        for grants, upns in case.directory.alike(case.deployment).items()
        if not any(_may_have(grant.sku) for grant in grants)
        for upn in upns
    )
    if not without:
        return
    for feature, position in case.entries("accounts.features"):
        if feature in _NEEDS:
            yield Fault(
                f"{case.name} asks for {feature}, and {told(without)} without a product that holds "
                f"{_NEEDS[feature]}",
                position,
                f"Give the group of the accounts a suite that holds it (SPE_F1, SPE_E3), or take `{feature}` out.",
                f"The function needs {_NEEDS[feature]} on the account of the headset. It is shown there and "
                "fails.",
                subject=f"deployment:{case.name}",
            )


RULE = Rule(
    id="SHR-14",
    title="What goes beyond calls has its licenses",
    why="Files in OneDrive and one-time call links are services of their own. They are offered on the headset "
    "whether or not the account may use them.",
    how="Where `accounts.features` asks for `onedrive-files` or `one-time-calls`, every account gets a suite "
    "with files and mail, or a product that the catalog does not know. `field-service` no license makes "
    "possible: SHR-35. Which plans are on, the directory has to confirm. "
    + f"Suites that count: {', '.join(sorted(_SUITES))}.",
    mend="Add a suite to the licenses of the group of the accounts, or leave the function out.",
    check=_check,
    verification="the directory shows the plans of these functions as provisioned for each account",
    excused=_excused,
)
