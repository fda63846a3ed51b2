"""Certificates as values, and why one that a peer shows is refused."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
"""The private keys that our authorities may have."""


class CertificateRefusal(StrEnum):
    """Why a certificate is not an identity here; ``NONE`` is the empty text: it stands."""

    NONE = ""
    UNREADABLE = "unreadable"
    FOREIGN = "foreign"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    WRONG_USE = "wrong-use"


@dataclass(frozen=True)
class Certificate:
    """A certificate by its DER bytes; two are the same when their bytes are.

    ``thumbprint_sha1`` names store nodes on a headset and proves nothing; ``sha256`` is our key of everything.
    """

    der: bytes

    @cached_property
    def parsed(self) -> x509.Certificate:
        """The parsed form.

        Raises:
            ValueError: the bytes are no certificate.
        """
        return x509.load_der_x509_certificate(self.der)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the DER, lower-case hex."""
        return hashlib.sha256(self.der).hexdigest()

    @cached_property
    def thumbprint_sha1(self) -> str:
        """SHA-1 of the DER, upper-case hex, as Windows names certificates in its stores."""
        return hashlib.sha1(self.der, usedforsecurity=False).hexdigest().upper()

    @property
    def not_after(self) -> datetime:
        """The last moment of validity, aware, in UTC."""
        return self.parsed.not_valid_after_utc

    @property
    def public_key_sha256(self) -> str:
        """SHA-256 of its key, as :func:`public_key_sha256`."""
        key = self.parsed.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        return public_key_sha256(key)

    @property
    def server_names(self) -> tuple[str | ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
        """The DNS names and addresses that it speaks for; none for a headset's."""
        try:
            names = self.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return ()
        addresses = names.get_values_for_type(x509.IPAddress)
        return (
            *names.get_values_for_type(x509.DNSName),
            *(a for a in addresses if isinstance(a, ipaddress.IPv4Address | ipaddress.IPv6Address)),
        )

    @property
    def pem(self) -> str:
        """The PEM form."""
        return self.parsed.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @classmethod
    def from_pem(cls, text: str) -> Certificate:
        """Read the first certificate of a PEM text.

        Raises:
            ValueError: there is none.
        """
        return cls.of(x509.load_pem_x509_certificate(text.encode("ascii")))

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Certificate:
        """Return the value for a parsed certificate."""
        return cls(certificate.public_bytes(serialization.Encoding.DER))


def public_key_sha256(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    """Return the SHA-256 of a key's SubjectPublicKeyInfo, lower-case hex.

    The one canonical encoding is hashed, not the bytes that somebody sent: a point on a curve can be written in
    two ways, and both are the same key.
    """
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()
