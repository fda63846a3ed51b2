"""One OpenID provider, found by discovery: where to send people, and what a code is worth.

OpenID Connect Discovery 1.0, OAuth 2.0 code flow with PKCE (RFC 7636) and the issuer in the answer (RFC 9207).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from holofleet.clock import Clock
from holofleet.errors import InputError, PeerError
from holofleet.server.sign_in.client_proof import ClientProof
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.tokens import Expected, IdentityClaims, SigningKey, kid_of, signing_keys, verify

KEPT = timedelta(hours=1)
LEAST_BETWEEN = timedelta(minutes=1)
"""An unknown key makes us read the keys again, but no more often than this."""


class Https(Protocol):
    """What is needed of HTTP: TLS only, no redirects, bounded in size and time."""

    def get(self, url: str) -> Mapping[str, Any]:
        """Read a JSON object.

        Raises:
            PeerError: no answer, or another one.
        """
        ...

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Mapping[str, Any]:
        """Send a form, read a JSON object.

        Raises:
            PeerError: no answer, or another one.
        """
        ...


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What the operator says of the provider.

    Args:
        issuer: Exactly as the provider writes it in its tokens.
        client_id: What it calls us.
        label: What people call it, on the button.
    """

    issuer: str
    client_id: str
    label: str = "your organization"


@dataclass(frozen=True, slots=True)
class _Described:
    """The provider's own description, checked."""

    authorization: str
    token: str
    keys: str
    says_issuer: bool
    read_at: datetime


class OpenIDProvider:
    """Asks one provider. Knows nothing of people and sessions."""

    def __init__(self, settings: ProviderSettings, proof: ClientProof, https: Https, clock: Clock) -> None:
        """Take the settings; the provider is first asked when somebody signs in.

        Raises:
            InputError: the issuer is no ``https`` address.
        """
        _require_https(settings.issuer)
        self.settings = settings
        self._proof = proof
        self._https = https
        self._clock = clock
        self._lock = Lock()
        self._described: _Described | None = None
        self._keys: tuple[SigningKey, ...] = ()
        self._keys_at: datetime | None = None

    def authorization_url(
        self, *, redirect_uri: str, state: str, nonce: str, challenge: str, fresh: bool = False
    ) -> str:
        """Return where to send the browser; ``fresh`` makes the provider ask for the sign-in again.

        Raises:
            PeerError: the provider cannot be asked, or describes itself wrongly.
        """
        described = self._describe()
        query = {
            "response_type": "code",
            "response_mode": "query",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if fresh:
            query |= {"prompt": "login", "max_age": "0"}
        joined = "&" if urlsplit(described.authorization).query else "?"
        return f"{described.authorization}{joined}{urlencode(query)}"

    def check_issuer(self, said: str | None) -> None:
        """Judge the ``iss`` of an answer (RFC 9207): wrong is refused, missing too where the provider sends it.

        Raises:
            SignInFailedError: the answer is another provider's.
        """
        if said is None and not self._describe().says_issuer:
            return
        if said != self.settings.issuer:
            raise SignInFailedError(Why.ISSUER, "another issuer in the answer")

    def identify(
        self, *, code: str, verifier: str, redirect_uri: str, nonce: str, fresh_since: datetime | None = None
    ) -> IdentityClaims:
        """Turn a code into who signed in.

        Raises:
            SignInFailedError: the provider gives nothing for it, or a token that is not as it must be.
        """
        now = self._clock.now()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        try:
            described = self._describe()
            more, headers = self._proof.prove(self.settings.client_id, described.token, now)
            token = self._https.post(described.token, {**form, **more}, headers).get("id_token")
            if not isinstance(token, str):
                raise SignInFailedError(Why.EXCHANGE, "no ID token")
            keys = self._keys_for(kid_of(token), described.keys)
        except PeerError as error:
            raise SignInFailedError(Why.EXCHANGE, error.summary) from error
        expected = Expected(
            self.settings.issuer, self.settings.client_id, nonce, self._clock.now(), fresh_since=fresh_since
        )
        return verify(token, keys, expected)

    def _describe(self) -> _Described:
        with self._lock:
            now = self._clock.now()
            if self._described is None or now - self._described.read_at >= KEPT:
                address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                self._described = _described(self._https.get(address), self.settings.issuer, now)
            return self._described

    def _keys_for(self, kid: str, address: str) -> tuple[SigningKey, ...]:
        with self._lock:
            now = self._clock.now()
            age = None if self._keys_at is None else now - self._keys_at
            unknown = all(key.kid != kid for key in self._keys)
            if age is None or age >= KEPT or (unknown and age >= LEAST_BETWEEN):
                self._keys, self._keys_at = signing_keys(self._https.get(address)), now
            return self._keys


def _described(document: Mapping[str, Any], issuer: str, now: datetime) -> _Described:
    if document.get("issuer") != issuer:
        raise PeerError("the OpenID provider describes itself as another issuer")
    addresses = []
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        address = document.get(name)
        if not isinstance(address, str) or not _is_https(address):
            raise PeerError(f"the OpenID provider gives no https address as its {name}")
        addresses.append(address)
    says = document.get("authorization_response_iss_parameter_supported") is True
    return _Described(addresses[0], addresses[1], addresses[2], says, now)


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and not parts.fragment


def _require_https(issuer: str) -> None:
    if not _is_https(issuer) or urlsplit(issuer).query:
        raise InputError(
            f"{issuer!r} is no issuer of an OpenID provider",
            mend="Write it as the provider does: https://, without query.",
        )


def parse_object(content: bytes) -> Mapping[str, Any]:
    """Read a JSON object that a provider sent.

    Raises:
        PeerError: it is none.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PeerError("the OpenID provider did not answer with JSON") from error
    if not isinstance(found, dict):
        raise PeerError("the OpenID provider did not answer with a JSON object")
    return found
