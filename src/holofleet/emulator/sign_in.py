"""The token endpoint of a tenant: applications with a secret or a certificate, and people with a device code.

It refuses what the service refuses: another tenant, a form that is none, two proofs at once, a scope that is not
``.default``, an assertion that no registered certificate signed, that is for another address, lives too long or
was used before. Refusals carry the service's own numbers (AADSTS...), as its documentation lists them.

Source: 'OAuth 2.0 client credentials flow', 'Application authentication certificate credentials' and 'OAuth 2.0
device authorization grant flow' (Microsoft identity platform); RFC 7523, RFC 8628.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from holofleet.emulator.access import Access, Application, encode
from holofleet.emulator.message import Request, Response

METADATA: Final = "/v2.0/.well-known/openid-configuration"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
_LONGEST: Final = timedelta(minutes=10)
_CODE_LASTS: Final = timedelta(minutes=15)
_TOKEN_S: Final = 3599
_EVERY_S: Final = 5


class RefusedError(Exception):
    """A request for a token is refused.

    Args:
        status: Status of HTTP.
        word: ``error`` of RFC 6749.
        number: The service's number; 0 where it has none.
        text: For people.
    """

    def __init__(self, status: int, word: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.word = word
        self.number = number

    def response(self) -> Response:
        """Return the answer."""
        text = f"AADSTS{self.number}: {self}" if self.number else str(self)
        return Response(
            self.status,
            {"error": self.word, "error_description": text, "error_codes": [self.number] if self.number else []},
        )


@dataclass
class _Code:
    """A person who is to sign in: ``person`` is empty until they did."""

    client_id: str
    ends_at: datetime
    asked: str
    person: str = ""
    scopes: tuple[str, ...] = ()


@dataclass
class SignIn:
    """Gives tokens.

    Args:
        access: Mints them, and knows the applications.
        names: Tenant id and domains, any of which may stand in the path.
    """

    access: Access
    names: frozenset[str]
    used: set[str] = field(default_factory=set)
    """Ids of assertions that came before."""
    given: int = 0
    """Tokens that were given."""
    _codes: dict[str, _Code] = field(default_factory=dict)
    _shown: dict[str, str] = field(default_factory=dict)

    def handle(self, request: Request, now: datetime) -> Response:
        """Answer a request for a token, for a device code, or for where these are asked for."""
        try:
            if request.path.endswith(METADATA):
                return self._metadata(request)
            form = self._form(request)
            if request.path.endswith("/devicecode"):
                return self._begin(form, now)
            if form.get("grant_type") == _DEVICE:
                return self._by_code(form, request, now)
            return self._by_proof(form, request, now)
        except RefusedError as error:
            return error.response()

    def enter(self, user_code: str, *, person: str, scopes: tuple[str, ...]) -> None:
        """A person enters the code that they were shown, and signs in with these permissions.

        Raises:
            KeyError: nobody was shown that code.
        """
        code = self._codes[self._shown[user_code]]
        code.person, code.scopes = person, scopes

    def _metadata(self, request: Request) -> Response:
        name = request.path.split("/")[1]
        if request.method != "GET" or name.casefold() not in self.names:
            raise RefusedError(400, "invalid_tenant", 90002, "Tenant not found.")
        where = f"{request.origin}/{name}"
        return Response(
            200,
            {
                "issuer": f"{where}/v2.0",
                "authorization_endpoint": f"{where}/oauth2/v2.0/authorize",
                "token_endpoint": f"{where}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{where}/oauth2/v2.0/devicecode",
            },
        )

    def _form(self, request: Request) -> dict[str, str]:
        if request.method != "POST" or request.query:
            raise RefusedError(400, "invalid_request", 900561, "The endpoint only accepts POST requests.")
        if request.path.split("/")[1].casefold() not in self.names:
            raise RefusedError(400, "invalid_request", 90002, "Tenant not found.")
        sort = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        pairs = parse_qsl(bytes(request.body).decode("utf-8", "replace"), keep_blank_values=True)
        form = dict(pairs)
        if sort != "application/x-www-form-urlencoded" or len(form) != len(pairs) or "" in form.values():
            raise RefusedError(400, "invalid_request", 900144, "The request body is no form, or a field is empty.")
        if "authorization" in request.headers:
            raise RefusedError(400, "invalid_request", 90023, "Credentials in a header and a form.")
        return form

    def _by_proof(self, form: Mapping[str, str], request: Request, now: datetime) -> Response:
        if form.get("grant_type") != "client_credentials":
            raise RefusedError(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
        known = self._application(form)
        scope = form.get("scope", "")
        if not scope.startswith("https://") or not scope.endswith("/.default") or " " in scope:
            raise RefusedError(400, "invalid_scope", 1002012, "The scope has to be a resource with /.default.")
        if ("client_secret" in form) == ("client_assertion" in form):
            raise RefusedError(401, "invalid_client", 7000216, "One proof of the application is required.")
        if "client_secret" in form:
            if (
                not secrets.compare_digest(form["client_secret"].encode(), known.secret.encode())
                or not known.secret
            ):
                raise RefusedError(401, "invalid_client", 7000215, "Invalid client secret provided.")
        else:
            if form.get("client_assertion_type") != _ASSERTION:
                raise RefusedError(400, "invalid_request", 50027, "The type of the assertion is not supported.")
            self._prove(known, form["client_assertion"], request.origin + request.path, now)
        self.given += 1
        token = self.access.token(known.roles, now=now, name=known.name)
        return Response(200, {"token_type": "Bearer", "expires_in": _TOKEN_S, "access_token": token})

    def _application(self, form: Mapping[str, str]) -> Application:
        known = self.access.applications.get(form.get("client_id", ""))
        if known is None:
            raise RefusedError(400, "unauthorized_client", 700016, "The application is not in this tenant.")
        return known

    def _prove(self, known: Application, assertion: str, address: str, now: datetime) -> None:
        """Refuse an assertion that does not prove the application."""
        signed, _, signature = assertion.rpartition(".")
        try:
            header, claims = (json.loads(_bytes(part)) for part in signed.split("."))
            thumbprint = str(header["x5t#S256"])
            proof = _bytes(signature)
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError(401, "invalid_client", 50027, "The assertion is malformed.") from error
        found = next((one for one in known.certificates if _thumbprint(one) == thumbprint), None)
        if found is None or header.get("alg") != "PS256" or header.get("typ") != "JWT":
            raise RefusedError(401, "invalid_client", 700027, "The key is not known, or the algorithm another.")
        _verify(found, signed, proof)
        told = (claims.get("aud"), claims.get("iss"), claims.get("sub"))
        if told != (address, known.id, known.id):
            raise RefusedError(401, "invalid_client", 50027, "The assertion is another's, or for another address.")
        begins, ends, seconds = claims.get("nbf"), claims.get("exp"), now.timestamp()
        if not (isinstance(begins, int) and isinstance(ends, int) and begins - 300 <= seconds < ends):
            raise RefusedError(401, "invalid_client", 700024, "The assertion is not within its valid time range.")
        if ends - begins > _LONGEST.total_seconds():
            raise RefusedError(401, "invalid_client", 700024, "The assertion lives too long.")
        if not isinstance(claims.get("jti"), str) or claims["jti"] in self.used:
            raise RefusedError(401, "invalid_client", 50027, "The assertion was used before.")
        self.used.add(claims["jti"])

    def _begin(self, form: Mapping[str, str], now: datetime) -> Response:
        known = self._application(form)
        if "scope" not in form or "client_secret" in form:
            raise RefusedError(400, "invalid_request", 900144, "A scope is required, and no secret.")
        shown = "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(9))
        code = secrets.token_urlsafe(48)
        self._codes[code] = _Code(known.id, now + _CODE_LASTS, form["scope"])
        self._shown[shown] = code
        where = "https://microsoft.com/devicelogin"
        return Response(
            200,
            {
                "device_code": code,
                "user_code": shown,
                "verification_uri": where,
                "expires_in": int(_CODE_LASTS.total_seconds()),
                "interval": _EVERY_S,
                "message": f"To sign in, open {where} and enter the code {shown}.",
            },
        )

    def _by_code(self, form: Mapping[str, str], request: Request, now: datetime) -> Response:
        code = self._codes.get(form.get("device_code", ""))
        if code is None or code.client_id != form.get("client_id"):
            raise RefusedError(400, "bad_verification_code", 0, "The code is not recognized.")
        if code.ends_at <= now:
            raise RefusedError(400, "expired_token", 70019, "The code has expired.")
        if not code.person:
            raise RefusedError(400, "authorization_pending", 70016, "The person has not signed in yet.")
        del self._codes[form["device_code"]]
        self.given += 1
        answer = {
            "token_type": "Bearer",
            "scope": " ".join(dict.fromkeys([*code.scopes, *code.asked.split()])),
            "expires_in": _TOKEN_S,
            "access_token": self.access.token((), now=now, name=code.person, scopes=code.scopes),
        }
        if "openid" in code.asked.split():
            answer |= self._who(code, request, now)
        return Response(200, answer)

    def _who(self, code: _Code, request: Request, now: datetime) -> dict[str, str]:
        """Return who signed in, as libraries want it: an identity token, and the key of their cache."""
        seconds = int(now.timestamp())
        tenant = request.path.split("/")[1]
        claims = {
            "aud": code.client_id,
            "iss": f"{request.origin}/{tenant}/v2.0",
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + _TOKEN_S,
            "oid": code.person,
            "sub": code.person,
            "tid": tenant,
            "preferred_username": code.person,
            "ver": "2.0",
        }
        return {"id_token": self.access.sign(claims), "client_info": encode({"uid": code.person, "utid": tenant})}


def _verify(certificate: x509.Certificate, signed: str, signature: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise RefusedError(401, "invalid_client", 700027, "The key of the certificate is no RSA key.")
    length = hashes.SHA256.digest_size
    try:
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), length)
        key.verify(signature, signed.encode(), pss, hashes.SHA256())
    except InvalidSignature as error:
        raise RefusedError(401, "invalid_client", 700027, "The signature is not valid.") from error


def _thumbprint(certificate: x509.Certificate) -> str:
    return base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode().rstrip("=")


def _bytes(text: str) -> Any:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
