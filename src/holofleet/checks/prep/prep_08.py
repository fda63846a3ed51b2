"""PREP-08: whoever signs in first may decide about the headset."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import domains, loans, owners
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule

_DETAIL = (
    "Whoever signs in first owns the headset: they see the whole start menu, manage its users and may take it "
    "out of management. Undoing that mostly takes a reset."
)


def _excused(case: Case) -> NotApplicable | None:
    if owners.first_account(case) is not None:
        return None
    if owners.without_person(case):
        return NotApplicable("no account sets the headsets up, so nobody becomes their owner")
    return NotApplicable("nobody is named to set headsets up (PREP-07 says so)")


def _check(case: Case) -> Iterator[Fault]:
    first = owners.first_account(case)
    what = _unfit(case, first)
    if what:
        yield Fault(
            f"{first}, who signs in first on headsets of {case.name}, {what}",
            case.place("enrollment.first_account"),
            "Name an account of your own that only sets headsets up (a member with the role `deployer`), or "
            "declare Autopilot.",
            _DETAIL,
            subject=f"user:{first}",
        )


def _unfit(case: Case, first: str) -> str:
    """Say why an account should not own the headsets; nothing where it may."""
    _, person = case.directory.people.get(first, (0, None))
    if person is not None and person.guest:
        return "is a guest, an account of another organization"
    if domains.personal(domains.of(first)):
        return "is a personal Microsoft account"
    if case.deployment.client != "own" and owners.lent(case, first):
        return f"is an account with which people of {case.deployment.client} sign in"
    roles = person.roles if person is not None else ()
    sets_up = "deployer" in roles and "wearer" not in roles and "expert" not in roles
    if _passed_on(case) and not sets_up:
        return "is not an account that only sets headsets up"
    return ""


def _passed_on(case: Case) -> bool:
    kind = case.value("accounts.kind") or "individual"
    return kind != "individual" or case.deployment.client != "own" or bool(loans.of(case))


RULE = Rule(
    id="PREP-08",
    title="Whoever signs in first may decide about the headset",
    why="The first account controls the headset for as long as it is not reset. A guest can leave, a personal "
    "account belongs to nobody in the organization, and a client should own nothing of yours.",
    how="`enrollment.first_account` is neither a guest, nor a personal Microsoft account, nor an account that a "
    "client signs in with. Where headsets are shared, lent or for a client it has to be an account that only sets "
    "headsets up: by our decision a person of the file with the role `deployer` who is no wearer and no expert. "
    "On headsets of your own people a person will do. Headsets have to report the owners in `device_owners`; the "
    "one who signed in first, the directory tells.",
    mend="Set headsets up with an account of their own for that, or by Autopilot, which needs no account.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/LocalUsersAndGroups/Configure", ("device_owners",)),),
    verification="the directory shows the declared account as the owner of each headset",
    excused=_excused,
)
