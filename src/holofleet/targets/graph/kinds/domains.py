"""Domains of accounts: looked at, never made. The directory takes names in verified domains only.

An account in a federated domain needs an immutable id from the directory that it comes from; ours come from none.

Source: 'domain resource type', 'List domains' and 'Create user' (userPrincipalName), Microsoft Graph reference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from holofleet.plans import Act
from holofleet.plans.render import some_of
from holofleet.resources import Address, User
from holofleet.targets.graph.kinds.accounts import is_account
from holofleet.targets.graph.operations import Operation, directory
from holofleet.targets.graph.reconcile import Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask

KIND: Final = "domain"
_VERIFIED: Final = "isVerified"
_SIGN_IN: Final = "authenticationType"
_MEND: Final = "Add and verify it (Entra admin center, Custom domain names), or give the accounts another."


class Domains:
    """The domains in which accounts of the fleet are to be made."""

    name = KIND
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (directory.LIST_DOMAINS,)

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return no operation."""
        return ()

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return nothing: a domain is added by its owner, who proves that it is theirs."""
        return []

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read the domains; nothing is asked where no account is to be made."""
        if not _accounts(scope):
            return []
        response = yield from ask(directory.LIST_DOMAINS.request())
        return [
            Seen(str(item["id"]), str(item["id"]), {name: item.get(name) for name in (_VERIFIED, _SIGN_IN)})
            for item in response.value
        ]

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return which domains are missing or not verified; their accounts wait, those that are there do not."""
        known = {seen.key.casefold(): seen for seen in sides[self.name].seen}
        there = {seen.key.casefold() for seen in sides[User.kind].seen} if User.kind in sides else set()
        problems = []
        for domain, users in sorted(_accounts(scope).items()):
            missing = [user for user in users if user.upn.casefold() not in there]
            state = _trouble(known.get(domain))
            if not state or not missing:
                continue
            count = "1 account cannot" if len(missing) == 1 else f"{len(missing)} accounts cannot"
            listed = some_of([user.upn for user in missing])
            reason = f"It is {state}: {count} be made ({listed}). {_MEND} Then plan again."
            blocks = frozenset(user.address for user in missing)
            problems.append(Problem(Address(KIND, domain), reason, blocks, drifts=state))
        return problems

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Never asked for.

        Raises:
            NotImplementedError: always.
        """
        yield from ()
        raise NotImplementedError("a domain is never made here")

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Never asked for."""
        yield from ()

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Never asked for: none is ours."""
        yield from ()


def _trouble(seen: Seen | None) -> str:
    """Return why no account can be made in a domain; empty where it can."""
    if seen is None:
        return "no domain of the tenant"
    if not seen.properties[_VERIFIED]:
        return "not verified in the tenant"
    return "federated, so that its accounts come from another directory" if _federated(seen) else ""


def _federated(seen: Seen) -> bool:
    return str(seen.properties[_SIGN_IN]).casefold() == "federated"


def _accounts(scope: Scope) -> Mapping[str, list[User]]:
    """Return the accounts that are made here, by their domain."""
    found: dict[str, list[User]] = defaultdict(list)
    for user in scope.state.of_kind(User).values():
        if is_account(user):
            found[user.upn.partition("@")[2].casefold()].append(user)
    return found
