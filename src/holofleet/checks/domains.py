"""Whose a domain is: the tenant's, the vendor's for personal accounts, or nobody's in public."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from holofleet.checks.case import Case
from holofleet.checks.owners import first_account
from holofleet.diagnostics import Position

_PERSONAL = re.compile(r"(?:outlook|hotmail|live|msn|passport)\.(?:com|[a-z]{2}|com?\.[a-z]{2})")
_PRIVATE = frozenset(
    {"local", "localdomain", "localhost", "intranet", "internal", "private", "corp", "home", "lan", "onion"}
)
"""Last labels that public name service never has (RFC 6761, RFC 6762 appendix G)."""
_RESERVED = re.compile(r"(?:.+\.)?(?:test|example|invalid|arpa|example\.(?:com|net|org))")
"""Names that are kept for documents and tests (RFC 2606), and the tree of addresses."""


def personal(domain: str) -> bool:
    """Tell whether Microsoft gives accounts of this domain to private persons."""
    return _PERSONAL.fullmatch(domain) is not None


def private(domain: str) -> bool:
    """Tell whether a domain lives in a network of one's own only, as on-premises directories use them."""
    return "." not in domain or domain.rpartition(".")[2] in _PRIVATE


def verifiable(domain: str) -> bool:
    """Tell whether an organization can prove in public name service that a domain is its own."""
    return not private(domain) and not personal(domain) and _RESERVED.fullmatch(domain) is None


def of_tenant(case: Case) -> frozenset[str]:
    """Return the domains of the tenant."""
    tenant = case.spec.model.tenant
    return frozenset({tenant.domain, *tenant.other_domains})


def of(upn: str) -> str:
    """Return the domain of an account."""
    return upn.rpartition("@")[2]


def signing_in(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each domain of accounts that sign in on headsets of the deployment, with those accounts."""
    first = first_account(case)
    found: dict[str, list[str]] = {}
    for upn in dict.fromkeys((*((first,) if first is not None else ()), *case.directory.accounts[case.name])):
        found.setdefault(of(upn), []).append(upn)
    for domain, upns in found.items():
        yield domain, tuple(upns)


def place(case: Case, upn: str) -> Position:
    """Return where the file spells the name of an account, or else says how names are made."""
    if upn in case.directory.people:
        return case.at("people", case.directory.people[upn][0], "upn")
    for serial in case.directory.headsets_of.get(upn, ()):
        index = case.directory.place_of[serial]
        if case.spec.model.headsets[index].account == upn:
            return case.at("headsets", index, "account")
    return case.place("accounts.domain" if case.deployment.says("accounts.domain") else "accounts")


def told(upns: Sequence[str]) -> str:
    """Name one account, or count several and name the first."""
    return upns[0] if len(upns) == 1 else f"{len(upns)} accounts ({upns[0]} is one)"
