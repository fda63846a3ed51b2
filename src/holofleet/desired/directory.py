"""Directory resources: clients, sites, license pools, people and accounts, groups, deployments, headsets.

Everything here is carried in the State as it is said; nothing is a setting. An account of a headset is made from
``accounts.name`` (``hl-{{serial}}``) and a domain, or is the one that stands at the headset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from holofleet import resources
from holofleet.desired.groups.poll import schedule
from holofleet.desired.wanted import Wanted
from holofleet.spec import EffectiveDeployment, FleetFile, Spec
from holofleet.spec.model.headset import Headset
from holofleet.spec.model.identity import Reconnect
from holofleet.spec.model.organization import AssignedLicense

OWN = "own"
_WEEKS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def account_of(spec: Spec, deployment: EffectiveDeployment, headset: Headset) -> str | None:
    """Return the UPN of the account that signs in on one headset, or ``None`` where several people do."""
    if headset.account is not None:
        return headset.account
    accounts = deployment.settings.accounts
    if accounts is None or accounts.users is None:
        return None
    if accounts.users == "per-headset":
        domain = accounts.domain or spec.model.tenant.domain
        return f"{_filled(accounts.name or 'hl-{{serial}}', headset)}@{domain}".lower()
    return accounts.users[0] if len(accounts.users) == 1 else None


def _filled(template: str, headset: Headset) -> str:
    return template.replace("{{serial}}", headset.serial).replace("{{asset}}", headset.asset or headset.serial)


def static(model: FleetFile) -> Iterator[resources.Resource]:
    """Yield what does not hang on deployments: clients, sites, license pools and people."""
    yield resources.Client(name=OWN, display_name=model.organization.name)
    for client in model.clients:
        yield resources.Client(
            name=client.name,
            display_name=client.display_name or client.name,
            experts=tuple(sorted(client.experts)),
        )
    for site in model.sites:
        yield resources.Site(
            name=site.name,
            client=site.client or OWN,
            display_name=site.display_name or "",
            connectivity=site.connectivity or "online",
            uplink_mbps=site.network.uplink_mbps,
            downlink_mbps=site.network.downlink_mbps,
        )
    yield from _pools(model)
    clients = {site.name: site.client or OWN for site in model.sites}
    for person in model.people:
        yield resources.User(
            upn=person.upn,
            display_name=person.display_name or "",
            client=clients.get(person.site or "", OWN),
            roles=tuple(sorted(person.roles)),
            directory_roles=tuple(sorted(person.directory_roles)),
            usage_location=model.organization.country,
            licenses=skus(person.licenses),
            disabled_plans=plans_off(person.licenses),
            site=person.site or "",
            role_clients=_sorted(part.clients if (part := person.roles_for) else None),
            role_sites=_sorted(part.sites if part else None),
            role_deployments=_sorted(part.deployments if part else None),
        )


def _sorted(names: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted(set(names or ())))


def _pools(model: FleetFile) -> Iterator[resources.LicensePool]:
    """Yield one pool per product: seats that were bought in several lots add up, the longest trial counts."""
    for sku in dict.fromkeys(lot.sku for lot in model.licenses):
        lots = [lot for lot in model.licenses if lot.sku == sku]
        ends = [lot.trial_until for lot in lots if lot.trial_until is not None]
        yield resources.LicensePool(
            sku=sku, seats=sum(lot.seats for lot in lots), trial_until=max(ends) if ends else None
        )


def accounts(
    spec: Spec, used: Iterable[tuple[EffectiveDeployment, Headset, str | None]]
) -> Iterator[resources.User]:
    """Yield the accounts of headsets that are no people of the file, once each.

    Args:
        spec: The file.
        used: Deployment, headset and account, as :func:`account_of` says.
    """
    known = {person.upn for person in spec.model.people}
    for deployment, headset, upn in used:
        if upn is None or upn in known:
            continue
        known.add(upn)
        said = deployment.settings.accounts
        kind = said.kind if said is not None and said.kind is not None else "individual"
        template = said.display_name if said is not None and said.display_name is not None else ""
        given = said.licenses or () if said is not None else ()
        yield resources.User(
            upn=upn,
            display_name=_filled(template, headset),
            client=deployment.client,
            account="headset" if kind == "individual" else "shared",
            usage_location=spec.model.organization.country,
            licenses=skus(given),
            disabled_plans=plans_off(given),
        )


def groups(model: FleetFile, accounts_of: Mapping[str, frozenset[str]]) -> Iterator[resources.Group]:
    """Yield the groups, with the accounts of deployments as members."""
    for group in model.groups:
        made = (accounts_of.get(name, frozenset()) for name in group.members.accounts_of)
        yield resources.Group(
            name=group.name,
            members=tuple(sorted(set(group.members.upns).union(*made))),
            licenses=skus(group.licenses),
            disabled_plans=plans_off(group.licenses),
        )


def skus(products: Iterable[AssignedLicense]) -> tuple[str, ...]:
    """Return the products, each once."""
    return tuple(sorted({one.sku for one in products}))


def plans_off(products: Iterable[AssignedLicense]) -> dict[str, tuple[str, ...]]:
    """Return the service plans that stay off, by product."""
    return {one.sku: tuple(sorted(one.disabled_plans)) for one in products if one.disabled_plans}


def loans(model: FleetFile) -> Iterator[resources.Loan]:
    """Yield the loans, each named by its client and the day on which it leaves; a second of that day gets a 2."""
    names: dict[str, int] = {}
    for loan in model.loans:
        name = f"{loan.client}-{loan.ships.isoformat()}"
        names[name] = names.get(name, 0) + 1
        yield resources.Loan(
            name=name if names[name] == 1 else f"{name}-{names[name]}",
            client=loan.client,
            site=loan.site or "",
            serials=tuple(sorted(loan.headsets)),
            ships=loan.ships,
            returns=loan.returns,
            returned=loan.returned,
            password_reset=loan.password_reset,
            wiped=loan.wiped,
            test_call=loan.test_call,
        )


def deployment(wanted: Wanted, client: str) -> resources.Deployment:
    """Return the deployment as the server needs it: when to expect its headsets, and how often to look."""
    settings = wanted.settings
    join = settings.enrollment.join if settings.enrollment is not None else None
    return resources.Deployment.model_validate(
        {
            "name": wanted.name,
            "formerly": wanted.deployment.declared.formerly,
            "scenarios": wanted.deployment.scenarios,
            "client": client,
            "join": join or "entra",
            "reconnect": _reconnect(settings.reconnect),
            "poll": schedule(wanted),
            "timezone": wanted.spec.model.organization.timezone,
        }
        | ({} if settings.verify_every_h is None else {"verify_every_h": settings.verify_every_h})
    )


def _reconnect(said: Reconnect | None) -> resources.Reconnect:
    if said is None:
        return resources.Reconnect()
    values = {
        "rule": said.rule,
        "interval_days": said.every.days if said.every is not None else None,
        "ordinal": _WEEKS[said.week] if said.week is not None else None,
        "weekday": _WEEKDAYS.index(said.day) if said.day is not None else None,
        "after_patch_tuesday": said.after_patch_tuesday,
        "window_days": said.window.days if said.window is not None else None,
        "grace_days": said.grace.days if said.grace is not None else None,
    }
    return resources.Reconnect.model_validate({key: value for key, value in values.items() if value is not None})
