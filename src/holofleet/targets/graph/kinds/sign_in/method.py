"""The method "certificate" of a tenant: one object for everybody, into which our rules are merged.

Ours in it are: the rules whose issuer stands in a container of ours, or is wanted now; the groups of ours among
its targets, without the groups that conditions leave out (emergency accounts: never taken from a target that
somebody gave them); and that the method is on and binds the principal name. Whatever else stands in it is
somebody else's and goes back as it came, because lists are replaced whole. The rule makes a certificate of our
issuer count as a second factor; the default of the tenant for other certificates is not touched. Our accounts
among those whom the method excludes are a difference.

Source: 'x509CertificateAuthenticationMethodConfiguration', Microsoft Graph reference; 'Microsoft Entra
certificate-based authentication' (Microsoft).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, CertificateSignIn, ConditionalAccess, Group
from holofleet.targets.graph.kinds.groups import Known, group_lists
from holofleet.targets.graph.kinds.sign_in.authorities import containers
from holofleet.targets.graph.operations import Operation, directory, tenant
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask

KIND: Final = "certificate-method"
ADDRESS: Final = Address(KIND, "certificate")
ACCOUNTS: Final = "accounts"
EXCLUDED: Final = "excluded accounts"
_RULE: Final = "rule "
_REGISTERED: Final = "registration required"
_BINDING: Final = "PrincipalName signs in as userPrincipalName"
_TYPE: Final = "#microsoft.graph.x509CertificateAuthenticationMethodConfiguration"
_MULTIFACTOR: Final = "x509CertificateMultiFactor"
_EVERYBODY: Final = "all_users"


class CertificateMethod:
    """The one object."""

    name = KIND
    after: Sequence[str] = (Group.kind, CertificateSignIn.kind)
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = (_RULE,)
    reads: Sequence[Operation] = (
        tenant.GET_CERTIFICATE_SIGN_IN,
        tenant.LIST_PKI,
        tenant.LIST_AUTHORITIES,
        directory.LIST_GROUPS,
    )

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        return tenant.GET_CERTIFICATE_SIGN_IN, tenant.UPDATE_CERTIFICATE_SIGN_IN

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return what of the object is ours, if the file lets certificates sign in."""
        issuers = scope.state.of_kind(CertificateSignIn).values()
        if not issuers:
            return []
        groups = sorted({name for one in issuers for name in one.accounts})
        properties: dict[str, Any] = {"state": "enabled", _BINDING: True, _REGISTERED: False}
        properties |= {_RULE + one.issuer: _MULTIFACTOR for one in issuers}
        accounts = tuple(Address(Group.kind, name) for name in groups)
        return [Wanted(ADDRESS, "", properties, {ACCOUNTS: accounts, EXCLUDED: ()})]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read the object, and by the way which of its parts are ours."""
        wanted = {one.issuer for one in scope.state.of_kind(CertificateSignIn).values()}
        ours = [one for one in (yield from containers(scope)) if one.address is not None]
        if not wanted and not ours:
            return []
        issuers = wanted.union(*(one.subjects for one in ours))
        lists = group_lists(scope, "id,displayName,description,mailEnabled,mailNickname")
        response, *groups = yield [tenant.GET_CERTIFICATE_SIGN_IN.request(), *lists]
        owned: dict[str, Address] = {}
        known, spared = Known(scope), _spared(scope)
        for item in (item for answer in groups for item in answer.value):
            address = known.owner(item) or _named_by_id(item, scope)
            if address is not None and address not in spared:
                owned[str(item["id"])] = address
        return [_seen(response.body or {}, issuers, owned, scope)]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Never asked for: the object is always there."""
        yield from self._merge(wanted, frozenset(), ids, scope)
        return ADDRESS.name

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Merge what is ours into what stands there now."""
        yield from self._merge(
            wanted, frozenset(seen.references.get(ACCOUNTS, ())), ids, scope, gone=_rules(fields)
        )

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Take our rules and groups out; whether the method is on is the tenant's own."""
        response = yield from ask(tenant.GET_CERTIFICATE_SIGN_IN.request())
        now = response.body or {}
        ours = set(_rules(seen.properties))
        body = {
            "@odata.type": _TYPE,
            "authenticationModeConfiguration": _mode(now, [], ours),
            "includeTargets": _targets(now, (), frozenset(seen.references.get(ACCOUNTS, ()))),
        }
        yield from ask(tenant.UPDATE_CERTIFICATE_SIGN_IN.request(body=body))

    def _merge(
        self, wanted: Wanted, held: frozenset[str], ids: Ids, scope: Scope, gone: Iterable[str] = ()
    ) -> Work[None]:
        response = yield from ask(tenant.GET_CERTIFICATE_SIGN_IN.request())
        now = response.body or {}
        issuers = _rules(wanted.properties)
        groups = ids.of(wanted.references[ACCOUNTS])
        body: dict[str, Any] = {
            "@odata.type": _TYPE,
            "state": "enabled",
            "certificateUserBindings": _bindings(now),
            "authenticationModeConfiguration": _mode(now, issuers, {*issuers, *gone}),
            "includeTargets": _targets(now, groups, held - set(groups)),
        }
        shut = now.get("excludeTargets") or ()
        left = [one for one in shut if one.get("id") not in groups]
        if len(left) < len(shut):
            body["excludeTargets"] = left
        yield from ask(tenant.UPDATE_CERTIFICATE_SIGN_IN.request(body=body))


