"""Authorities whose certificates sign accounts in: a container of ours for each issuer, and what is in it.

A container has no text but its name, so the marker stands at the end of it. One of the same name without a marker
is taken over with consent. Everything in a container of ours is ours, known by the certificate itself: another
certificate is another authority.

Source: 'certificateBasedAuthPki', 'certificateAuthorityDetail', Microsoft Graph reference.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from holofleet.formats import certificate
from holofleet.plans import ADOPT, Act
from holofleet.resources import Address, Authority, CertificateSignIn
from holofleet.targets.graph.kinds.marked import address_of, by_marker
from holofleet.targets.graph.operations import Lookup, Operation, Request, Response, tenant
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask, together

_TYPE: Final = "certificateAuthorityType"
_SHOWN: Final = ("displayName", _TYPE, "certificateRevocationListUrl", "isIssuerHintEnabled")


@dataclass(frozen=True, slots=True)
class Container:
    """A container with what is in it; ``address`` is ``None`` for one that is not ours."""

    id: str
    name: str
    address: Address | None
    held: Sequence[Mapping[str, Any]]

    @property
    def subjects(self) -> frozenset[str]:
        """Names of the authorities in it, as rules name issuers."""
        return frozenset(subject for item in self.held if (subject := _subject(item)))


def containers(scope: Scope) -> Work[list[Container]]:
    """Read the containers of ours, and those with the name of a wanted one, with the authorities in them."""
    names = {one.display_name for one in scope.state.of_kind(CertificateSignIn).values()}
    response = yield from ask(tenant.LIST_PKI.request())
    looked: list[tuple[Mapping[str, Any], Address | None]] = []
    for item in response.value:
        address = address_of(item, scope, text="displayName")
        ours = address is not None and address.kind == CertificateSignIn.kind
        if ours or item.get("displayName") in names:
            looked.append((item, address if ours else None))
    lists: Sequence[Response] = ()
    if looked:
        lists = yield [tenant.LIST_AUTHORITIES.request(pki=str(item["id"])) for item, _ in looked]
    return [
        Container(str(item["id"]), str(item.get("displayName") or ""), address, one.value)
        for (item, address), one in zip(looked, lists, strict=True)
    ]


def fingerprint(item: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an authority's certificate; empty where it cannot be read."""
    return hashlib.sha256(der).hexdigest() if (der := _der(item)) else ""


def _der(item: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(item.get("certificate") or ""), validate=True)
    except binascii.Error:
        return b""


def _subject(item: Mapping[str, Any]) -> str:
    try:
        return certificate.read(_der(item)).subject
    except certificate.CertificateError:
        return ""


