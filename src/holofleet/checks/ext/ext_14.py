"""EXT-14: an account has licenses for a user or for a device, not both of one product."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_PAIRS = (
    ("INTUNE_A", "INTUNE_A_D"),
    ("MICROSOFT_REMOTE_ASSIST", "MICROSOFT_REMOTE_ASSIST_HOLOLENS"),
)
"""A product licensed by user, and the same one licensed by device."""


def _check(case: Case) -> Iterator[Fault]:
    for pair in _PAIRS:
        for upn in case.directory.accounts[case.name]:
            paths = {grant.sku: grant.path for grant in case.directory.grants(case.deployment, upn)}
            if paths.keys() >= set(pair):
                yield Fault(
                    f"accounts of {case.name} get both {' and '.join(pair)}",
                    case.at(*paths[pair[1]]),
                    f"Keep {pair[0]} for accounts of people, or {pair[1]} for accounts of headsets.",
                    "The second license pays for nothing that the first one does not give.",
                )
                break


RULE = Rule(
    id="EXT-14",
    title="Licenses go by user or by device, one way for each account",
    why="Some products are sold per user and per device. Both ways are fine; mixed on one account they cost "
    "twice, and nobody can tell any more which one may be given up.",
    how="No account of the deployment gets INTUNE_A with INTUNE_A_D, or MICROSOFT_REMOTE_ASSIST with "
    "MICROSOFT_REMOTE_ASSIST_HOLOLENS, whether by groups, by the deployment or at the person.",
    mend="Decide per account and take the other product away.",
    check=_check,
    verification="the directory shows one of the two on each account",
)