def _meant(scope: Scope) -> set[Address]:
    issuers = scope.state.of_kind(CertificateSignIn).values()
    return {Address(Group.kind, name) for one in issuers for name in one.accounts}


def _named_by_id(item: Mapping[str, Any], scope: Scope) -> Address | None:
    """Return a group of somebody else whose accounts sign in by our certificates."""
    meant = _meant(scope)
    groups = (group for group in scope.state.of_kind(Group).values() if group.address in meant)
    return next((one.address for one in groups if one.object_id.casefold() == str(item["id"]).casefold()), None)


def _spared(scope: Scope) -> set[Address]:
    """Return the groups that conditions leave out."""
    conditions = scope.state.of_kind(ConditionalAccess).values()
    return {Address(Group.kind, name) for one in conditions for name in one.excluded} - _meant(scope)


def _rules(names: Iterable[str]) -> list[str]:
    return sorted(name.removeprefix(_RULE) for name in names if name.startswith(_RULE))


def _seen(now: Mapping[str, Any], issuers: set[str], owned: Mapping[str, Address], scope: Scope) -> Seen:
    rules = {
        _RULE + _issuer(rule): rule.get("x509CertificateAuthenticationMode")
        for rule in _listed(now)
        if _issuer(rule) in issuers
    }
    targets = {str(target.get("id")): target for target in now.get("includeTargets") or ()}
    accounts = tuple(id_ for id_ in owned if id_ in targets or _EVERYBODY in targets)
    if _EVERYBODY in targets:
        accounts = tuple(id_ for id_ in accounts if owned[id_] in _meant(scope))
    registered = any(bool(targets[id_].get("isRegistrationRequired")) for id_ in accounts if id_ in targets)
    properties = {"state": now.get("state"), _BINDING: _binds(now), _REGISTERED: registered, **rules}
    meant = _meant(scope)
    shut = {str(target.get("id")) for target in now.get("excludeTargets") or ()}
    excluded = tuple(id_ for id_ in owned if id_ in shut and owned[id_] in meant)
    return Seen(ADDRESS.name, "", properties, {ACCOUNTS: accounts, EXCLUDED: excluded}, ADDRESS, raw=now)


def _listed(now: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((now.get("authenticationModeConfiguration") or {}).get("rules") or ())


def _issuer(rule: Mapping[str, Any]) -> str:
    if rule.get("x509CertificateRuleType") != "issuerSubject":
        return ""
    return str(rule.get("issuerSubjectIdentifier") or rule.get("identifier") or "")


def _binds(now: Mapping[str, Any]) -> bool:
    return any(
        one.get("x509CertificateField") == "PrincipalName"
        and str(one.get("userProperty")).casefold() == "userprincipalname"
        for one in now.get("certificateUserBindings") or ()
    )


def _bindings(now: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    bindings = list(now.get("certificateUserBindings") or ())
    if _binds(now):
        return bindings
    taken = {one.get("priority") for one in bindings}
    priority = next(number for number in range(1, len(bindings) + 2) if number not in taken)
    ours = {"x509CertificateField": "PrincipalName", "userProperty": "userPrincipalName", "priority": priority}
    return [*bindings, ours]


def _mode(now: Mapping[str, Any], issuers: Iterable[str], ours: set[str]) -> dict[str, Any]:
    """Return the modes with our rules in the place of what was ours."""
    standing = dict(now.get("authenticationModeConfiguration") or {})
    others = [rule for rule in _listed(now) if _issuer(rule) not in ours]
    made = [
        {
            "x509CertificateRuleType": "issuerSubject",
            "identifier": issuer,
            "x509CertificateAuthenticationMode": _MULTIFACTOR,
        }
        for issuer in issuers
    ]
    return {**standing, "rules": [*others, *made]}


def _targets(now: Mapping[str, Any], groups: Iterable[str], gone: frozenset[str]) -> list[dict[str, Any]]:
    """Return the targets with our groups, and without those that were ours."""
    ours = list(groups)
    standing = [dict(one) for one in now.get("includeTargets") or () if str(one.get("id")) not in gone]
    included = {str(one.get("id")) for one in standing}
    for one in standing:
        if one.get("id") in ours:
            one["isRegistrationRequired"] = False
    if _EVERYBODY in included:
        return standing
    made = [
        {"targetType": "group", "id": group, "isRegistrationRequired": False}
        for group in ours
        if group not in included
    ]
    return [*standing, *made]
