"""People and groups of a published State, as rows for the directory."""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.resources import Group, State, User
from holofleet.server.authorization import Role, Scope
from holofleet.server.directory.person import CALL_ROLES, Account


@dataclass(frozen=True, slots=True)
class PublishedPerson:
    """Somebody whom the fleet file names. ``limited``: the file itself says what their roles hold for."""

    upn: str
    client: str
    display_name: str
    account: Account
    roles: frozenset[Role]
    call_roles: frozenset[str]
    scope: Scope
    limited: bool
    site: str = ""


@dataclass(frozen=True, slots=True)
class PublishedGroup:
    """A group that the fleet file names; members are UPNs."""

    name: str
    display_name: str
    members: tuple[str, ...]
    rule: str = ""


def published_directory(state: State) -> tuple[tuple[PublishedPerson, ...], tuple[PublishedGroup, ...]]:
    """Return whom a State names; pure.

    Somebody of our own organization has their roles for every client, somebody of a client for that client only;
    both within what the file limits them to.
    """
    people = tuple(_person(user) for user in state.of_kind(User).values())
    groups = tuple(
        PublishedGroup(group.name, group.display_name or group.name, group.members, group.rule)
        for group in state.of_kind(Group).values()
    )
    return people, groups


def _person(user: User) -> PublishedPerson:
    known = {str(role): role for role in Role}
    return PublishedPerson(
        upn=user.upn.casefold(),
        client=user.client,
        display_name=user.display_name,
        account=Account(user.account),
        roles=frozenset(known[name] for name in user.roles if name in known),
        call_roles=frozenset(user.roles) & CALL_ROLES,
        scope=_scope(user),
        limited=bool(user.role_clients or user.role_sites or user.role_deployments),
        site=user.site,
    )


def _scope(user: User) -> Scope:
    clients = frozenset(user.role_clients) or None
    if user.client != "own":
        clients = frozenset({user.client}) & (clients or frozenset({user.client}))
    return Scope(clients, frozenset(user.role_sites) or None, frozenset(user.role_deployments) or None)
