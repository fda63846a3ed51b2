"""Users and groups with what only a directory needs: licenses, service plans, password policy, membership rules.

Headset accounts are named by a template, so one rule can give all of them: then a group needs no request per
account. A rule is written only where, among everybody that the file knows, it gives exactly the group's members.
Serves EXT-15, EXT-16, EXT-42, EXT-49, SHR-05 to SHR-09.

Source: 'Rules for dynamic membership groups in Microsoft Entra ID' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterable

from holofleet import resources
from holofleet.desired.cloud.draft import Draft
from holofleet.resources import Group, User
from holofleet.spec import EffectiveDeployment
from holofleet.spec.model.identity import NEVER
from holofleet.spec.model.organization import AssignedLicense
from holofleet.spec.model.organization import Group as SaidGroup

_LEAST_PREFIX = 3
"""Letters that a prefix needs before a rule is trusted to it. Ours."""
OWN_GROUP = "hololens-accounts."


def write(draft: Draft) -> None:
    """Complete the users and groups that are there already."""
    _people(draft)
    _accounts(draft)
    for said in draft.spec.model.groups:
        group = draft.resources.get(resources.Address(Group.kind, said.name))
        if not isinstance(group, Group):
            continue
        draft.add(
            group.model_copy(
                update={
                    "object_id": said.object_id or "",
                    "rule": _rule(draft, said, group),
                    "disabled_plans": _plans(said.licenses),
                }
            )
        )


def _people(draft: Draft) -> None:
    for person in draft.spec.model.people:
        _update(draft, person.upn, _licensed(person.licenses))


def _accounts(draft: Draft) -> None:
    clients = {one.name: one.display_name or one.name for one in draft.spec.model.clients}
    for deployment in draft.deployments:
        said = deployment.settings.accounts
        if said is None:
            continue
        never = said.password is not None and said.password.expires_after_days == NEVER
        more: dict[str, object] = {"password_never_expires": never or said.kind == "shared-certificate"}
        more |= _licensed(said.licenses or ())
        if deployment.client in clients:
            more["company"] = clients[deployment.client]
        for upn in draft.accounts_of.get(deployment.name, ()):
            _update(draft, upn, more)


def _update(draft: Draft, upn: str, more: dict[str, object]) -> None:
    user = draft.resources.get(resources.Address(User.kind, upn))
    if isinstance(user, User) and (user.account != "person" or "password_never_expires" not in more):
        draft.add(user.model_copy(update=more))


def _licensed(products: Iterable[AssignedLicense]) -> dict[str, object]:
    listed = tuple(products)
    return {"licenses": tuple(sorted({one.sku for one in listed})), "disabled_plans": _plans(listed)}


def _plans(products: Iterable[AssignedLicense]) -> dict[str, tuple[str, ...]]:
    return {one.sku: tuple(sorted(one.disabled_plans)) for one in products if one.disabled_plans}


def _rule(draft: Draft, said: SaidGroup, group: Group) -> str:
    """Return the rule that gives exactly the members, or an empty text."""
    named = said.members.accounts_of
    if said.members.upns or not named or not draft.dynamic or said.object_id is not None:
        return ""
    forms = {_form(draft, one) for one in draft.deployments if one.name in named}
    if len(forms) != 1 or None in forms:
        return ""
    ((prefix, domain),) = (form for form in forms if form is not None)
    everybody = {user.key for user in draft.of_kind(User)} | {one.upn for one in draft.spec.model.people}
    given = {upn for upn in everybody if upn.startswith(prefix) and upn.endswith(f"@{domain}")}
    if given != set(group.members) or not given:
        return ""
    return f'(user.userPrincipalName -startsWith "{prefix}") and (user.userPrincipalName -endsWith "@{domain}")'


def _form(draft: Draft, deployment: EffectiveDeployment) -> tuple[str, str] | None:
    """Return prefix and domain of a deployment's accounts, in the lower case of their names."""
    said = deployment.settings.accounts
    if said is None or said.users != "per-headset":
        return None
    prefix = (said.name or "hl-{{serial}}").partition("{{")[0].lower()
    if len(prefix) < _LEAST_PREFIX or not prefix.isascii() or '"' in prefix or "\\" in prefix:
        return None
    return prefix, (said.domain or draft.spec.model.tenant.domain).lower()


def account_groups(draft: Draft, deployments: Iterable[EffectiveDeployment]) -> tuple[str, ...]:
    """Return groups that hold the headset accounts of deployments and nobody else; one is made where none is.

    What is asked of headset accounts must never be asked of people.
    """
    named = tuple(deployments)
    people = {user.key for user in draft.of_kind(User) if user.account == "person"}
    meant = frozenset[str]().union(*(draft.accounts_of.get(one.name, ()) for one in named)) - people
    found: set[str] = set()
    for deployment in named:
        members = draft.accounts_of.get(deployment.name, frozenset()) - people
        if not members:
            continue
        fit = [group.name for group in draft.of_kind(Group) if members <= set(group.members) <= meant]
        found.add(fit[0] if fit else _own(draft, deployment, members))
    return tuple(sorted(found))


def _own(draft: Draft, deployment: EffectiveDeployment, members: frozenset[str]) -> str:
    name = OWN_GROUP + deployment.name
    draft.add(
        Group(name=name, display_name=f"HoloLens accounts of {deployment.name}", members=tuple(sorted(members)))
    )
    return name