class Authorities:
    """The containers, one for each issuer that accounts are signed in by."""

    name = CertificateSignIn.kind
    after: Sequence[str] = ()
    comparers: Mapping[str, Comparer] = {}
    closed: Sequence[str] = ("authority ",)
    reads: Sequence[Operation] = (tenant.LIST_PKI, tenant.LIST_AUTHORITIES)

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act."""
        if act is Act.CREATE:
            return tenant.CREATE_PKI, tenant.CREATE_AUTHORITY
        if act is Act.UPDATE:
            named = (tenant.UPDATE_PKI,) if fields & {"displayName", ADOPT} else ()
            return *named, tenant.CREATE_AUTHORITY, tenant.UPDATE_AUTHORITY, tenant.DELETE_AUTHORITY
        return tenant.DELETE_AUTHORITY, tenant.DELETE_PKI

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all issuers of the file, each with the authorities above it."""
        return [
            Wanted(
                one.address,
                one.display_name,
                properties={
                    "displayName": scope.marker.described(one.display_name, one.address),
                    **{f"authority {part.sha256}": _shown(part) for part in one.authorities},
                },
            )
            for one in scope.state.of_kind(CertificateSignIn).values()
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read the containers of ours; those of others are looked at by name only."""
        found = yield from containers(scope)
        return [
            Seen(
                one.id,
                one.name,
                properties={
                    "displayName": one.name,
                    **{f"authority {fingerprint(item)}": _read(item) for item in one.held},
                },
                address=one.address,
                raw={"authorities": {fingerprint(item): str(item["id"]) for item in one.held}},
            )
            for one in found
        ]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make the container, then trust each authority."""
        body = {"displayName": wanted.properties["displayName"]}
        lookup = by_marker(tenant.LIST_PKI.request(), wanted, scope, text="displayName")
        made = yield from ask(tenant.CREATE_PKI.request(body=body, lookup=lookup))
        yield [self._trust(made.id, part, scope) for part in _parts(wanted, scope)]
        return made.id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Trust what is missing, mend what differs, and only then trust no longer what is too much."""
        there: dict[str, str] = dict(seen.raw["authorities"])
        requests: list[Request] = []
        wrong = [part.sha256 for part in _parts(wanted, scope) if _of_another_type(part, seen)]
        if wrong:
            yield [tenant.DELETE_AUTHORITY.request(pki=seen.id, id=there.pop(one), accept={404}) for one in wrong]
        if fields & {"displayName", ADOPT}:
            body = {"displayName": wanted.properties["displayName"]}
            requests.append(tenant.UPDATE_PKI.request(id=seen.id, body=body))
        for part in _parts(wanted, scope):
            known = there.get(part.sha256)
            if known is None:
                requests.append(self._trust(seen.id, part, scope))
            elif f"authority {part.sha256}" in fields:
                requests.append(tenant.UPDATE_AUTHORITY.request(pki=seen.id, id=known, body=_changeable(part)))
        if requests:
            yield requests
        meant = {part.sha256 for part in _parts(wanted, scope)}
        surplus = [id_ for digest, id_ in there.items() if digest not in meant]
        if surplus:
            yield [tenant.DELETE_AUTHORITY.request(pki=seen.id, id=id_, accept={404}) for id_ in surplus]

    def delete(self, seen: Seen, scope: Scope) -> Work[None]:
        """Trust none of them any longer, and delete the container."""
        held = list(seen.raw["authorities"].values())
        yield from together(
            [ask(tenant.DELETE_AUTHORITY.request(pki=seen.id, id=id_, accept={404})) for id_ in held]
        )
        yield from ask(tenant.DELETE_PKI.request(id=seen.id, accept={404}))

    @staticmethod
    def _trust(pki: str, part: Authority, scope: Scope) -> Request:
        def match(response: Response) -> Mapping[str, Any] | None:
            return next((item for item in response.value if fingerprint(item) == part.sha256), None)

        body = {**_shown(part), "certificate": base64.b64encode(scope.state.contents[part.sha256]).decode()}
        lookup = Lookup(
            tenant.LIST_AUTHORITIES.request(pki=pki), match, f"authority:{pki}/{part.sha256}", unique=True
        )
        return tenant.CREATE_AUTHORITY.request(pki=pki, body=body, lookup=lookup)


def _parts(wanted: Wanted, scope: Scope) -> tuple[Authority, ...]:
    return scope.state.of_kind(CertificateSignIn)[wanted.address.name].authorities


def _shown(part: Authority) -> dict[str, Any]:
    return {
        "displayName": part.name,
        _TYPE: "root" if part.root else "intermediate",
        "certificateRevocationListUrl": part.crl_url or None,
        "isIssuerHintEnabled": False,
    }


def _changeable(part: Authority) -> dict[str, Any]:
    return {name: value for name, value in _shown(part).items() if name != _TYPE}


def _of_another_type(part: Authority, seen: Seen) -> bool:
    """Return whether it was made as a root and is none, or the other way round: that cannot be changed."""
    there = seen.properties.get(f"authority {part.sha256}")
    return there is not None and there[_TYPE] != _shown(part)[_TYPE]


def _read(item: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: item.get(name) for name in _SHOWN}
    return found | {"isIssuerHintEnabled": bool(item.get("isIssuerHintEnabled"))}
