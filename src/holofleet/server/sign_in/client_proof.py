"""How we prove to a provider that it is us: a shared secret, or better a key whose certificate it knows."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from holofleet.errors import InputError
from holofleet.server.sign_in.encoding import to_base64url

_LIFE = timedelta(minutes=2)
Proved = tuple[Mapping[str, str], Mapping[str, str]]


class ClientProof(Protocol):
    """Proves who we are at the token endpoint."""

    def prove(self, client_id: str, audience: str, now: datetime) -> Proved:
        """Return what to add to the form, and to the headers."""
        ...


@dataclass(frozen=True)
class SharedSecret:
    """``client_secret_basic`` (RFC 6749 section 2.3.1), which every provider has to take."""

    secret: str = field(repr=False)

    def prove(self, client_id: str, audience: str, now: datetime) -> Proved:
        shown = f"{quote(client_id, safe='')}:{quote(self.secret, safe='')}".encode("ascii")
        return {}, {"authorization": "Basic " + base64.b64encode(shown).decode("ascii")}


class CertificateKey:
    """``private_key_jwt`` (RFC 7523) with PS256 and the certificate's SHA-256, as Entra and Keycloak know it."""

    def __init__(self, pem: bytes) -> None:
        """Take a certificate and its RSA key in PEM, one after the other.

        Raises:
            InputError: one is missing, broken, or not of the other.
        """
        from joserfc import jwk

        try:
            self._certificate = x509.load_pem_x509_certificate(pem)
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise InputError(
                "the client key is not a certificate with its private key in PEM",
                mend="Put both into one file, the key without a password.",
            ) from error
        if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != self._certificate.public_key():
            raise InputError("the client key is not the RSA key of the certificate beside it")
        self._key = jwk.RSAKey.import_key(key)

    def prove(self, client_id: str, audience: str, now: datetime) -> Proved:
        from joserfc import jwt

        thumbprint = to_base64url(self._certificate.fingerprint(hashes.SHA256()))
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": secrets.token_urlsafe(24),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + _LIFE).timestamp()),
        }
        signed = jwt.encode(header, claims, self._key, algorithms=["PS256"])
        form = {
            "client_id": client_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed,
        }
        return form, {}
