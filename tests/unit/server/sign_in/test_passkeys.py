"""What an authenticator says: taken when everything fits, refused when anything does not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from holofleet.server.sign_in.encoding import to_base64url as b64
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.passkeys import (
    ES256,
    RS256,
    Asked,
    Assertion,
    Registration,
    judge_assertion,
    judge_registration,
)

ASKED = Asked("c" * 43, "https://fleet.contoso.com:8443", "fleet.contoso.com")
KEY, FOREIGN, RSA = (
    ec.generate_private_key(ec.SECP256R1()),
    ec.generate_private_key(ec.SECP256R1()),
    rsa.generate_private_key(65537, 2048),
)
P384 = ec.generate_private_key(ec.SECP384R1())
ID = bytes(range(32))


def spki(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def client(kind: str, **more: Any) -> bytes:
    return json.dumps(
        {"type": kind, "challenge": ASKED.challenge, "origin": ASKED.origin, "crossOrigin": False, **more}
    ).encode()


def head(*, rp_id: str = ASKED.rp_id, flags: int = 0x05, uses: int = 7) -> bytes:
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + uses.to_bytes(4, "big")


def cose(key: Any) -> bytes:
    """The parts of a key as the authenticator writes them; what stands around them does not matter here."""
    numbers = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return b"\xa4\x01\x03" + numbers.n.to_bytes(256, "big")
    size = (key.curve.key_size + 7) // 8
    return b"\xa5\x01\x02" + numbers.x.to_bytes(size, "big") + b"\x22" + numbers.y.to_bytes(size, "big")


def made(key: Any = KEY, *, made_id: bytes = ID, flags: int = 0x45, **more: Any) -> Registration:
    data = head(flags=flags) + bytes(16) + len(made_id).to_bytes(2, "big") + made_id + cose(key)
    algorithm = RS256 if isinstance(key, rsa.RSAPrivateKey) else ES256
    said = Registration(b64(made_id), b64(client("webauthn.create")), b64(data), b64(spki(key)), algorithm)
    return replace(said, **more)


def shown(key: Any = KEY, *, client_data: bytes | None = None, data: bytes | None = None) -> Assertion:
    client_data = client("webauthn.get") if client_data is None else client_data
    data = head() if data is None else data
    signed = data + hashlib.sha256(client_data).digest()
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return Assertion(b64(ID), b64(client_data), b64(data), b64(signature))


def refused(said: Registration | Assertion, **more: Any) -> bool:
    def judge() -> object:
        if isinstance(said, Registration):
            return judge_registration(said, ASKED)
        return judge_assertion(said, ASKED, **({"public_key": spki(KEY), "algorithm": ES256} | more))

    with pytest.raises(SignInFailedError) as error:
        judge()
    return error.value.why is Why.PASSKEY


@pytest.mark.parametrize("key", [KEY, RSA], ids=["ES256", "RS256"])
def test_a_passkey_is_made_and_shown(key: Any) -> None:
    registered = judge_registration(made(key), ASKED)
    assert (registered.id, registered.uses) == (b64(ID), 7)
    said = shown(key, data=head(uses=8))
    assert judge_assertion(said, ASKED, public_key=registered.public_key, algorithm=registered.algorithm) == 8


@pytest.mark.parametrize(
    "change",
    [
        {"type": "webauthn.get"},
        {"challenge": "d" * 43},
        {"challenge": None},
        {"origin": "https://fleet.contoso.com"},
        {"origin": "http://fleet.contoso.com:8443"},
        {"origin": "https://evil.example.com"},
        {"crossOrigin": True},
        {"crossOrigin": "false"},
    ],
    ids=str,
)
def test_an_answer_to_another_question_makes_no_passkey(change: dict[str, Any]) -> None:
    assert refused(made(client_data=b64(client("webauthn.create", **change))))


def test_an_authenticator_that_contradicts_the_browser_makes_no_passkey() -> None:
    assert refused(made(public_key=b64(spki(FOREIGN))))
    assert refused(replace(made(), id=b64(bytes(32))))
    assert refused(made(P384))
    assert refused(made(algorithm=RS256))
    assert refused(made(algorithm=-8))
    assert refused(made(made_id=b"short"))
    assert refused(made(public_key=b64(b"no key")))


@pytest.mark.parametrize("flags", [0x41, 0x44, 0x40, 0x05])
def test_presence_verification_and_a_passkey_are_all_needed(flags: int) -> None:
    assert refused(made(flags=flags))


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 36, head() + bytes(16), head(flags=0x45) + bytes(16) + b"\xff\xff"]
)
def test_data_cut_short_make_no_passkey(data: bytes) -> None:
    assert refused(made(authenticator_data=b64(data)))


def test_what_is_no_base64url_is_refused() -> None:
    for broken in ("=", "a", "ä" * 4, "a" * 9000, "a+/b"):
        assert refused(made(client_data=broken))
    assert refused(made(client_data=b64(b"[" * 4000)))
    assert refused(made(client_data=b64(b"[]")))


def test_only_the_own_key_over_the_own_answer_signs_in() -> None:
    good = shown()
    assert refused(shown(FOREIGN))
    assert refused(shown(client_data=client("webauthn.create")))
    assert refused(shown(client_data=client("webauthn.get", challenge="d" * 43)))
    assert refused(shown(client_data=client("webauthn.get", origin="https://evil.example.com")))
    assert refused(shown(data=head(rp_id="contoso.com")))
    assert refused(shown(data=head(flags=0x01)))
    assert refused(shown(data=head(flags=0x04)))
    assert refused(replace(good, authenticator_data=b64(head(uses=9))))
    assert refused(replace(good, signature=""))
    assert refused(good, algorithm=RS256)
