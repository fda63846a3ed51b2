"""PREP-06: headsets do not join an on-premises Active Directory."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import domains
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_TRUST = frozenset({"usecertificateforonpremauth", "usecloudtrustforonpremauth"})
"""Nodes that rely on an on-premises directory once they are on; folded, because case does not count."""
_JOIN = frozenset({"offlinedomainjoin", "kerberos"})
"""Branches of nodes that are for devices of a domain whatever they hold."""
_DETAIL = (
    "A HoloLens 2 joins Entra ID or nothing. It has no account in an on-premises domain, so whatever relies on "
    "one fails on the headset."
)


def _check(case: Case) -> Iterator[Fault]:
    for domain, upns in domains.signing_in(case):
        if domains.private(domain):
            yield Fault(
                f"{case.name} signs in with {domains.told(upns)}: {domain} can only be an on-premises domain",
                domains.place(case, upns[0]),
                "Sign in with accounts of a verified domain of the tenant.",
                _DETAIL,
            )
    preferred = case.value("sign_in.preferred_domain")
    if preferred is not None and domains.private(preferred):
        yield Fault(
            f"{case.name} completes names with {preferred}, a domain of an on-premises directory",
            case.place("sign_in.preferred_domain"),
            "Write `sign_in: {preferred_domain: contoso.com}` with a verified domain of the tenant.",
            _DETAIL,
        )
    for entry, position in case.entries("settings"):
        if _needs_domain(entry.oma_uri, entry.value):
            yield Fault(
                f"{case.name} sets {entry.oma_uri}, which is for devices of an on-premises domain",
                position,
                "Take the node out.",
                _DETAIL,
            )


def _needs_domain(oma_uri: str, value: str | None) -> bool:
    segments = oma_uri.casefold().split("/")
    if segments[-1] in _TRUST:
        return (value or "").casefold() in ("true", "1")
    return not _JOIN.isdisjoint(segments)


RULE = Rule(
    id="PREP-06",
    title="Headsets do not join an on-premises Active Directory",
    why="The limit belongs to the headset and no setting lifts it. It has to be known where accounts and services "
    "are planned: what only works for devices of the domain does not work here.",
    how="The format knows no way to join a domain (`enrollment.join` is entra, mdm-only or package). Found is "
    "what needs one all the same: accounts that sign in and `sign_in.preferred_domain` of a private domain "
    "(`corp.local`), and raw `settings` for domain join, Kerberos or on-premises trust of Windows Hello.",
    mend="Use accounts of a verified domain; where people have names of a private domain, have the directory "
    "synchronize them under a public one.",
    check=_check,
    verification="the directory shows no headset as joined to an on-premises domain (trustType ServerAd)",
)
