"""SHR-44: shared accounts cannot reach the administration portal."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_OURS = "administrator"


def _check(case: Case) -> Iterator[Fault]:
    users = case.value("accounts.users")
    accounts = set(users) if isinstance(users, tuple) else set()
    accounts |= {headset.account for headset in case.deployment.headsets if headset.account is not None}
    if not accounts:
        return
    for index, person in enumerate(case.spec.model.people):
        if person.upn not in accounts:
            continue
        for key, held in (("directory_roles", person.directory_roles), ("roles", _administrator(person.roles))):
            if held:
                yield Fault(
                    f"the shared account {person.upn} of {case.name} is {', '.join(held)}",
                    case.at("people", index, key),
                    f"Take the role out of `{key}`, or sign the headsets in with another account.",
                    "Everybody who wears the headset could administer the directory or the fleet, and no record "
                    "would say who it was.",
                    subject=f"user:{person.upn}",
                )


def _administrator(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in roles if role == _OURS)


RULE = Rule(
    id="SHR-44",
    title="Shared accounts cannot reach the administration portal",
    why="What many people use must not administer anything. The portal is open to everybody by default, and "
    "the switch that closes it to people without a role can be seen only in the portal itself.",
    how="No account that signs in on shared headsets holds a directory role or is an administrator of this "
    "fleet. That the portal is closed a person attests, with the day and until when it counts; until then the "
    "statement waits.",
    mend="Give headsets accounts of their own without roles. In the portal, restrict access to those with a "
    "role; then attest it.",
    check=_check,
    attestation="look whether the administration portal is closed to people without a role",
)
