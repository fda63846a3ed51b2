"""SHR-18: no shared account serves two headsets."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.diagnostics import Position
from holofleet.spec.model.headset import Headset


def _check(case: Case) -> Iterator[Fault]:
    told: set[str] = set()
    for headset in case.deployment.headsets:
        upn = case.directory.account_of[headset.serial]
        if upn is None or upn in told or len(case.directory.headsets_of[upn]) == 1:
            continue
        told.add(upn)
        serials = sorted(case.directory.headsets_of[upn])
        yield Fault(
            f"{upn} signs in on {len(serials)} headsets: "
            f"{', '.join(serials[:3])}{', ...' if len(serials) > 3 else ''}",
            _place(case, headset),
            'Write `accounts: {users: per-headset, name: "hl-{{serial}}"}`, or another `account` at the headset.',
            "Two headsets with one account look like one: no record tells them apart, a PIN is set up for each "
            "of them, and locking the lost one out locks out the other.",
            subject=f"user:{upn}",
        )


def _place(case: Case, headset: Headset) -> Position:
    if headset.account is not None:
        return case.at("headsets", case.directory.place_of[headset.serial], "account")
    return case.place("accounts.users" if case.value("accounts.users") != "per-headset" else "accounts.name")


RULE = Rule(
    id="SHR-18",
    title="No shared account serves two headsets",
    why="The account stands for the headset: in records of calls, in the list of experts, when one is lost. That "
    "holds only while no second headset has it.",
    how="Over all deployments, no account is that of two headsets: neither by a name that is the same for all "
    "(`accounts.name` without {{serial}} or {{asset}}), nor by one user for several headsets, nor by a made name "
    "that stands at another headset as well. That nobody signs in elsewhere with it, sign-ins have to confirm.",
    mend='Write `accounts: {users: per-headset, name: "hl-{{serial}}"}`.',
    check=_check,
    verification="each account is registered on one device, and signs in from no other",
    excused=sharing.no_accounts,
)
