"""SHR-34: what callers see tells the headset apart."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    template = case.value("accounts.display_name")
    made = sum(item.account is None for item in case.deployment.headsets)
    if template is not None and "{{" not in template and made > 1:
        yield Fault(
            f"all {made} headsets of {case.name} call themselves {template}",
            case.place("accounts.display_name"),
            f'Write `accounts: {{display_name: "{template} {{{{asset}}}}"}}`.',
            "The other side of a call sees the account's name and nothing of the person. When all are called the "
            "same, an expert cannot even tell which headset rings.",
        )


RULE = Rule(
    id="SHR-34",
    title="What callers see tells the headset apart",
    why="An expert sees the name of the account, never that of the person. It should say the place or the "
    "device; who wears it, the check-out knows.",
    how="`accounts.display_name` holds {{asset}} or {{serial}} where a deployment makes more than one account. "
    "That there is a display name at all SHR-06 asks for.",
    mend='Write `accounts: {display_name: "Assembly line {{asset}}"}`.',
    check=_check,
)
