"""The kinds of private keys that we make, and their extensions in certificates."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from holofleet.server.pki.certificate import PrivateKey


class KeyKind(StrEnum):
    """What a certificate authority signs with.

    P-256 signs several times faster and makes smaller handshakes; RSA-3072 is for a fleet whose headsets turn
    out to refuse an elliptic device CA.
    """

    P256 = "p256"
    RSA3072 = "rsa3072"


def make_key(kind: KeyKind) -> PrivateKey:
    """Return a new private key."""
    if kind is KeyKind.P256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def authority_usage() -> x509.KeyUsage:
    """Return the key usage of a certificate authority: signing certificates and revocation lists."""
    return _usage(sign_certificates=True)


def root(name: str, key: PrivateKey, *, not_before: datetime, not_after: datetime) -> x509.CertificateBuilder:
    """Return what every root of ours is: named and signed by itself, and with no authority below it.

    What it may sign for (extended key usage, name constraints) is the business of the caller, who signs.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(authority_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def leaf_usage(*, encipherment: bool) -> x509.KeyUsage:
    """Return the key usage of a leaf: digital signature, and key encipherment where TLS 1.2 may use RSA so."""
    return _usage(signature=True, encipherment=encipherment)


def _usage(
    *, signature: bool = False, encipherment: bool = False, sign_certificates: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signature,
        content_commitment=False,
        key_encipherment=encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )
