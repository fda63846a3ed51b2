"""ID tokens of an OpenID provider, judged (OpenID Connect Core 1.0 section 3.1.3.7, RFC 7515, RFC 7517, RFC 8725).

Algorithms are pinned, and the key is the provider's key of that ``kid`` and of that algorithm's kind: what the
token says of keys (``jwk``, ``jku``, ``x5u``, ``x5c``) is never looked at.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from holofleet.server.sign_in.encoding import from_base64url
from holofleet.server.sign_in.failure import SignInFailedError, Why

ALGORITHMS = ("RS256", "PS256", "ES256")
LONGEST = 16 * 1024
SKEW = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
"""A token answers a request of just now; an older one was kept by somebody."""
LEAST_RSA_BITS = 2048
_P256_BYTES = 32
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of the provider, for one kind of algorithm."""

    kid: str
    key: PublicKey
    alg: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say. ``fresh_since``: it must name a sign-in at or after this (``auth_time``)."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime
    fresh_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """Who a provider says it is: issuer and subject identify, everything else is only a label."""

    issuer: str
    subject: str
    display_name: str
    signed_in_at: datetime | None


def signing_keys(document: Mapping[str, Any]) -> tuple[SigningKey, ...]:
    """Return the usable signing keys of a JWKS; what is of another kind, too weak or broken is left out."""
    found = []
    listed = document.get("keys")
    for entry in listed if isinstance(listed, list) else ():
        key = _signing_key(entry) if isinstance(entry, dict) else None
        if key is not None:
            found.append(key)
    return tuple(found)


def kid_of(token: str) -> str:
    """Return which key a token says it is signed with, before anything is believed.

    Raises:
        SignInFailedError: it is no signed token of an algorithm that is taken.
    """
    return str(_header(token)["kid"])


def verify(token: str, keys: Iterable[SigningKey], expected: Expected) -> IdentityClaims:
    """Return who a token is about.

    Raises:
        SignInFailedError: anything in it is not as expected.
    """
    header = _header(token)
    key = next((known for known in keys if known.kid == header["kid"]), None)
    if key is None:
        raise _bad("no such key")
    signed, _, signature = token.rpartition(".")
    _check_signature(key, header["alg"], signed.encode("ascii"), _decoded(signature))
    return _judge(_object(signed.partition(".")[2]), expected)


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST or not token.isascii() or token.count(".") != 2:
        raise _bad("not a signed token")
    header = _object(token.partition(".")[0])
    if header.get("alg") not in ALGORITHMS:
        raise _bad("an algorithm that is not taken")
    if "crit" in header or not isinstance(header.get("kid"), str):
        raise _bad("a header that is not understood")
    return header


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(_decoded(text))
    except (ValueError, RecursionError) as error:
        raise _bad("not JSON") from error
    if not isinstance(found, dict):
        raise _bad("not an object")
    return found


def _decoded(text: str) -> bytes:
    try:
        return from_base64url(text)
    except ValueError as error:
        raise _bad("not base64url") from error


def _check_signature(known: SigningKey, alg: str, signed: bytes, signature: bytes) -> None:
    if known.alg and known.alg != alg:
        raise _bad("the key is for another algorithm")
    try:
        if isinstance(known.key, rsa.RSAPublicKey) and alg == "RS256":
            known.key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(known.key, rsa.RSAPublicKey) and alg == "PS256":
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
            known.key.verify(signature, signed, pss, hashes.SHA256())
        elif isinstance(known.key, ec.EllipticCurvePublicKey) and alg == "ES256":
            known.key.verify(_der_signature(signature), signed, ec.ECDSA(hashes.SHA256()))
        else:
            raise _bad("the key is of another kind")
    except InvalidSignature as error:
        raise _bad("a wrong signature") from error


def _der_signature(raw: bytes) -> bytes:
    if len(raw) != 2 * _P256_BYTES:
        raise _bad("a signature of another size")
    r, s = int.from_bytes(raw[:_P256_BYTES], "big"), int.from_bytes(raw[_P256_BYTES:], "big")
    return encode_dss_signature(r, s)


def _judge(claims: Mapping[str, Any], expected: Expected) -> IdentityClaims:
    if claims.get("iss") != expected.issuer:
        raise SignInFailedError(Why.ISSUER, "another issuer in the token")
    audience = claims.get("aud")
    if audience not in (expected.client_id, [expected.client_id]):
        raise _bad("for somebody else")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise _bad("given to somebody else")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isascii():
        raise _bad("no subject")
    _judge_times(claims, expected.now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise SignInFailedError(Why.NONCE)
    signed_in_at = _moment(claims["auth_time"]) if "auth_time" in claims else None
    if expected.fresh_since is not None and (signed_in_at is None or signed_in_at < expected.fresh_since):
        raise SignInFailedError(Why.NOT_FRESH)
    if signed_in_at is not None and signed_in_at > expected.now + SKEW:
        raise _bad("a sign-in of the future")
    name = claims.get("name")
    return IdentityClaims(expected.issuer, subject, name if isinstance(name, str) else "", signed_in_at)


def _judge_times(claims: Mapping[str, Any], now: datetime) -> None:
    if _moment(claims.get("exp")) <= now - SKEW:
        raise _bad("expired")
    issued = _moment(claims.get("iat"))
    if issued > now + SKEW or issued < now - OLDEST:
        raise _bad("not of now")
    if "nbf" in claims and _moment(claims["nbf"]) > now + SKEW:
        raise _bad("not valid yet")


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad("a time that is none")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _bad("a time that is none") from error


def _signing_key(entry: Mapping[str, Any]) -> SigningKey | None:
    kid, alg = entry.get("kid"), entry.get("alg", "")
    if not isinstance(kid, str) or entry.get("use", "sig") != "sig" or (alg and alg not in ALGORITHMS):
        return None
    try:
        key = _public_key(entry)
    except (ValueError, KeyError, TypeError):
        return None
    return SigningKey(kid, key, alg) if key is not None else None


def _public_key(entry: Mapping[str, Any]) -> PublicKey | None:
    if entry.get("kty") == "RSA":
        modulus, exponent = (int.from_bytes(from_base64url(entry[part]), "big") for part in ("n", "e"))
        if not LEAST_RSA_BITS <= modulus.bit_length() <= 4 * LEAST_RSA_BITS:
            return None
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    if entry.get("kty") == "EC" and entry.get("crv") == "P-256":
        x, y = (int.from_bytes(from_base64url(entry[part]), "big") for part in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    return None


def _bad(note: str) -> SignInFailedError:
    return SignInFailedError(Why.TOKEN, note)
