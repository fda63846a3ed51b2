"""Our own client-credentials sign-in: a secret or a certificate of an app registration.

Source: 'Microsoft identity platform and the OAuth 2.0 client credentials flow' and 'Certificate credentials'
(Microsoft); RFC 7523 for the signed assertion.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import quote, urlsplit

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from holofleet.errors import InputError
from holofleet.targets.graph.tokens import EARLY_S, SignInError, Token
from holofleet.targets.graph.waiting import Waiting

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_DIGITS = 8
_ASSERTION_S = 300
_CODE = re.compile(r"AADSTS\d+")
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,255}")


class Proof(Protocol):
    """What an app proves itself with: the form fields of one token request."""

    def fields(self, *, client_id: str, audience: str, now: float) -> Mapping[str, str]:
        """Return the fields; they are secrets."""
        ...


class ClientSecret:
    """A secret, resolved each time it is needed, so that it is never kept.

    Args:
        resolve: Returns the secret.
    """

    def __init__(self, resolve: Callable[[], str]) -> None:
        self._resolve = resolve

    def fields(self, *, client_id: str, audience: str, now: float) -> Mapping[str, str]:
        return {"client_secret": self._resolve()}


class ClientCertificate:
    """A certificate with its RSA key: nothing secret travels, only a signature that is good for five minutes."""

    def __init__(self, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def from_pem(cls, certificate: bytes, key: bytes, *, password: bytes | None = None) -> ClientCertificate:
        """Read PEM files.

        Raises:
            InputError: not a certificate with its RSA key.
        """
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            read, private = x509.load_pem_x509_certificate(certificate), load_pem_private_key(key, password)
        except (ValueError, TypeError) as error:
            raise InputError("the certificate of the app registration cannot be read") from error
        if not isinstance(private, rsa.RSAPrivateKey) or private.public_key() != read.public_key():
            raise InputError("the key is not the RSA key of the certificate of the app registration")
        return cls(read, private)

    def fields(self, *, client_id: str, audience: str, now: float) -> Mapping[str, str]:
        thumbprint = self._certificate.fingerprint(hashes.SHA256())
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": _b64(thumbprint)}
        claims = {
            "aud": audience,
            "iss": client_id,
            "sub": client_id,
            "jti": str(uuid.uuid4()),
            "nbf": int(now),
            "exp": int(now) + _ASSERTION_S,
        }
        signed = ".".join(_b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        signature = self._key.sign(
            signed.encode(),
            padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size),
            hashes.SHA256(),
        )
        return {
            "client_assertion_type": _ASSERTION,
            "client_assertion": f"{signed}.{_b64(signature)}",
        }


class ClientCredentials:
    """Tokens of an app registration.

    Args:
        http: A client that follows no redirects and verifies TLS.
        tenant: Tenant id or a verified domain.
        client_id: Application id.
        proof: Secret or certificate.
        authority: Where the cloud's tokens come from, https.
        scope: What they are for.
        waiting: The time.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        *,
        tenant: str,
        client_id: str,
        proof: Proof,
        authority: str,
        scope: str,
        waiting: Waiting | None = None,
    ) -> None:
        if not _TENANT.fullmatch(tenant):
            raise InputError(f"not a tenant id or domain: {tenant!r}")
        if urlsplit(authority).scheme != "https":
            raise InputError(f"tokens are asked for over https only, not at {authority!r}")
        self._http = http
        self._client_id = client_id
        self._proof = proof
        self._url = f"{authority.rstrip('/')}/{quote(tenant)}/oauth2/v2.0/token"
        self._scope = scope
        self._waiting = waiting or Waiting()
        self._held: Token | None = None

    async def token(self, *, fresh: bool = False) -> Token:
        now = self._waiting.now()
        if fresh or self._held is None or self._held.expires_at - EARLY_S <= now:
            self._held = await self._ask(now)
        return self._held

    async def _ask(self, now: float) -> Token:
        form = {"client_id": self._client_id, "scope": self._scope, "grant_type": "client_credentials"}
        form |= self._proof.fields(client_id=self._client_id, audience=self._url, now=now)
        try:
            response = await self._http.post(self._url, data=form, follow_redirects=False)
            answer = response.json()
        except httpx2.TransportError as error:
            raise SignInError(f"the sign-in service at {self._url} cannot be reached") from error
        except ValueError as error:
            raise SignInError(f"the sign-in service at {self._url} did not answer with JSON") from error
        if response.status_code != 200 or not isinstance(answer, dict) or not answer.get("access_token"):
            raise SignInError(
                f"the tenant refused the app registration {self._client_id}: {_reason(answer)}",
                mend="Check tenant, application id, and that the secret or certificate has not expired.",
            )
        return Token(str(answer["access_token"]), now + _lasts_s(answer.get("expires_in")))


def _lasts_s(value: object) -> float:
    """Return for how long a token says it is good; an hour, the service's own default, where it says nothing."""
    text = str(value)
    return float(text) if text.isdecimal() and len(text) < _DIGITS else 3600.0


def _reason(answer: object) -> str:
    """Return the vendor's number and the error word only: descriptions may repeat what was sent."""
    if not isinstance(answer, dict):
        return "no reason given"
    code = _CODE.search(str(answer.get("error_description", "")))
    word = re.sub(r"[^a-z_]", "", str(answer.get("error", "")))[:60]
    return " ".join(part for part in (word, code.group(0) if code else "") if part) or "no reason given"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
