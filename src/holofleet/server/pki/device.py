"""The device CA: signs the identities of headsets, and can sign nothing that a browser would trust.

It is the one root that headsets install from us. Its key lies on a machine that faces the internet, so the
certificate itself says what the key must never be able to do: it is limited to client authentication, signs
leaves only (path length 0), and critical name constraints exclude every DNS name and every IP address
(RFC 5280, section 4.2.1.10). OpenSSL enforces all three; whether Windows does is not proven on a headset.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from holofleet.server.pki.certificate import Certificate, CertificateRefusal, PrivateKey
from holofleet.server.pki.keys import KeyKind, leaf_usage, make_key, root

DEVICE_VALIDITY = timedelta(days=730)
"""Life of a headset's certificate: renewal is not served, so it has to outlast long absences."""
CA_VALIDITY = timedelta(days=20 * 365)
BACKDATING = timedelta(minutes=10)
"""A headset whose clock is a little behind must not find its new certificate not yet valid."""
CLOCK_SKEW = timedelta(minutes=5)
REMEMBERED = 50_000
"""Good certificates whose signature is not computed again; about 250 bytes each."""

_EXCLUDE_EVERYTHING = x509.NameConstraints(
    permitted_subtrees=None,
    excluded_subtrees=[
        x509.DNSName(""),
        x509.IPAddress(IPv4Network("0.0.0.0/0")),
        x509.IPAddress(IPv6Network("::/0")),
    ],
)
_CLIENT_ONLY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


@dataclass(frozen=True, slots=True)
class _Dates:
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class DeviceCA:
    """The authority for headsets, with its key. Safe for use from several threads."""

    certificate: Certificate
    key: PrivateKey = field(repr=False)
    _known: dict[bytes, _Dates] = field(default_factory=dict, repr=False, compare=False)

    def sign(
        self, public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, name: str, now: datetime
    ) -> Certificate:
        """Sign an identity for the holder of a public key. What the request wished for does not matter.

        Args:
            public_key: Already proven to be held by the one who asks, and of a permitted kind.
            name: The id of the enrollment. The subject is this one common name and nothing else, so that the
                headset's search for its certificate by subject has one spelling only.
            now: The present moment.
        """
        authority = self.certificate.parsed
        not_after = min(now + DEVICE_VALIDITY, authority.not_valid_after_utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(authority.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATING)
            .not_valid_after(not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(leaf_usage(encipherment=isinstance(public_key, rsa.RSAPublicKey)), critical=True)
            .add_extension(_CLIENT_ONLY, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(_authority_identifier(authority), critical=False)
        )
        return Certificate.of(builder.sign(self.key, hashes.SHA256()))

    def refusal(self, der: bytes, now: datetime) -> CertificateRefusal:
        """Return why a certificate is no identity of ours; empty (and false) when it is one.

        Checks the bytes (strict DER: what is read is what was hashed), our signature, the dates and the use. It
        does not know whether the identity was revoked: that is the state of the enrollment, read per request.
        """
        found = self._judge(der)
        if isinstance(found, CertificateRefusal):
            return found
        if now < found.not_before - CLOCK_SKEW:
            return CertificateRefusal.NOT_YET_VALID
        return CertificateRefusal.EXPIRED if now > found.not_after else CertificateRefusal.NONE

    def _judge(self, der: bytes) -> _Dates | CertificateRefusal:
        """Judge what time does not change. A good certificate is remembered by its digest, a bad one never."""
        digest = hashlib.sha256(der).digest()
        known = self._known.get(digest)
        if known is not None:
            return known
        try:
            certificate = Certificate(der).parsed
            if Certificate.of(certificate).der != der:
                return CertificateRefusal.UNREADABLE
            certificate.verify_directly_issued_by(self.certificate.parsed)
        except InvalidSignature:
            return CertificateRefusal.FOREIGN
        except (ValueError, TypeError):
            # Bytes that are no certificate, or an issuer or algorithm that is not the device CA's.
            return CertificateRefusal.FOREIGN if _readable(der) else CertificateRefusal.UNREADABLE
        if not _is_client_leaf(certificate):
            return CertificateRefusal.WRONG_USE
        dates = _Dates(certificate.not_valid_before_utc, certificate.not_valid_after_utc)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[digest] = dates
        return dates


def make_device_ca(now: datetime, *, kind: KeyKind = KeyKind.P256, label: str = "") -> DeviceCA:
    """Make a new device CA with a new key.

    Args:
        now: The present moment.
        kind: Its key; headsets may have another kind.
        label: Tells installations apart in a certificate list; any short text.
    """
    key = make_key(kind)
    name = f"holofleet device CA {label}".strip()
    builder = (
        root(name, key, not_before=now - BACKDATING, not_after=now + CA_VALIDITY)
        .add_extension(_CLIENT_ONLY, critical=False)
        .add_extension(_EXCLUDE_EVERYTHING, critical=True)
    )
    return DeviceCA(Certificate.of(builder.sign(key, hashes.SHA256())), key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _authority_identifier(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _readable(der: bytes) -> bool:
    try:
        return Certificate.of(x509.load_der_x509_certificate(der)).der == der
    except ValueError:
        return False


def _is_client_leaf(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return not constraints.ca and list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
