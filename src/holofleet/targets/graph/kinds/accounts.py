"""Accounts of headsets, which we make; and people, who only have to be there.

An account carries our marker in ``employeeType``. People are never made, changed or deleted, and read only by the
names that the fleet file knows. Two properties are sent and never compared, because the directory never shows
them: the password, which is made here, sent once and kept nowhere (headsets sign in by certificate), and that it
need not be changed at the first sign-in.

A name stays taken for 30 days after a deletion. A deleted account that carries our marker is restored and brought
up to date; any other is somebody else's business, and said so.

Source: 'Create user', 'Restore deleted item' and 'user resource type', Microsoft Graph reference.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from holofleet.errors import ConflictError
from holofleet.plans import Act
from holofleet.resources import Address, Group, User
from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.kinds.filters import alike, among, begins, quoted
from holofleet.targets.graph.kinds.marked import by_marker
from holofleet.targets.graph.operations import Operation, Request, Response, directory
from holofleet.targets.graph.reconcile import Care, Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, any_case
from holofleet.targets.graph.work import Work, ask

MARK: Final = "employeeType"
_PAGE: Final = "999"
_PASSWORD_LENGTH: Final = 48
_SIGNS: Final = "-_.!#^~"
_NEVER: Final = "DisablePasswordExpiration"


def is_account(user: User) -> bool:
    """Return whether it is an account of ours rather than a person."""
    return user.account != "person"


def password() -> str:
    """Return a password that nobody knows, of all kinds of letters."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SIGNS)
    letters = [secrets.choice(kind) for kind in kinds]
    letters += [secrets.choice("".join(kinds)) for _ in range(_PASSWORD_LENGTH - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def account_lists(scope: Scope, select: str) -> list[Request]:
    """Return the lists that together hold every account of ours, and those that could be adopted."""
    names = [user.upn for user in scope.state.of_kind(User).values() if is_account(user)]
    ours = scope.marker.text(Address(User.kind, "x")).removesuffix("x")
    return listed([begins(MARK, ours), *alike("userPrincipalName", names)], select)


def people_lists(upns: Iterable[str], select: str) -> list[Request]:
    """Return the lists that find people by name."""
    return listed(among("userPrincipalName", upns), select)


def listed(filters: Iterable[str], select: str) -> list[Request]:
    """Return one list of users for each filter."""
    return [
        directory.LIST_USERS.request(query={"$filter": one, "$select": select, "$top": _PAGE}) for one in filters
    ]


def policies(wanted: Any, seen: Any) -> bool:
    """Compare password policies: flags in one text, where ``None`` is no flag."""
    return _flags(wanted) == _flags(seen)


def _flags(value: Any) -> set[str]:
    return {flag.strip().casefold() for flag in str(value or "").split(",")} - {"", "none"}


class Accounts:
    """Users of the directory."""

    name = User.kind
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {"userPrincipalName": any_case, "passwordPolicies": policies}
    closed: Sequence[str] = ()
    reads: Sequence[Operation] = (directory.LIST_USERS,)
    _shown = (
        "accountEnabled",
        "companyName",
        "displayName",
        MARK,
        "mailNickname",
        "passwordPolicies",
        "usageLocation",
        "userPrincipalName",
    )
    _select = ",".join(("id", "assignedLicenses", "onPremisesSyncEnabled", *_shown))

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act; those that restore are left to the case that needs them."""
        if act is Act.CREATE:
            return (directory.CREATE_USER,)
        return (directory.UPDATE_USER,) if act is Act.UPDATE else (directory.DELETE_USER,)

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return accounts, and everybody whom a group or an account names."""
        users = scope.state.of_kind(User)
        named = {upn for group in scope.state.of_kind(Group).values() for upn in group.members}
        people = {upn for upn in named if upn not in users}
        people |= {user.upn for user in users.values() if not is_account(user)}
        made = [self._account(user, scope) for user in users.values() if is_account(user)]
        return [*made, *(_person(upn) for upn in sorted(people))]

    def _account(self, user: User, scope: Scope) -> Wanted:
        nickname = user.upn.partition("@")[0]
        properties: dict[str, Any] = {
            "accountEnabled": True,
            "companyName": user.company or None,
            "displayName": user.display_name or nickname,
            MARK: scope.marker.text(user.address),
            "mailNickname": nickname,
            "passwordPolicies": _NEVER if user.password_never_expires else "None",
            "userPrincipalName": user.upn,
        }
        if user.usage_location:
            properties["usageLocation"] = user.usage_location
        return Wanted(user.address, user.upn, properties)

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read accounts by marker and by name, and people by name."""
        people = [wanted.key for wanted in self.wanted(scope) if wanted.care is Care.EXPECT]
        responses = yield [*account_lists(scope, self._select), *people_lists(people, self._select)]
        found = {str(item["id"]): item for response in responses for item in response.value}
        return [self._seen(item, scope) for item in found.values()]

    def _seen(self, item: Mapping[str, Any], scope: Scope) -> Seen:
        properties = {name: item.get(name) for name in self._shown}
        return Seen(
            str(item["id"]), str(item["userPrincipalName"]), properties, address=owner(item, scope), raw=item
        )

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return which accounts can be changed in another directory only."""
        managed = {wanted.key.casefold(): wanted.address for wanted in self.wanted(scope) if wanted.properties}
        reason = "It comes from a directory on premises, and can be changed there only."
        return [
            Problem(managed[seen.key.casefold()], reason, frozenset([managed[seen.key.casefold()]]))
            for seen in sides[self.name].seen
            if seen.raw.get("onPremisesSyncEnabled") and seen.key.casefold() in managed
        ]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make it, or restore the one that we deleted."""
        profile = {"password": password(), "forceChangePasswordNextSignIn": False}
        body = {**_given(wanted.properties), "passwordProfile": profile}
        (by_name,) = listed([f"userPrincipalName eq {quoted(wanted.key)}"], self._select)
        lookup = by_marker(by_name, wanted, scope, text=MARK, unique=True)
        try:
            return (yield from ask(directory.CREATE_USER.request(body=body, lookup=lookup))).id
        except GraphError as error:
            if error.trouble is not Trouble.CONFLICT:
                raise
        return (yield from self._restore(wanted, scope))

    def _restore(self, wanted: Wanted, scope: Scope) -> Work[str]:
        deleted = yield from _deleted(begins(MARK, scope.marker.text(wanted.address)))
        twin = next((item for item in deleted.value if owner(item, scope) == wanted.address), None)
        if twin is None:
            raise ConflictError(
                f"the name {wanted.key} is taken by an account that is not ours and is not shown",
                detail="An account keeps its name for 30 days after it was deleted.",
                mend="Restore it, or delete it for good, in the Entra admin center; then plan again.",
            )
        id_ = str(twin["id"])
        yield from ask(directory.RESTORE_USER.request(id=id_))
        body = dict(wanted.properties)
        yield from ask(directory.UPDATE_USER.request(id=id_, body=body, created_here=True))
        return id_

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs; the marker is one of the properties."""
        body = {name: value for name, value in wanted.properties.items() if name in fields}
        if body:
            yield from ask(directory.UPDATE_USER.request(id=seen.id, body=body))

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Delete it softly."""
        yield from ask(directory.DELETE_USER.request(id=seen.id, accept={404}))


def owner(item: Mapping[str, Any], scope: Scope) -> Address | None:
    """Return the address of an account of ours."""
    address = scope.marker.read(item.get(MARK))
    return address if address is not None and address.kind == User.kind else None


def _deleted(mark: str) -> Work[Response]:
    """Read deleted accounts by marker; all of them where the service takes no such filter (not documented)."""
    select = {"$select": f"id,userPrincipalName,{MARK}"}
    try:
        return (yield from ask(directory.LIST_DELETED_USERS.request(query={"$filter": mark, **select})))
    except GraphError as error:
        if error.trouble is not Trouble.INVALID:
            raise
    return (yield from ask(directory.LIST_DELETED_USERS.request(query=select)))


def _person(upn: str) -> Wanted:
    why = "No such account is in the tenant; people are never made here. Until then they are in no group."
    return Wanted(Address(User.kind, upn), upn, care=Care.EXPECT, why=why)


def _given(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
