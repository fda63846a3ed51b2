"""PREP-05: there is a tenant before anything else."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import domains
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_NOBODY = {
    "00000000-0000-0000-0000-000000000000": "is the id that means nothing",
    "9188040d-6c67-4c5b-b112-36a304b66dad": "is where personal Microsoft accounts live",
}
"""Ids that are well formed and no organization's."""


def _check(case: Case) -> Iterator[Fault]:
    tenant = case.spec.model.tenant
    if tenant.id in _NOBODY:
        yield Fault(
            f"the tenant id {tenant.id} {_NOBODY[tenant.id]}",
            case.at("tenant", "id"),
            "Write the id of your own tenant; the overview page of the directory shows it.",
            "Headsets would look for a directory that is not yours, and no account of yours could sign in.",
            subject="tenant",
        )
    named = [(tenant.domain, case.at("tenant", "domain"))] + [
        (domain, case.at("tenant", "other_domains", index)) for index, domain in enumerate(tenant.other_domains)
    ]
    for domain, position in named:
        if not domains.verifiable(domain):
            yield Fault(
                f"{domain} cannot be a verified domain of a tenant",
                position,
                "Write a domain that the directory shows as verified, such as contoso.com or "
                "contoso.onmicrosoft.com.",
                "A tenant proves in public name service that a domain is its own. This name is nobody's there, so "
                "no account of it can sign in.",
                subject="tenant",
            )


RULE = Rule(
    id="PREP-05",
    title="There is a tenant before anything else",
    why="Accounts, licenses, joining and enrolling all happen in a tenant. A file that names the wrong one, or "
    "none that exists, fails on the first headset instead of on the desk.",
    how="The format asks for `tenant.id` and `tenant.domain` and for their form. Found are an id that is "
    "nobody's (all zeros, or the place of personal accounts) and domains that cannot be verified: private ones "
    "(`contoso.local`), those for personal accounts, and those that are kept for documents. That the tenant "
    "answers and the domain is verified, only the directory tells.",
    mend="Make the tenant, verify a domain in it, and write both.",
    check=_check,
    verification="the tenant answers under its id, and the directory shows the domain as verified",
)
