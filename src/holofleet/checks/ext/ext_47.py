"""EXT-47: a tenant that hosts the clients is one of its own."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, NotApplicable, Rule


def _excused(case: Case) -> NotApplicable | None:
    if case.spec.model.tenant.kind == "service":
        return None
    return NotApplicable("clients are held by restrictions in your own tenant (tenant.kind)")


def _check(case: Case) -> Iterator[Fault]:
    tenant = case.spec.model.tenant
    if tenant.owner is None:
        yield Fault(
            "the tenant hosts clients, and nothing says which tenant is yours",
            case.at("tenant"),
            "Write `owner: {id: ..., domain: contoso.com}` with your own tenant.",
            "Experts are people of your own tenant; calls have to find their way there.",
            subject="tenant",
        )
    elif tenant.owner.id == tenant.id or tenant.owner.domain in (tenant.domain, *tenant.other_domains):
        yield Fault(
            "the tenant that hosts clients and your own are the same",
            case.at("tenant", "owner"),
            "Name your own tenant, or write `kind: owning`.",
            "The distance that this way is taken for is not there.",
            subject="tenant",
        )
    if not case.spec.model.licenses:
        yield Fault(
            "the tenant that hosts clients has no licenses of its own",
            case.at("tenant"),
            "Write under `licenses` what was bought in that tenant.",
            "Licenses do not cross tenants.",
            subject="tenant",
        )


RULE = Rule(
    id="EXT-47",
    title="A tenant that hosts the clients is one of its own",
    why="In a tenant with nothing in it there is nothing to find. It costs licenses of its own, and calls have to "
    "cross from one tenant to the other.",
    how="With `tenant.kind: service`, `tenant.owner` names your own tenant, with another id and another domain, "
    "and `licenses` holds what was bought for the hosting one. In your own tenant the statement does not apply.",
    mend="Write `tenant: {kind: service, owner: {id: ..., domain: contoso.com}}` and the licenses.",
    check=_check,
    verification="the accounts of headsets live in the hosting tenant, and a test call reaches an expert in yours",
    excused=_excused,
)
