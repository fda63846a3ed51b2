"""ID tokens of an OpenID provider, judged (OpenID Connect Core 1.0 section 3.1.3.7, RFC 7515, RFC 7517, RFC 8725).

Signatures, keys and the times of claims are judged by ``joserfc``. What it leaves to its caller stands here:
algorithms are pinned, the key is the provider's key of that ``kid``, and what the token itself says of keys
(``jwk``, ``jku``, ``x5u``, ``x5c``) is never looked at. The library is imported at the first sign-in at a
provider.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from holofleet.server.sign_in.failure import SignInFailedError, Why

if TYPE_CHECKING:
    from joserfc.jws import CompactSignature, JWSRegistry

ALGORITHMS = ("RS256", "PS256", "ES256")
LONGEST = 16 * 1024
SKEW = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
"""A token answers a request of just now; an older one was kept by somebody."""
_RSA_BITS = range(2048, 8192 + 1)
_OF_A_KEY = ("kty", "crv", "n", "e", "x", "y", "kid", "use", "alg")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key of the provider. ``key``: as ``joserfc`` holds it, for one algorithm if the provider says."""

    kid: str
    key: Any


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
    listed = document.get("keys")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return tuple(key for entry in entries if (key := _signing_key(entry)) is not None)


def kid_of(token: str) -> str:
    """Return which key a token says it is signed with, before anything is believed.

    Raises:
        SignInFailedError: it is no signed token of an algorithm that is taken.
    """
    return str(_extracted(token).headers()["kid"])


def verify(token: str, keys: Iterable[SigningKey], expected: Expected) -> IdentityClaims:
    """Return who a token is about.

    Raises:
        SignInFailedError: anything in it is not as expected.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError

    kid = kid_of(token)
    known = next((known for known in keys if known.kid == kid), None)
    if known is None:
        raise _bad("no such key")
    try:
        claims = jwt.decode(token, known.key, registry=_registry()).claims
    except (JoseError, ValueError, RecursionError) as error:
        raise _bad(f"{type(error).__name__}: {error}"[:200]) from error
    return _judge(claims, expected)


def _registry() -> JWSRegistry:
    """Return what is taken: headers that name keys are known and without effect, others are not our business."""
    from joserfc.jws import JWSRegistry

    return JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


def _extracted(token: str) -> CompactSignature:
    from joserfc import jws
    from joserfc.errors import JoseError

    if len(token) > LONGEST or not token.isascii():
        raise _bad("not a signed token")
    try:
        found = jws.extract_compact(token.encode("ascii"), registry=_registry())
    except (JoseError, ValueError, RecursionError) as error:
        raise _bad("not a signed token") from error
    header = found.headers()
    if header.get("alg") not in ALGORITHMS:
        raise _bad("an algorithm that is not taken")
    if "crit" in header or not isinstance(header.get("kid"), str):
        raise _bad("a header that is not understood")
    return found


def _judge(claims: dict[str, Any], expected: Expected) -> IdentityClaims:
    if claims.get("iss") != expected.issuer:
        raise SignInFailedError(Why.ISSUER, "another issuer in the token")
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise _bad("for somebody else")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise _bad("given to somebody else")
    subject, nonce = claims.get("sub"), claims.get("nonce")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isascii():
        raise _bad("no subject")
    _judge_times(claims, expected.now)
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise SignInFailedError(Why.NONCE)
    signed_in_at = _moment(claims["auth_time"]) if "auth_time" in claims else None
    if expected.fresh_since is not None and (signed_in_at is None or signed_in_at < expected.fresh_since):
        raise SignInFailedError(Why.NOT_FRESH)
    if signed_in_at is not None and signed_in_at > expected.now + SKEW:
        raise _bad("a sign-in of the future")
    name = claims.get("name")
    return IdentityClaims(expected.issuer, subject, name if isinstance(name, str) else "", signed_in_at)


def _judge_times(claims: dict[str, Any], now: datetime) -> None:
    from joserfc.errors import JoseError
    from joserfc.jwt import JWTClaimsRegistry

    needed = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(SKEW.total_seconds()),
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        needed.validate({name: claims[name] for name in ("exp", "iat", "nbf") if name in claims})
    except JoseError as error:
        raise _bad(f"{type(error).__name__}: {error}"[:200]) from error
    if _moment(claims["iat"]) < now - OLDEST:
        raise _bad("not of now")


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad("a time that is none")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _bad("a time that is none") from error


def _signing_key(entry: dict[str, Any]) -> SigningKey | None:
    from joserfc import jwk
    from joserfc.errors import JoseError

    kid, alg = entry.get("kid"), entry.get("alg")
    kind = (entry.get("kty"), entry.get("crv") if entry.get("kty") == "EC" else None)
    if not isinstance(kid, str) or kind not in (("RSA", None), ("EC", "P-256")):
        return None
    if entry.get("use", "sig") != "sig" or (alg is not None and alg not in ALGORITHMS):
        return None
    if kind[0] == "RSA" and _bits(entry.get("n")) not in _RSA_BITS:
        return None
    public: dict[str, Any] = {name: entry[name] for name in _OF_A_KEY if name in entry}
    try:
        return SigningKey(kid, jwk.import_key(public))
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _bits(modulus: object) -> int:
    from joserfc.util import base64_to_int

    try:
        return base64_to_int(modulus).bit_length() if isinstance(modulus, str) else 0
    except ValueError:
        return 0


def _bad(note: str) -> SignInFailedError:
    return SignInFailedError(Why.TOKEN, note)
