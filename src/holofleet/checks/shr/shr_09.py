"""SHR-09: every shared account has licenses, and each of them once."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.directory import Grant
from holofleet.checks.licensing import place, told
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    alike = case.directory.alike(case.deployment)
    without = alike.get((), ())
    twice: dict[Grant, Grant] = {}
    for grants in alike:
        first: dict[str, Grant] = {}
        for grant in grants:
            earlier = first.setdefault(grant.sku, grant)
            if earlier is not grant:
                twice.setdefault(earlier, grant)
    if without:
        yield Fault(
            f"{told(without)} of {case.name} without any license",
            place(case, without),
            "Give the group of the accounts what they need: `licenses: [AAD_PREMIUM]`, or `accounts: {licenses: "
            "[...]}`.",
            "An account without licenses signs in, and then every service refuses it.",
        )
    for earlier, later in twice.items():
        yield Fault(
            f"accounts of {case.name} get {earlier.sku} twice: {_way(earlier)} and {_way(later)}",
            case.at(*earlier.path),
            f"Keep one of the two; take `{earlier.sku}` out here.",
            "It costs one seat only, but whoever takes one of them away believes that the account has lost the "
            "product, and it has not.",
        )


def _way(grant: Grant) -> str:
    return f"by the group {grant.group}" if grant.group else "directly"


RULE = Rule(
    id="SHR-09",
    title="Every shared account has licenses, and each of them once",
    why="Licenses reach an account directly or through its group. Without any it can do nothing; with the same "
    "product twice, taking one away has no effect and nobody sees why.",
    how="Each account gets at least one product: at the person, by `accounts.licenses`, or by a group; and no "
    "product in more than one of these ways. Which products it needs SHR-10 to SHR-14 say. The directory has to "
    "confirm it.",
    mend="Give products to the group of the accounts, and take them out everywhere else.",
    check=_check,
    verification="the directory shows the licenses of each account without error",
    excused=sharing.no_accounts,
)
