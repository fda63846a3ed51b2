"""Authorities whose certificates sign accounts in: a container of ours for each issuer, and what is in it.

The container's name holds the marker; everything in a container of ours is ours, known by the certificate itself.
An authority cannot be changed but for its revocation list and name, so another certificate is another authority.

Source: 'certificateBasedAuthPki', 'certificateAuthorityDetail', Microsoft Graph reference.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import Act
from holofleet.resources import Address, Authority, CertificateSignIn
from holofleet.targets.graph.kinds.marked import address_of, by_marker
from holofleet.targets.graph.operations import Lookup, Operation, Request, Response, tenant
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer
from holofleet.targets.graph.work import Work, ask, together

_SHOWN: Final = ("displayName", "certificateAuthorityType", "certificateRevocationListUrl", "isIssuerHintEnabled")
_CHANGEABLE: Final = frozenset({"displayName", "certificateRevocationListUrl", "isIssuerHintEnabled"})


def containers(scope: Scope) -> Work[list[tuple[Mapping[str, Any], Address, Sequence[Mapping[str, Any]]]]]:
    """Read the containers of ours with the authorities in them."""
    response = yield from ask(tenant.LIST_PKI.request())
    ours: list[tuple[Mapping[str, Any], Address]] = []
    for item in response.value:
        address = address_of(item, scope, text="displayName")
        if address is not None and address.kind == CertificateSignIn.kind:
            ours.append((item, address))
    lists: Sequence[Response] = ()
    if ours:
        lists = yield [tenant.LIST_AUTHORITIES.request(pki=str(item["id"])) for item, _ in ours]
    return [(item, address, one.value) for (item, address), one in zip(ours, lists, strict=True)]


def fingerprint(item: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an authority's certificate; empty where it cannot be read."""
    try:
        return hashlib.sha256(base64.b64decode(str(item.get("certificate")), validate=True)).hexdigest()
    except binascii.Error:
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
            return tenant.CREATE_AUTHORITY, tenant.UPDATE_AUTHORITY, tenant.DELETE_AUTHORITY
        return tenant.DELETE_AUTHORITY, tenant.DELETE_PKI

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return all issuers of the file, each with the authorities above it."""
        return [
            Wanted(
                one.address,
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
                str(item["id"]),
                properties={
                    "displayName": item.get("displayName"),
                    **{f"authority {fingerprint(one)}": _read(one) for one in held},
                },
                address=address,
                raw={"authorities": {fingerprint(one): str(one["id"]) for one in held}},
            )
            for item, address, held in found
        ]

    def create(self, wanted: Wanted, ids: Ids, scope: Scope) -> Work[str]:
        """Make the container, then trust each authority."""
        body = {"displayName": wanted.properties["displayName"]}
        lookup = by_marker(tenant.LIST_PKI.request(), wanted, scope, text="displayName")
        made = yield from ask(tenant.CREATE_PKI.request(body=body, lookup=lookup))
        yield [self._trust(made.id, part, scope) for part in _parts(wanted, scope)]
        return made.id

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Trust what is missing, change lists of revocations, and only then trust no longer what is too much."""
        there: Mapping[str, str] = seen.raw["authorities"]
        requests: list[Request] = []
        for part in _parts(wanted, scope):
            known = there.get(part.sha256)
            if known is None:
                requests.append(self._trust(seen.id, part, scope))
            elif f"authority {part.sha256}" in fields:
                body = {name: value for name, value in _shown(part).items() if name in _CHANGEABLE}
                requests.append(tenant.UPDATE_AUTHORITY.request(pki=seen.id, id=known, body=body))
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
        "certificateAuthorityType": "root" if part.root else "intermediate",
        "certificateRevocationListUrl": part.crl_url or None,
        "isIssuerHintEnabled": False,
    }


def _read(item: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: item.get(name) for name in _SHOWN}
    return found | {"isIssuerHintEnabled": bool(item.get("isIssuerHintEnabled"))}
