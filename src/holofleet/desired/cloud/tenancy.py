"""The tenants of a fleet file: the one whose accounts sign in on headsets, and its owner's where that is another.

With ``tenant.kind: service`` clients are hosted in a tenant of their own. It has the accounts, headsets, licenses
and policies; the owning tenant keeps the organization's people. A headset, its hash and an authority that signs
accounts in belong to the service tenant alone; all that both must know of each other is a domain name, so that
calls reach the experts. Serves EXT-41, EXT-47.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from holofleet.resources import Client, Group, ManualStep, Resource, User
from holofleet.spec import Spec

Which = Literal["owning", "service"]


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One tenant of a fleet file.

    Args:
        which: ``owning``, or ``service`` where it hosts clients only.
        id: Its GUID.
        domain: Its first domain.
        headsets: Headsets and their accounts live in it.
    """

    which: Which
    id: str
    domain: str
    headsets: bool


def tenancies(spec: Spec) -> tuple[Tenancy, ...]:
    """Return the tenants of a fleet file, the one with the headsets first."""
    tenant = spec.model.tenant
    home = Tenancy(tenant.kind, tenant.id, tenant.domain, headsets=True)
    if tenant.kind == "owning" or tenant.owner is None:
        return (home,)
    return home, Tenancy("owning", tenant.owner.id, tenant.owner.domain, headsets=False)


def chosen(spec: Spec, which: str | None) -> Tenancy:
    """Return the tenant of that kind; without a word, the one with the headsets.

    Raises:
        ValueError: the file has no such tenant.
    """
    known = {one.which: one for one in tenancies(spec)}
    for one in known.values():
        if which in (None, one.which):
            return one
    raise ValueError(f"the fleet file has no {which} tenant; it has {', '.join(known)}")


def part(spec: Spec, tenancy: Tenancy, made: Iterable[Resource]) -> Iterator[Resource]:
    """Yield what belongs to a tenant, of all that was made for the fleet.

    Groups are split by their members: a group whose members live in both tenants is one group in each of them.
    """
    away = next((one for one in tenancies(spec) if not one.headsets), None)
    for resource in made:
        if away is None or isinstance(resource, ManualStep):
            yield resource
        elif isinstance(resource, User):
            if _at_home(resource.upn, away) == tenancy.headsets:
                yield resource
        elif isinstance(resource, Group):
            members = tuple(one for one in resource.members if _at_home(one, away) == tenancy.headsets)
            if members or (tenancy.headsets and not resource.members):
                yield resource if members == resource.members else resource.model_copy(update={"members": members})
        elif tenancy.headsets or (isinstance(resource, Client) and resource.name == "own"):
            yield resource


def _at_home(upn: str, away: Tenancy) -> bool:
    return not upn.endswith(f"@{away.domain}")
