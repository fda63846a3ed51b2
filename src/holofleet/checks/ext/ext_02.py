"""EXT-02: the account at the client is one that your organization provides."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if case.value("accounts.users") is None and any(h.account is None for h in case.deployment.headsets):
        yield Fault(
            f"nothing says which accounts sign in on headsets of {case.name}",
            case.place("accounts.users"),
            "Write `accounts: {users: per-headset}`, or list accounts of yours.",
            "An account that the client brings along is out of your hands: you can neither lock it nor change its "
            "password.",
        )
    tenant = case.spec.model.tenant
    ours = {tenant.domain, *tenant.other_domains}
    domain = case.value("accounts.domain")
    if domain is not None and domain not in ours:
        yield Fault(
            f"accounts of {case.name} are made in {domain}, which is no domain of the tenant",
            case.place("accounts.domain"),
            "Name a domain of the tenant, or add this one to `tenant.other_domains` once it is verified.",
            "A tenant makes accounts in its own verified domains only.",
        )
    for upn in case.directory.accounts[case.name]:
        index, person = case.directory.people.get(upn, (0, None))
        if person is not None and person.guest:
            yield Fault(
                f"{upn}, who signs in on headsets of {case.name}, is a guest",
                case.at("people", index, "guest"),
                "Make a member account for the headset and name that in `accounts.users`.",
                "A guest is looked after by another organization: password, second factor and leaving are theirs.",
                subject=f"user:{upn}",
            )


RULE = Rule(
    id="EXT-02",
    title="The account at the client is one that your organization provides",
    why="What signs in at the client has to be yours: you give its licenses, lock it, and change its password "
    "when the headset comes back.",
    how="Every headset has accounts (`accounts.users`, or its own `account`); `accounts.domain` is a domain of "
    "the tenant; none of the accounts is a guest. The guide also says that clients get no user names (EXT-45). "
    "We decide: the client gets the account name and a PIN, which signing in takes, and never the password.",
    mend="Write `accounts: {users: per-headset}`, which gives every headset an account of yours.",
    check=_check,
    verification="the directory shows each of these accounts as an enabled member (userType Member)",
)
