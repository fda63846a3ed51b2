"""A strict OpenID provider on loopback, written from the specifications; it knows nothing of the server's code.

It refuses what a good provider refuses (redirect address, verifier, client), and misbehaves when told to.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

Claims = dict[str, Any]


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass
class Key:
    kid: str
    private: Any
    alg: str = "RS256"

    def jwk(self) -> Claims:
        numbers = self.private.public_key().public_numbers()
        base: Claims = {"kid": self.kid, "use": "sig", "alg": self.alg}
        if isinstance(self.private, rsa.RSAPrivateKey):
            return base | {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        point = {part: b64(getattr(numbers, part).to_bytes(32, "big")) for part in ("x", "y")}
        return base | {"kty": "EC", "crv": "P-256", **point}

    def sign(self, content: bytes, alg: str) -> bytes:
        if alg == "RS256":
            return bytes(self.private.sign(content, padding.PKCS1v15(), hashes.SHA256()))
        if alg == "PS256":
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            return bytes(self.private.sign(content, pss, hashes.SHA256()))
        r, s = decode_dss_signature(self.private.sign(content, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def rsa_key(kid: str, bits: int = 2048) -> Key:
    return Key(kid, rsa.generate_private_key(65537, bits))


def ec_key(kid: str) -> Key:
    return Key(kid, ec.generate_private_key(ec.SECP256R1()), "ES256")


def token(claims: Claims, key: Key, **header: Any) -> str:
    full = {"alg": key.alg, "kid": key.kid, "typ": "JWT"} | header
    signed = ".".join(b64(json.dumps(part).encode()) for part in (full, claims))
    if full["alg"] == "none":
        return signed + "."
    if full["alg"] == "HS256":  # the public key as a secret: the confusion of RFC 8725 section 2.1
        mac = hmac.HMAC(json.dumps(key.jwk()).encode(), hashes.SHA256())
        mac.update(signed.encode())
        return f"{signed}.{b64(mac.finalize())}"
    return f"{signed}.{b64(key.sign(signed.encode(), full['alg']))}"


@dataclass
class Provider:
    """One provider with one client. ``subject`` is who sits before the browser."""

    client_id: str = "holofleet"
    secret: str = "s3cret:/?"
    redirect_uris: set[str] = field(default_factory=set)
    issuer: str = ""
    subject: str = "subject-1"
    name: str = "Megan Bowen"
    more: Claims = field(default_factory=dict)
    keys: list[Key] = field(default_factory=lambda: [rsa_key("k1")])
    change_token: Callable[[Claims], Claims] = lambda claims: claims
    make_token: Callable[[Claims], str] | None = None
    answer_iss: str | None = "own"
    says_iss: bool = True
    deny: bool = False
    now: Callable[[], float] = time.time
    signed_in_s_ago: float = 0
    assertion_key: Any = None
    codes: dict[str, Claims] = field(default_factory=dict)
    asked: list[Claims] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/realm/.well-known/openid-configuration", self._describe),
                Route("/realm/keys", self._keys),
                Route("/realm/authorize", self._authorize),
                Route("/realm/token", self._token, methods=["POST"]),
            ]
        )

    async def _describe(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "authorization_response_iss_parameter_supported": self.says_iss,
            }
        )

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [key.jwk() for key in self.keys]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        wrong = [
            name
            for name, good in {
                "client_id": asked.get("client_id") == self.client_id,
                "redirect_uri": asked.get("redirect_uri") in self.redirect_uris,
                "response_type": asked.get("response_type") == "code",
                "scope": "openid" in asked.get("scope", "").split(),
                "state": len(asked.get("state", "")) >= 20,
                "nonce": len(asked.get("nonce", "")) >= 20,
                "code_challenge": asked.get("code_challenge_method") == "S256" and "code_challenge" in asked,
            }.items()
            if not good
        ]
        if wrong:
            self.refused += wrong
            return HTMLResponse(f"<h1>refused: {', '.join(wrong)}</h1>", 400)
        answer = {"state": asked["state"]}
        if self.answer_iss is not None:
            answer["iss"] = self.issuer if self.answer_iss == "own" else self.answer_iss
        if self.deny:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def _token(self, request: Request) -> Response:
        form = dict(await request.form())
        asked = self.codes.pop(str(form.get("code")), None)
        verifier = str(form.get("code_verifier", ""))
        if not self._knows(request, form):
            return self._refuse("invalid_client", 401)
        if asked is None or form.get("grant_type") != "authorization_code":
            return self._refuse("invalid_grant")
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return self._refuse("redirect_uri")
        if b64(hashlib.sha256(verifier.encode()).digest()) != asked["code_challenge"] or len(verifier) < 43:
            return self._refuse("code_verifier")
        now = int(self.now())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": self.subject,
            "name": self.name,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now if asked.get("prompt") == "login" else int(now - self.signed_in_s_ago),
            **self.more,
        }
        changed = self.change_token(claims)
        made = self.make_token(changed) if self.make_token else token(changed, self.keys[0])
        return JSONResponse({"access_token": "unused", "token_type": "Bearer", "id_token": made})

    def _refuse(self, why: str, status: int = 400) -> Response:
        self.refused.append(why)
        return JSONResponse({"error": why}, status)

    def _knows(self, request: Request, form: dict[str, Any]) -> bool:
        if self.assertion_key is not None:
            return self._knows_assertion(str(form.get("client_assertion", "")))
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(shown).decode().partition(":")
        return kind == "Basic" and (unquote(name), unquote(secret)) == (self.client_id, self.secret)

    def _knows_assertion(self, assertion: str) -> bool:
        signed, _, signature = assertion.rpartition(".")
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        raw = base64.urlsafe_b64decode(signature + "==")
        self.assertion_key.verify(raw, signed.encode(), pss, hashes.SHA256())
        claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
        return (claims["iss"], claims["sub"], claims["aud"]) == (
            self.client_id,
            self.client_id,
            f"{self.issuer}/token",
        )
