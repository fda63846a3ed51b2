"""SHR-06: every shared account can be made: it has a name in a domain of the tenant, and one that people see."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule
from holofleet.diagnostics import Position


def _check(case: Case) -> Iterator[Fault]:
    tenant = case.spec.model.tenant
    domains = {tenant.domain, *tenant.other_domains}
    accounts = case.directory.accounts[case.name]
    foreign = sorted({upn.partition("@")[2] for upn in accounts} - domains)
    for domain in foreign:
        some = next(upn for upn in accounts if upn.endswith(f"@{domain}"))
        yield Fault(
            f"accounts of {case.name} are in {domain}, which is no domain of the tenant ({some})",
            _place(case, some, "accounts.domain"),
            f"Use {tenant.domain}, or verify the domain and add it to `tenant: {{other_domains: [{domain}]}}`.",
            "The directory makes accounts in its verified domains only; the first one would be refused.",
        )
    yield from _nameless(case, accounts)


def _nameless(case: Case, accounts: tuple[str, ...]) -> Iterator[Fault]:
    nameless = [upn for upn in accounts if _display_name(case, upn) is None]
    if nameless:
        yield Fault(
            f"shared accounts of {case.name} have no display name ({nameless[0]})",
            _place(case, nameless[0], "accounts.display_name"),
            'Write `accounts: {display_name: "Assembly line {{asset}}"}`, or `display_name` at the person.',
            "The directory makes no account without a display name, and it is what the other side of a call sees.",
        )


def _display_name(case: Case, upn: str) -> str | None:
    if upn in case.directory.people:
        return case.directory.people[upn][1].display_name
    template: str | None = case.value("accounts.display_name")
    return template


def _place(case: Case, upn: str, key: str) -> Position:
    if upn in case.directory.people:
        return case.at("people", case.directory.people[upn][0])
    for serial in case.directory.headsets_of.get(upn, ()):
        index = case.directory.place_of[serial]
        if case.spec.model.headsets[index].account == upn:
            return case.at("headsets", index, "account")
    return case.place(key if case.deployment.says(key) else "accounts")


RULE = Rule(
    id="SHR-06",
    title="Every shared account can be made as the file says",
    why="The accounts are made before the first headset is unpacked. The directory wants a name in one of its "
    "domains, a display name and a country for each, and makes none without.",
    how="The domain of every account is `tenant.domain` or one of `tenant.other_domains`; every account has a "
    "display name, by `accounts.display_name` or at the person. The country is `organization.country`, without "
    "which there is no fleet file. That the accounts are there and enabled is the directory's to confirm.",
    mend="Write `accounts: {name: ..., display_name: ...}` and declare the domains of the tenant.",
    check=_check,
    verification="the directory shows each account, enabled",
    excused=sharing.no_accounts,
)
