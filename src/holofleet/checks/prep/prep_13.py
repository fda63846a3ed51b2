"""PREP-13: one directory for enrolling, for signing in and for work."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import domains
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    ours = domains.of_tenant(case)
    for domain, upns in domains.signing_in(case):
        if domain not in ours and not domains.private(domain) and not domains.personal(domain):
            yield Fault(
                f"{case.name} signs in with {domains.told(upns)}: {domain} is no domain of the tenant",
                domains.place(case, upns[0]),
                "Name accounts of the tenant, or add the domain to `tenant.other_domains` once it is verified.",
                "The headset is enrolled in one directory and its user would live in another: two names, two "
                "passwords, and licenses that do not reach the headset.",
            )
    preferred = case.value("sign_in.preferred_domain")
    if preferred is not None and preferred not in ours and not domains.private(preferred):
        yield Fault(
            f"{case.name} completes names with {preferred}, which is no domain of the tenant",
            case.place("sign_in.preferred_domain"),
            f"Write `sign_in: {{preferred_domain: {case.spec.model.tenant.domain}}}`.",
            "Whoever types only the name before the @ is then taken for an account of another directory.",
        )


RULE = Rule(
    id="PREP-13",
    title="One directory for enrolling, for signing in and for work",
    why="People have one name and one password, and what the directory gives them reaches the headset. With two "
    "directories they sign in twice and nobody knows which account is locked.",
    how="The account that sets headsets up, the accounts that sign in on them and `sign_in.preferred_domain` are "
    "of `tenant.domain` or `tenant.other_domains`. Each foreign domain is told once for a deployment. Private "
    "domains are judged by PREP-06, personal accounts by PREP-09. Whether a domain belongs to the tenant, the "
    "directory confirms.",
    mend="Use accounts of the tenant, or write all verified domains in `tenant.other_domains`.",
    check=_check,
    verification="the directory shows the domain of each account as verified in the tenant that enrolls",
)
