"""The server CA: signs the TLS certificates of our listeners, for the names it was made for and no others.

People and headsets that trust ``DIR/ca.pem`` trust it for these names only: critical name constraints permit
them, so that a stolen key speaks for no other site (RFC 5280, section 4.2.1.10).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from holofleet.errors import InputError
from holofleet.server.pki.certificate import Certificate, PrivateKey
from holofleet.server.pki.device import BACKDATING
from holofleet.server.pki.keys import KeyKind, leaf_usage, make_key, root

CA_VALIDITY = timedelta(days=10 * 365)
_LONGEST_NAME = 64
"""Characters of a common name. Source: RFC 5280, appendix A.1."""
TLS_VALIDITY = timedelta(days=397)
"""Longest life that common clients accept of a TLS certificate under a public root; kept for ours as well."""

ServerName = str | ipaddress.IPv4Address | ipaddress.IPv6Address
"""A DNS name (lower case, A-label form) or an address."""
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")


@dataclass(frozen=True)
class ServerCA:
    """The authority for our listeners, with its key."""

    certificate: Certificate
    key: PrivateKey

    @property
    def names(self) -> frozenset[ServerName]:
        """The names that the certificate permits."""
        found = self.certificate.parsed.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = found.permitted_subtrees or []
        return frozenset(
            name.value.network_address if isinstance(name, x509.IPAddress) else str(name.value)  # type: ignore[union-attr]  # constraints hold networks
            for name in permitted
        )

    def missing(self, names: Iterable[ServerName]) -> list[ServerName]:
        """Return the names that this authority may not sign for, in order."""
        permitted = self.names
        return [name for name in names if name not in permitted and not _below(name, permitted)]

    def issue(
        self, names: Iterable[ServerName], now: datetime, *, kind: KeyKind = KeyKind.P256
    ) -> tuple[Certificate, PrivateKey]:
        """Make a TLS certificate and its key for ``names``; the first is its common name."""
        listed = list(names)
        authority, key = self.certificate.parsed, make_key(kind)
        identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(str(listed[0])))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATING)
            .not_valid_after(min(now + TLS_VALIDITY, authority.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(leaf_usage(encipherment=isinstance(key, rsa.RSAPrivateKey)), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in listed]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
            )
        )
        return Certificate.of(builder.sign(self.key, hashes.SHA256())), key


def make_server_ca(
    names: Iterable[ServerName], now: datetime, *, kind: KeyKind = KeyKind.P256, label: str = ""
) -> ServerCA:
    """Make a new server CA that may sign for ``names`` only.

    Raises:
        ValueError: no DNS name, or no address: an absent kind of name would be a kind without limits.
    """
    subtrees = [_subtree(name) for name in names]
    if {type(subtree) for subtree in subtrees} != {x509.DNSName, x509.IPAddress}:
        raise ValueError("a server CA needs at least one DNS name and one address")
    key = make_key(kind)
    name = f"holofleet server CA {label}".strip()[:_LONGEST_NAME]
    builder = (
        root(name, key, not_before=now - BACKDATING, not_after=now + CA_VALIDITY)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(permitted_subtrees=subtrees, excluded_subtrees=None), critical=True)
    )
    return ServerCA(Certificate.of(builder.sign(key, hashes.SHA256())), key)


def parse_name(text: str) -> ServerName:
    """Read a host name or address as it stands in a URL, brackets allowed.

    Raises:
        InputError: neither a DNS name nor an address.
    """
    bare = text.strip().removeprefix("[").removesuffix("]").rstrip(".")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        name = bare.encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if not name or len(name) > 253 or not all(_LABEL.match(label) for label in name.split(".")):
        raise InputError(
            f"not a host name or address: {text!r}",
            mend="Give the name that clients type, such as fleet.contoso.com.",
        )
    return name


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:_LONGEST_NAME])])


def _general(name: ServerName) -> x509.GeneralName:
    return x509.DNSName(name) if isinstance(name, str) else x509.IPAddress(name)


def _subtree(name: ServerName) -> x509.GeneralName:
    if isinstance(name, str):
        return x509.DNSName(name)
    return x509.IPAddress(ipaddress.ip_network(name))


def _below(name: ServerName, permitted: frozenset[ServerName]) -> bool:
    return isinstance(name, str) and any(
        isinstance(parent, str) and name.endswith(f".{parent}") for parent in permitted
    )
