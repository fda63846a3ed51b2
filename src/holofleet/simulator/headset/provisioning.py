"""A headset's own reading of the provisioning document (``wap-provisioningdoc``).

A real client checks little and explains nothing: a wrong thumbprint or a missing private-key container ends an
enrollment without a word that helps. This reading refuses what made real clients fail and says why.

Source: 'Mobile device enrollment' and CertificateStore, w7 APPLICATION, DMClient CSP documentation (Microsoft);
that both APPAUTH blocks need initial nonces, and that a fourth top-level characteristic is refused, was measured
on Windows 11 by other implementers.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID

from holofleet.simulator.headset import markup
from holofleet.simulator.headset.markup import Element, MarkupError, is_number

TOP_LEVEL = ("CertificateStore", "APPLICATION", "DMClient")


class ProvisioningRefusedError(ValueError):
    """The headset cannot use this document, and why."""


@dataclass(frozen=True, slots=True)
class Provisioning:
    """What a headset takes from a usable document.

    Args:
        certificate: Its own certificate (DER), and ``store`` where it lies: ``User`` or ``System``.
        root: The root of the device certificates (DER).
        address: Full URL of the management service.
        provider_id: Name of the server in the tree.
        dmclient: Parms of ``DMClient/Provider/<id>`` by path below that node.
        renewal: Whether renewal is announced.
    """

    certificate: bytes
    store: str
    root: bytes
    address: str
    provider_id: str
    dmclient: dict[str, str]
    renewal: bool


@dataclass(frozen=True, slots=True)
class _Node:
    """A characteristic: children by type, parms in order."""

    element: Element

    def children(self) -> Iterator[tuple[str, _Node]]:
        for child in self.element.iterfind("characteristic"):
            yield child.get("type", ""), _Node(child)

    def child(self, *path: str) -> _Node | None:
        node: _Node | None = self
        for part in path:
            node = next((found for kind, found in node.children() if kind == part), None) if node else None
        return node

    def parm(self, name: str) -> str | None:
        found = next((p for p in self.element.iterfind("parm") if p.get("name") == name), None)
        return None if found is None else found.get("value", "")

    def required(self, name: str, where: str) -> str:
        value = self.parm(name)
        if not value:
            raise ProvisioningRefusedError(f"{where} has no {name}")
        return value


def read_provisioning(document: bytes, *, key: PublicKeyTypes, now: datetime) -> Provisioning:
    """Read a provisioning document as the holder of ``key`` at ``now`` (the headset's clock).

    Raises:
        ProvisioningRefusedError: a headset could not enroll with it.
    """
    try:
        root = markup.parse(document)
    except MarkupError as error:
        raise ProvisioningRefusedError(str(error)) from error
    if root.tag != "wap-provisioningdoc" or root.get("version") != "1.1":
        raise ProvisioningRefusedError(f"not a wap-provisioningdoc of version 1.1: {root.tag}")
    top = _Node(root)
    kinds = [kind for kind, _ in top.children()]
    unknown = [kind for kind in kinds if kind not in TOP_LEVEL]
    if unknown:
        raise ProvisioningRefusedError(f"characteristic {unknown[0]!r} is not allowed at top level (0x83750005)")
    for kind in TOP_LEVEL:
        if kinds.count(kind) != 1:
            raise ProvisioningRefusedError(f"{kinds.count(kind)} characteristics {kind}, one is needed")
    certificates = _read_certificates(top, key=key, now=now)
    address, provider_id = _read_application(top, certificates)
    return Provisioning(
        certificate=certificates.own,
        store=certificates.store,
        root=certificates.root,
        address=address,
        provider_id=provider_id,
        dmclient=_read_dmclient(top, provider_id),
        renewal=certificates.renewal,
    )


@dataclass(frozen=True, slots=True)
class _Certificates:
    own: bytes
    store: str
    root: bytes
    renewal: bool


def _read_certificates(top: _Node, *, key: PublicKeyTypes, now: datetime) -> _Certificates:
    roots = _stored(top.child("CertificateStore", "Root", "System"), "Root/System")
    if len(roots) != 1:
        raise ProvisioningRefusedError(f"{len(roots)} roots in the document, exactly one is taken")
    between = _stored(top.child("CertificateStore", "CA", "System"), "CA/System")
    found = [
        (name, store)
        for name in ("User", "System")
        if (store := top.child("CertificateStore", "My", name)) is not None
    ]
    if len(found) != 1:
        raise ProvisioningRefusedError("the headset's certificate is in neither My/User nor My/System")
    name, store = found[0]
    own = _stored(store, f"My/{name}")
    if len(own) != 1:
        raise ProvisioningRefusedError(f"{len(own)} certificates in My/{name}, exactly one is expected")
    holders = [store, *(node for kind, node in store.children() if kind != "PrivateKeyContainer")]
    if not any(holder.child("PrivateKeyContainer") for holder in holders):
        raise ProvisioningRefusedError(f"My/{name} has no PrivateKeyContainer: the certificate has no key")
    _check_own(own[0], key=key, issuers=[*between, *roots], now=now)
    return _Certificates(own[0], name, roots[0], top.child("CertificateStore", "My", "WSTEP", "Renew") is not None)


def _stored(store: _Node | None, where: str) -> list[bytes]:
    certificates = []
    for kind, node in store.children() if store else ():
        if kind == "PrivateKeyContainer":
            continue
        try:
            der = base64.b64decode("".join(node.required("EncodedCertificate", where).split()), validate=True)
            x509.load_der_x509_certificate(der)
        except ValueError as error:
            raise ProvisioningRefusedError(f"{where}/{kind}: no certificate: {error}") from error
        thumbprint = hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
        if kind != thumbprint:
            raise ProvisioningRefusedError(
                f"{where}: node {kind} holds the certificate with thumbprint {thumbprint}"
            )
        certificates.append(der)
    return certificates


def _check_own(der: bytes, *, key: PublicKeyTypes, issuers: list[bytes], now: datetime) -> None:
    own = x509.load_der_x509_certificate(der)
    if own.public_key() != key:
        raise ProvisioningRefusedError("the certificate is for another key than the one that was asked for")
    if not own.not_valid_before_utc <= now <= own.not_valid_after_utc:
        raise ProvisioningRefusedError(
            f"by the headset's clock ({now:%Y-%m-%d %H:%M}) the certificate is not valid: "
            f"{own.not_valid_before_utc:%Y-%m-%d %H:%M} to {own.not_valid_after_utc:%Y-%m-%d %H:%M}"
        )
    try:
        usages = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        usages = None
    if usages is None or ExtendedKeyUsageOID.CLIENT_AUTH not in usages:
        raise ProvisioningRefusedError("the certificate is not for client authentication")
    for issuer in map(x509.load_der_x509_certificate, issuers):
        try:
            own.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return
    raise ProvisioningRefusedError("no certificate of the document issued the headset's certificate")


def _read_application(top: _Node, certificates: _Certificates) -> tuple[str, str]:
    node = top.child("APPLICATION")
    assert node is not None
    if node.parm("APPID") != "w7":
        raise ProvisioningRefusedError(f"APPLICATION has APPID {node.parm('APPID')!r}, not w7")
    if node.parm("INIT") is not None:
        raise ProvisioningRefusedError("APPLICATION has INIT, which fails for management servers")
    provider_id = node.required("PROVIDER-ID", "APPLICATION")
    address = node.required("ADDR", "APPLICATION")
    if not address.lower().startswith("https://"):
        raise ProvisioningRefusedError(f"ADDR is no https address: {address!r}")
    _check_criteria(node.required("SSLCLIENTCERTSEARCHCRITERIA", "APPLICATION"), certificates)
    blocks = {block.parm("AAUTHLEVEL"): block for kind, block in node.children() if kind == "APPAUTH"}
    for level, allowed in (("CLIENT", ("DIGEST",)), ("APPSRV", ("BASIC", "DIGEST"))):
        _check_authentication(blocks.get(level), level, allowed)
    return address, provider_id


def _check_authentication(block: _Node | None, level: str, allowed: tuple[str, ...]) -> None:
    where = f"APPAUTH {level}"
    if block is None:
        raise ProvisioningRefusedError(f"{where} is missing: both blocks are needed")
    if block.parm("AAUTHTYPE") not in allowed:
        raise ProvisioningRefusedError(f"{where} has AAUTHTYPE {block.parm('AAUTHTYPE')!r}")
    block.required("AAUTHSECRET", where)
    if level == "APPSRV":
        block.required("AAUTHNAME", where)
    try:
        nonce = base64.b64decode(block.required("AAUTHDATA", where), validate=True)
    except ValueError as error:
        if isinstance(error, ProvisioningRefusedError):
            raise ProvisioningRefusedError(
                f"{error}: without an initial nonce nothing is ever sent (0x80070057)"
            ) from error
        raise ProvisioningRefusedError(f"{where}: AAUTHDATA is no base64") from error
    if not nonce:
        raise ProvisioningRefusedError(f"{where}: AAUTHDATA is empty")


def _check_criteria(criteria: str, certificates: _Certificates) -> None:
    values = dict(parse_qsl(criteria))
    subject = x509.load_der_x509_certificate(certificates.own).subject.rfc4514_string()
    if _names(values.get("Subject", "")) != _names(subject):
        raise ProvisioningRefusedError(
            f"SSLCLIENTCERTSEARCHCRITERIA {criteria!r} does not find subject {subject!r}"
        )
    if values.get("Stores") != f"My\\{certificates.store}":
        raise ProvisioningRefusedError(f"SSLCLIENTCERTSEARCHCRITERIA looks in {values.get('Stores')!r}")


def _names(subject: str) -> list[str]:
    """Return the parts of a distinguished name in an order that does not depend on who wrote it."""
    return sorted(part.strip().lower() for part in subject.split(","))


def _read_dmclient(top: _Node, provider_id: str) -> dict[str, str]:
    provider = top.child("DMClient", "Provider", provider_id)
    if provider is None:
        raise ProvisioningRefusedError(f"DMClient has no Provider/{provider_id}, the PROVIDER-ID of APPLICATION")
    values = dict(_flatten(provider, ""))
    if not values.get("EntDMID"):
        raise ProvisioningRefusedError("DMClient sets no EntDMID, so this certificate could never be renewed")
    if any(path.startswith("Push/") for path in values):
        raise ProvisioningRefusedError("Push cannot be set by this document, only over the management session")
    for path, value in values.items():
        if (
            path.startswith("Poll/")
            and path.split("/")[1].startswith(("Number", "Interval"))
            and not is_number(value)
        ):
            raise ProvisioningRefusedError(f"DMClient {path} is no number: {value!r}")
    return values


def _flatten(node: _Node, prefix: str) -> Iterator[tuple[str, str]]:
    for parm in node.element.iterfind("parm"):
        yield prefix + parm.get("name", ""), parm.get("value", "")
    for kind, child in node.children():
        yield from _flatten(child, f"{prefix}{kind}/")
