"""Who signs your own apps: a signer made from a certificate.

A policy knows a certificate by the hash of the part of it that its issuer signed, taken with the hash of that
signature.
"""

from __future__ import annotations

from dataclasses import dataclass

from holofleet.formats.app_control.error import AppControlError
from holofleet.formats.app_control.model import RootKind, Signer

_PEM = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Trusted:
    """A certificate whose apps may run, with the name that people know it by."""

    name: str
    tbs: bytes

    def signer(self, place: int) -> Signer:
        """Return it as the signer of that number."""
        return Signer(RootKind.TBS, self.tbs, id=f"ID_SIGNER_OWN_{place + 1}", name=self.name)


def trusted(data: bytes) -> tuple[Trusted, ...]:
    """Read certificates that sign apps, or that issue those that do: DER, or PEM with one or several.

    Raises:
        AppControlError: no certificate, or one that is signed without a hash of a known length.
    """
    from cryptography import x509  # heavy: only who names certificates pays for it
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes

    found: list[Trusted] = []
    try:
        pem = _PEM in data
        for certificate in (
            x509.load_pem_x509_certificates(data) if pem else [x509.load_der_x509_certificate(data)]
        ):
            algorithm = certificate.signature_hash_algorithm
            if algorithm is None:
                raise AppControlError(("It is signed without a hash of its own, so a policy cannot name it.",))
            digest = hashes.Hash(algorithm)
            digest.update(certificate.tbs_certificate_bytes)
            found.append(Trusted(certificate.subject.rfc4514_string()[:200], digest.finalize()))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AppControlError(("It holds no certificate that can be read (DER or PEM).",)) from error
    return tuple(found)
