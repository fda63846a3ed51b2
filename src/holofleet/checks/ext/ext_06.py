"""EXT-06: one headset carries one user or several, within what it can hold."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_MANAGER = "./Device/Vendor/MSFT/AccountManagement/UserProfileManagement/"


def _check(case: Case) -> Iterator[Fault]:
    users = case.value("accounts.users")
    if not isinstance(users, tuple):
        return
    params = catalog.statements()["EXT-06"].params
    iris = case.value("sign_in.iris") is True
    most = params["max_iris_users" if iris else "max_users"]
    if users and len(users) <= most:
        return
    yield Fault(
        f"{len(users)} people share each headset of {case.name}, and at most {most} can"
        if users
        else f"nobody is listed to sign in on headsets of {case.name}",
        case.place("accounts.users"),
        "List fewer people, split the headsets into deployments, or write `sign_in: {iris: false}`."
        if iris
        else "List at least one account and at most 63, or split the headsets into deployments.",
        f"A headset holds the iris of {most} people." if iris else f"A headset holds profiles of {most} people.",
    )


RULE = Rule(
    id="EXT-06",
    title="A headset has one user or several, within what it can hold",
    why="Both ways are fine. What is not fine is the person for whom there is no room: the sixty-fourth "
    "profile, or the eleventh iris.",
    how="A list in `accounts.users` has 1 to 63 people, 10 at most where `sign_in.iris` is true. With "
    "`per-headset` there is one. Where profiles are cleaned up (`profiles`), headsets have to report it.",
    mend="Split the headsets into deployments with fewer people each, or turn the iris off.",
    check=_check,
    nodes=(
        Enforced(_MANAGER + "EnableProfileManager", ("profiles.manage",)),
        Enforced(_MANAGER + "DeletionPolicy", ("profiles.delete",)),
    ),
    verification="no headset reports more profiles than it can hold",
)
