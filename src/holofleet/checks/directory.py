"""The directory as the file says it: who signs in where, which groups they are in, what licenses they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from holofleet import catalog
from holofleet.desired.directory import account_of
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.organization import AssignedLicense, Person


@dataclass(frozen=True, slots=True)
class Grant:
    """A product that an account gets.

    Args:
        sku: SKU part number.
        plans: Its service plans that are on, as far as the catalog knows the product.
        group: The group that gives it; empty where the account gets it directly.
        path: Where the file says so, from its root.
        device_only: A license for a device, which gives its user nothing.
    """

    sku: str
    plans: frozenset[str]
    group: str
    path: tuple[str | int, ...]
    device_only: bool = False


class Directory:
    """Accounts, groups and licenses of one file; each view is made once, when it is first asked for."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._alike: dict[str, dict[tuple[Grant, ...], tuple[str, ...]]] = {}
        self._given: dict[tuple[str, str, bool, tuple[str, ...]], tuple[Grant, ...]] = {}

    @cached_property
    def people(self) -> dict[str, tuple[int, Person]]:
        """People by name, with their place among the file's people."""
        return {person.upn: (index, person) for index, person in enumerate(self._spec.model.people)}

    @cached_property
    def place_of(self) -> dict[str, int]:
        """By serial number, the place of a headset among the file's headsets."""
        return {headset.serial: index for index, headset in enumerate(self._spec.model.headsets)}

    @cached_property
    def account_of(self) -> dict[str, str | None]:
        """By serial number, the one account that signs in on a headset; ``None`` where several do or none."""
        return {
            headset.serial: account_of(self._spec, deployment, headset)
            for deployment in self._spec.deployments()
            for headset in deployment.headsets
        }

    @cached_property
    def headsets_of(self) -> dict[str, tuple[str, ...]]:
        """By account, the serial numbers of the headsets that it alone signs in on."""
        found: dict[str, list[str]] = {}
        for serial, upn in self.account_of.items():
            if upn is not None:
                found.setdefault(upn, []).append(serial)
        return {upn: tuple(serials) for upn, serials in found.items()}

    @cached_property
    def accounts(self) -> dict[str, tuple[str, ...]]:
        """By deployment, the accounts that sign in on its headsets, each once."""
        return {deployment.name: self._accounts(deployment) for deployment in self._spec.deployments()}

    def _accounts(self, deployment: EffectiveDeployment) -> tuple[str, ...]:
        said = deployment.settings.accounts
        listed = said.users if said is not None and isinstance(said.users, tuple) else ()
        own = (self.account_of[headset.serial] for headset in deployment.headsets)
        return tuple(dict.fromkeys(upn for upn in (*own, *listed) if upn is not None))

    @cached_property
    def members(self) -> dict[str, frozenset[str]]:
        """By group, its members: people, and the accounts of deployments."""
        found = {}
        for group in self._spec.model.groups:
            made = (self.accounts.get(name, ()) for name in group.members.accounts_of)
            found[group.name] = frozenset(group.members.upns).union(*made)
        return found

    def alike(self, deployment: EffectiveDeployment) -> Mapping[tuple[Grant, ...], tuple[str, ...]]:
        """Return the accounts of a deployment by the products that they get; mostly all get the same."""
        if deployment.name not in self._alike:
            found: dict[tuple[Grant, ...], list[str]] = {}
            for upn in self.accounts[deployment.name]:
                found.setdefault(self.grants(deployment, upn), []).append(upn)
            self._alike[deployment.name] = {grants: tuple(upns) for grants, upns in found.items()}
        return self._alike[deployment.name]

    def grants(self, deployment: EffectiveDeployment, upn: str) -> tuple[Grant, ...]:
        """Return the products that an account of a deployment gets: directly, by the deployment, by groups."""
        groups = tuple(name for name, members in self._giving if upn in members)
        key = (deployment.name, upn if upn in self.people else "", upn in self.headsets_of, groups)
        if key not in self._given:
            self._given[key] = (*self._direct(deployment, upn), *self._by_groups(groups))
        return self._given[key]

    @cached_property
    def _giving(self) -> tuple[tuple[str, frozenset[str]], ...]:
        return tuple((group.name, self.members[group.name]) for group in self._spec.model.groups if group.licenses)

    def _direct(self, deployment: EffectiveDeployment, upn: str) -> Iterator[Grant]:
        person = self.people.get(upn)
        if person is not None:
            for place, product in enumerate(person[1].licenses):
                yield _grant(product, "", ("people", person[0], "licenses", place))
        said = deployment.leaves.get("accounts.licenses", ())
        accounts = deployment.settings.accounts
        if said and accounts is not None and upn in self.headsets_of:
            for place, product in enumerate(accounts.licenses or ()):
                yield _grant(product, "", (*said[-1].path, place))

    def _by_groups(self, names: tuple[str, ...]) -> Iterator[Grant]:
        for index, group in enumerate(self._spec.model.groups):
            if group.name in names:
                for place, product in enumerate(group.licenses):
                    yield _grant(product, group.name, ("groups", index, "licenses", place))

    @cached_property
    def holders(self) -> dict[str, frozenset[str]]:
        """By product, everybody who gets it in any way: each of them needs one seat."""
        found: dict[str, set[str]] = {}
        for person in self._spec.model.people:
            for product in person.licenses:
                found.setdefault(product.sku, set()).add(person.upn)
        for group in self._spec.model.groups:
            for product in group.licenses:
                found.setdefault(product.sku, set()).update(self.members[group.name])
        for deployment in self._spec.deployments():
            accounts = deployment.settings.accounts
            for product in (accounts.licenses or ()) if accounts is not None else ():
                own = (self.account_of[headset.serial] for headset in deployment.headsets)
                found.setdefault(product.sku, set()).update(upn for upn in own if upn is not None)
        return {sku: frozenset(upns) for sku, upns in found.items()}


def _grant(product: AssignedLicense, group: str, path: tuple[str | int, ...]) -> Grant:
    known = catalog.licenses().products.get(product.sku)
    plans = frozenset(known.plans if known is not None else ()) - frozenset(product.disabled_plans)
    return Grant(product.sku, plans, group, path, known is not None and known.device_only)
