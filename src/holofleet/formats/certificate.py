"""X.509 certificates from people's disks: one certificate, no private key, DER or PEM.

What a headset gets is the DER in base64; a node is named by its SHA-1 thumbprint in capitals.
Source: RootCATrustedCertificates CSP (Microsoft); RFC 7468 for the text form.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from holofleet.errors import InputError

if TYPE_CHECKING:
    from cryptography import x509

MAX_BYTES = 64 * 1024
"""Of one file. Ours: an RSA-16384 certificate with many names has less than ten thousand."""
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\s*([A-Za-z0-9+/=\s]*?)-----END \1-----")
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")


class CertificateError(InputError):
    """The file is not exactly one certificate that may be used here."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate.

    Args:
        der: Its bytes.
        thumbprint: SHA-1 of them, hexadecimal, in capitals: what Windows calls it.
        subject, issuer: Names in the form of RFC 4514.
        authority: It may sign other certificates.
        not_before, not_after: UTC.
    """

    der: bytes = field(repr=False)
    thumbprint: str
    subject: str
    issuer: str
    authority: bool
    not_before: datetime
    not_after: datetime

    @property
    def self_signed(self) -> bool:
        """True for a root: it names itself as its issuer."""
        return self.subject == self.issuer

    @property
    def base64(self) -> str:
        """The DER in base64, in one line."""
        return base64.b64encode(self.der).decode()


def read(content: bytes) -> Certificate:
    """Read one certificate.

    Raises:
        CertificateError: a private key, no certificate or several, or one that cannot be read.
    """
    if len(content) > MAX_BYTES:
        raise CertificateError(f"larger than {MAX_BYTES} bytes", mend="Is this the right file?")
    return _parsed(_der(content))


def _der(content: bytes) -> bytes:
    blocks = _PEM.findall(content)
    if any(b"PRIVATE KEY" in label for label, _ in blocks) or b"PRIVATE KEY-----" in content:
        raise CertificateError(
            "this file holds a private key",
            mend="Export the certificate alone. If anybody else has the key, have the certificate replaced.",
        )
    found = [body for label, body in blocks if label in _CERTIFICATES]
    if len(found) > 1:
        raise CertificateError(f"{len(found)} certificates in one file", mend="Put each into a file of its own.")
    if not found:
        return content
    try:
        return base64.b64decode(b"".join(found[0].split()), validate=True)
    except ValueError as error:
        raise CertificateError("this is no certificate", detail=str(error), mend="Export it again.") from error


def _parsed(der: bytes) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        made = x509.load_der_x509_certificate(der)
        authority = _authority(made)
        return Certificate(
            der=der,
            thumbprint=made.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 - a name, not a proof
            subject=made.subject.rfc4514_string(),
            issuer=made.issuer.rfc4514_string(),
            authority=authority,
            not_before=made.not_valid_before_utc,
            not_after=made.not_valid_after_utc,
        )
    except ValueError as error:
        raise CertificateError(
            "this is no X.509 certificate", detail=str(error)[:200], mend="Export it as PEM or DER (.cer)."
        ) from error


def _authority(made: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        return made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return made.version is x509.Version.v1
