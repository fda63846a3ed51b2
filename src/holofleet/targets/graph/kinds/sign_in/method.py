"""The method "certificate" of a tenant: one object for everybody, into which our rules are merged.

Ours in it are: the rules that name an issuer which stands in a container of ours, or is wanted now, whatever else
somebody made of them; the groups of ours among
its targets, without the groups that conditions leave out (emergency accounts: never taken from a target that
somebody gave them); and that the method is on and binds the principal name. Whatever else stands in it is
somebody else's and goes back as it came, because lists are replaced whole. The rule makes a certificate of our
issuer count as a second factor; the default of the tenant for other certificates is not touched. Our accounts
among those whom the method excludes are a difference.

A method that is open to all users would let whoever can issue for our authorities sign in as anybody. A new tenant
has it so, and switched off: switching it on narrows it to our groups. Where it is on, others sign in by it: then
nothing of ours is written into it, and no authority trusted anew, until a person has narrowed it.

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
from holofleet.targets.graph.reconcile import Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask

KIND: Final = "certificate-method"
ADDRESS: Final = Address(KIND, "certificate")
ACCOUNTS: Final = "accounts"
EXCLUDED: Final = "excluded accounts"
_RULE: Final = "rule "
_REGISTERED: Final = "registration required"
_FIELD: Final = "x509CertificateField"
_PRINCIPAL: Final = "PrincipalName"
_NAME: Final = "userPrincipalName"
_BINDING: Final = f"{_PRINCIPAL} signs in as {_NAME}"
_MOST_BINDINGS: Final = 3
_TYPE: Final = "#microsoft.graph.x509CertificateAuthenticationMethodConfiguration"
_SUBJECT: Final = "issuerSubject"
_MULTIFACTOR: Final = "x509CertificateMultiFactor"
_ALL: Final = "all_users"
_EVERYBODY: Final = "open to all users"
_STATE: Final = "state"
_ON: Final = "enabled"
_ISSUERS: Final = "issuers of ours"
_FULL: Final = "no room for a binding"
_NO_ROOM: Final = (
    f"It has {_MOST_BINDINGS} bindings of others and takes no more, and none of them is that {_BINDING}. Take one "
    "out, or change it (Entra admin center, Certificate-based authentication, Username binding)."
)
_WIDE: Final = (
    "Weaker than the file says: certificate sign-in is open to all users, so whoever can issue for {} could sign "
    "in as anybody, with that as the second factor. Narrow it to groups (Entra admin center, Authentication "
    "methods, Certificate-based authentication, Include) and plan again; until then nothing of ours is written "
    "into it."
)


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
        properties: dict[str, Any] = {_STATE: _ON, _BINDING: True, _REGISTERED: False, _EVERYBODY: False}
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

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return that the method is open to everybody, or has no room for our binding."""
        issuers = scope.state.of_kind(CertificateSignIn).values()
        seen = next(iter(sides[self.name].seen), None)
        if not issuers or seen is None:
            return []
        full = [Problem(ADDRESS, _NO_ROOM, frozenset({ADDRESS}), drifts="three bindings of others")]
        found = full if seen.raw[_FULL] else []
        if not _open(seen):
            return found
        trusted = {one.address for one in sides[CertificateSignIn.kind].seen}
        untrusted = {one.address for one in issuers} - trusted
        reason = _WIDE.format(", ".join(sorted(one.issuer for one in issuers)))
        return [*found, Problem(ADDRESS, reason, frozenset({ADDRESS, *untrusted}), drifts=_EVERYBODY)]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Never asked for: the object is always there."""
        yield from self._merge(wanted, frozenset(), ids, scope)
        return ADDRESS.name

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Merge what is ours into what stands there now."""
        held = frozenset(seen.references.get(ACCOUNTS, ()))
        yield from self._merge(wanted, held, ids, scope, gone=seen.raw[_ISSUERS])

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Take our rules and groups out; whether the method is on is the tenant's own."""
        response = yield from ask(tenant.GET_CERTIFICATE_SIGN_IN.request())
        now = response.body or {}
        ours = set(seen.raw[_ISSUERS])
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
            _STATE: _ON,
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
    rules = _ours(now, issuers)
    targets = {_target_id(target): target for target in now.get("includeTargets") or ()}
    accounts = tuple(id_ for id_ in owned if id_ in targets)
    registered = any(bool(targets[id_].get("isRegistrationRequired")) for id_ in accounts if id_ in targets)
    properties = {
        _STATE: now.get(_STATE),
        _BINDING: _binds(now),
        _REGISTERED: registered,
        _EVERYBODY: _ALL in targets,
        **rules,
    }
    meant = _meant(scope)
    shut = {str(target.get("id")) for target in now.get("excludeTargets") or ()}
    excluded = tuple(id_ for id_ in owned if id_ in shut and owned[id_] in meant)
    raw = {_ISSUERS: sorted(issuers), _FULL: len(_bindings(now)) > _MOST_BINDINGS}
    return Seen(ADDRESS.name, "", properties, {ACCOUNTS: accounts, EXCLUDED: excluded}, ADDRESS, raw=raw)


def _open(seen: Seen) -> bool:
    """Return whether certificates sign in everybody now."""
    return bool(seen.properties[_EVERYBODY]) and seen.properties[_STATE] == _ON


def _ours(now: Mapping[str, Any], issuers: set[str]) -> dict[str, Any]:
    """Return the mode of each rule that names an issuer of ours; of a changed one, under what it became."""
    found: dict[str, Any] = {}
    for rule in _listed(now):
        for issuer in _named(rule) & issuers:
            name = _RULE + issuer
            if _named(rule) != {issuer} or rule.get("x509CertificateRuleType") != _SUBJECT:
                name += f" as {' and '.join(sorted(_named(rule)))} ({rule.get('x509CertificateRuleType')})"
            mode = rule.get("x509CertificateAuthenticationMode")
            found[name] = mode if found.get(name, mode) == mode else f"{found[name]} and {mode}"
    return found


def _target_id(target: Mapping[str, Any]) -> str:
    id_ = str(target.get("id"))
    return _ALL if id_.casefold() == _ALL else id_


def _listed(now: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((now.get("authenticationModeConfiguration") or {}).get("rules") or ())


def _named(rule: Mapping[str, Any]) -> set[str]:
    """Return all that a rule names: an issuer, a policy, or both."""
    names = ("identifier", "issuerSubjectIdentifier", "policyOidIdentifier")
    return {str(rule[name]) for name in names if rule.get(name)}


def _binds(now: Mapping[str, Any]) -> bool:
    return any(
        one.get(_FIELD) == _PRINCIPAL and str(one.get("userProperty")).casefold() == _NAME.casefold()
        for one in now.get("certificateUserBindings") or ()
    )


def _bindings(now: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the bindings with ours: in place of what it may be taken for, else behind those of others.

    While the method is off nobody signs in by it, so a binding of the same field is replaced. Two that say the
    same are one: somebody changed ours into what was there already.
    """
    off = now.get(_STATE) != _ON
    standing: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in now.get("certificateUserBindings") or ():
        field, name = str(one.get(_FIELD)), str(one.get("userProperty")).casefold()
        if not (off and field == _PRINCIPAL) or name == _NAME.casefold():
            said = {key: value for key, value in one.items() if value is not None}  # null is as if not said
            standing.setdefault((field, name), said)
    bindings = list(standing.values())
    if _binds(now):
        return bindings
    taken = {one.get("priority") for one in bindings}
    priority = next(number for number in range(1, len(bindings) + 2) if number not in taken)
    return [*bindings, {_FIELD: _PRINCIPAL, "userProperty": _NAME, "priority": priority}]


def _mode(now: Mapping[str, Any], issuers: Iterable[str], ours: set[str]) -> dict[str, Any]:
    """Return the modes with our rules in the place of what was ours."""
    standing = dict(now.get("authenticationModeConfiguration") or {})
    others = [rule for rule in _listed(now) if not _named(rule) & ours]
    made = [
        {
            "x509CertificateRuleType": _SUBJECT,
            "identifier": issuer,
            "x509CertificateAuthenticationMode": _MULTIFACTOR,
        }
        for issuer in issuers
    ]
    return {**standing, "rules": [*others, *made]}


def _targets(now: Mapping[str, Any], groups: Iterable[str], gone: frozenset[str]) -> list[dict[str, Any]]:
    """Return the targets with our groups, and without those that were ours; all users only while it is on."""
    ours = list(groups)
    left_out = gone | (frozenset() if now.get(_STATE) == _ON else {_ALL})
    standing = [dict(one) for one in now.get("includeTargets") or () if _target_id(one) not in left_out]
    included = {_target_id(one) for one in standing}
    for one in standing:
        if one.get("id") in ours:
            one["isRegistrationRequired"] = False
    made = [
        {"targetType": "group", "id": group, "isRegistrationRequired": False}
        for group in ours
        if group not in included
    ]
    return [*standing, *made]
