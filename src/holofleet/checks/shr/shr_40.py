"""SHR-40: a shared account has no rights beyond using its headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_PLAIN = frozenset({"wearer", "viewer"})
_DETAIL = (
    "Everybody who wears the headset would hold the right, and nobody could say who used it. Advanced rights "
    "cannot be given to a shared account."
)


def _check(case: Case) -> Iterator[Fault]:
    for upn in case.directory.accounts[case.name]:
        if upn in case.directory.people:
            index, person = case.directory.people[upn]
            rights = (*person.directory_roles, *(role for role in person.roles if role not in _PLAIN))
            if rights:
                yield Fault(
                    f"the shared account {upn} of {case.name} is {', '.join(rights)}",
                    case.at("people", index, "directory_roles" if person.directory_roles else "roles"),
                    "Give the rights to accounts of single persons, and keep `roles: [wearer]` here.",
                    _DETAIL,
                    subject=f"user:{upn}",
                )
    for upn in sharing.owning(case):
        named = upn in (case.value("device_owners") or ())
        yield Fault(
            f"the shared account {upn} of {case.name} owns headsets",
            case.place("device_owners" if named else "enrollment.first_account"),
            f"Take it out of `{'device_owners' if named else 'enrollment.first_account'}`.",
            _DETAIL + " An owner can reset the headset and take it out of management.",
            subject=f"user:{upn}",
        )


RULE = Rule(
    id="SHR-40",
    title="A shared account has no rights beyond using its headset",
    why="Rights are given to persons who answer for them. A shared account has none to answer, so it gets none: "
    "no directory role, no role in the fleet that acts, no ownership of a headset.",
    how="No account that signs in on shared headsets holds a directory role or a role other than `wearer` or "
    "`viewer`, stands in `device_owners`, or is the first account of its headsets. That an administrator of the "
    "fleet is a matter of its own SHR-44 says. What else it may hold, the directory has to confirm.",
    mend="Give rights to accounts of single persons; let Autopilot or your own account set headsets up.",
    check=_check,
    verification="the directory shows no role at any shared account",
)
