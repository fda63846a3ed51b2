"""ID tokens: what is taken, and what is refused for which reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.openid_provider import Key, ec_key, rsa_key, token

from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.tokens import Expected, IdentityClaims, signing_keys, verify

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISSUER = "https://login.contoso.com/realm"
RSA, EC, FOREIGN = rsa_key("r1"), ec_key("e1"), rsa_key("r1")
Change = Callable[[dict[str, Any]], dict[str, Any]]


def claims(**more: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    return {
        "iss": ISSUER,
        "aud": "us",
        "sub": "s1",
        "nonce": "n" * 43,
        "iat": at,
        "exp": at + 300,
        "auth_time": at - 20,
        "name": "Megan Bowen",
        **more,
    }


def judged(text: str, *keys: Key, fresh: timedelta | None = None) -> IdentityClaims:
    known = signing_keys({"keys": [key.jwk() for key in keys or (RSA, EC)]})
    since = None if fresh is None else NOW - fresh
    return verify(text, known, Expected(ISSUER, "us", "n" * 43, NOW, fresh_since=since))


def why(text: str, *keys: Key, fresh: timedelta | None = None) -> Why:
    with pytest.raises(SignInFailedError) as refused:
        judged(text, *keys, fresh=fresh)
    return refused.value.why


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
def test_a_good_token_says_who_signed_in(key: Key) -> None:
    found = judged(token(claims(), key))
    assert (found.issuer, found.subject, found.display_name) == (ISSUER, "s1", "Megan Bowen")
    assert found.signed_in_at == NOW - timedelta(seconds=20)


def test_a_key_without_its_algorithm_takes_what_fits_its_kind() -> None:
    open_key = {name: value for name, value in RSA.jwk().items() if name != "alg"}
    text = token(claims(), RSA, alg="PS256")
    assert verify(text, signing_keys({"keys": [open_key]}), Expected(ISSUER, "us", "n" * 43, NOW)).subject == "s1"
    assert why(text) is Why.TOKEN


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": ISSUER + "/"}, Why.ISSUER),
        ({"iss": "https://login.fabrikam.com/realm"}, Why.ISSUER),
        ({"iss": [ISSUER]}, Why.ISSUER),
        ({"aud": "us2"}, Why.TOKEN),
        ({"aud": ["us", "them"]}, Why.TOKEN),
        ({"aud": []}, Why.TOKEN),
        ({"azp": "them"}, Why.TOKEN),
        ({"sub": ""}, Why.TOKEN),
        ({"sub": 7}, Why.TOKEN),
        ({"sub": "x" * 256}, Why.TOKEN),
        ({"nonce": "m" * 43}, Why.NONCE),
        ({"nonce": None}, Why.NONCE),
        ({"exp": int(NOW.timestamp()) - 61}, Why.TOKEN),
        ({"exp": "tomorrow"}, Why.TOKEN),
        ({"exp": True}, Why.TOKEN),
        ({"exp": None}, Why.TOKEN),
        ({"iat": int(NOW.timestamp()) + 61}, Why.TOKEN),
        ({"iat": int(NOW.timestamp()) - 601}, Why.TOKEN),
        ({"iat": 1e300}, Why.TOKEN),
        ({"nbf": int(NOW.timestamp()) + 61}, Why.TOKEN),
        ({"auth_time": int(NOW.timestamp()) + 61}, Why.TOKEN),
    ],
)
def test_DIR_1_a_wrong_claim_is_refused(change: dict[str, Any], reason: Why) -> None:
    assert why(token(claims(**change), RSA)) is reason


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS512"},
        {"alg": ["RS256"]},
        {"alg": "PS256"},
        {"kid": "r2"},
        {"kid": None},
        {"crit": ["exp"]},
    ],
    ids=str,
)
def test_DIR_1_a_wrong_header_is_refused(header: dict[str, Any]) -> None:
    made = token(claims(), RSA)
    if header.get("alg") in ("RS512", ["RS256"]):
        import json

        from tests.openid_provider import b64

        made = b64(json.dumps({"kid": "r1", **header}).encode()) + made[made.index(".") :]
    else:
        made = token(claims(), RSA, **header)
    assert why(made) is Why.TOKEN


def test_DIR_1_a_foreign_key_under_our_kid_is_refused_and_the_token_s_own_key_is_not_looked_at() -> None:
    assert why(token(claims(), FOREIGN, jwk=FOREIGN.jwk(), jku="https://evil.example.com/keys")) is Why.TOKEN


def test_DIR_1_a_changed_token_is_refused() -> None:
    head, body, signature = token(claims(), RSA).split(".")
    other = token(claims(sub="s2"), RSA).split(".")[1]
    for broken in (f"{head}.{other}.{signature}", f"{head}.{body}.", f"{head}.{body}", "", "." * 2, "é.é.é"):
        assert why(broken) is Why.TOKEN
    assert why(f"{head}.{body}.{signature}=") is Why.TOKEN
    assert why("a" * 20_000 + "..") is Why.TOKEN


def test_a_fresh_sign_in_is_one_that_the_provider_dates() -> None:
    assert judged(token(claims(), RSA), fresh=timedelta(seconds=30)).subject == "s1"
    assert why(token(claims(), RSA), fresh=timedelta(seconds=10)) is Why.NOT_FRESH
    undated = {name: value for name, value in claims().items() if name != "auth_time"}
    assert why(token(undated, RSA), fresh=timedelta(minutes=5)) is Why.NOT_FRESH


def test_weak_keys_and_keys_for_encryption_are_no_signing_keys() -> None:
    weak = rsa_key("weak", 1024).jwk()
    sealing = RSA.jwk() | {"use": "enc"}
    strange = [
        {"kty": "oct", "kid": "o", "k": "AA"},
        {"kty": "RSA", "kid": "x"},
        "text",
        {"kty": "EC", "crv": "P-256"},
    ]
    off_curve = EC.jwk() | {"x": "AA"}
    assert signing_keys({"keys": [weak, sealing, off_curve, *strange]}) == ()
    assert signing_keys({"keys": "none"}) == ()
