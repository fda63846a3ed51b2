"""What an authenticator says: taken when everything fits, refused when anything does not."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from holofleet.server.sign_in.encoding import from_base64url as unb64
from holofleet.server.sign_in.encoding import to_base64url as b64
from holofleet.server.sign_in.failure import SignInFailedError, Why
from holofleet.server.sign_in.passkeys import LONGEST, Asked, judge_assertion, judge_registration, passkey_of

ASKED = Asked("c" * 43, "https://fleet.contoso.com:8443", "fleet.contoso.com")
KEY, FOREIGN, RSA = (
    ec.generate_private_key(ec.SECP256R1()),
    ec.generate_private_key(ec.SECP256R1()),
    rsa.generate_private_key(65537, 2048),
)
P384 = ec.generate_private_key(ec.SECP384R1())
WEAK = rsa.generate_private_key(65537, 1024)
ID = bytes(range(32))


def client(kind: str, **more: Any) -> bytes:
    return json.dumps(
        {"type": kind, "challenge": ASKED.challenge, "origin": ASKED.origin, "crossOrigin": False, **more}
    ).encode()


def head(*, rp_id: str = ASKED.rp_id, flags: int = 0x05, uses: int = 7) -> bytes:
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + uses.to_bytes(4, "big")


def cose(key: Any, *, algorithm: int | None = None) -> bytes:
    """A public key as authenticators write it (RFC 9052 section 7, RFC 8230)."""
    numbers = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        size = (key.key_size + 7) // 8
        parts = {1: 3, 3: algorithm or -257, -1: numbers.n.to_bytes(size, "big"), -2: b"\x01\x00\x01"}
        return bytes(cbor2.dumps(parts))
    size = (key.curve.key_size + 7) // 8
    curve = {256: 1, 384: 2}[key.curve.key_size]
    x, y = (number.to_bytes(size, "big") for number in (numbers.x, numbers.y))
    return bytes(cbor2.dumps({1: 2, 3: algorithm or -7, -1: curve, -2: x, -3: y}))


def written(response: dict[str, bytes], **more: Any) -> str:
    return json.dumps(
        {
            "id": b64(ID),
            "rawId": b64(ID),
            "type": "public-key",
            "response": {name: b64(content) for name, content in response.items()},
            **more,
        }
    )


def made(
    key: Any = KEY,
    *,
    made_id: bytes = ID,
    flags: int = 0x45,
    client_data: bytes | None = None,
    data: bytes | None = None,
    public: bytes | None = None,
    attestation: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """A browser's answer to ``create``."""
    if data is None:
        data = head(flags=flags) + bytes(16) + len(made_id).to_bytes(2, "big") + made_id + (public or cose(key))
    said = {"fmt": "none", "attStmt": {}, "authData": data} | (attestation or {})
    response = {
        "clientDataJSON": client("webauthn.create") if client_data is None else client_data,
        "attestationObject": cbor2.dumps(said),
    }
    return written(response, **more)


def shown(
    key: Any = KEY,
    *,
    client_data: bytes | None = None,
    data: bytes | None = None,
    said_data: bytes | None = None,
    signature: bytes | None = None,
) -> str:
    """A browser's answer to ``get``; ``said_data`` is shown instead of what was signed."""
    client_data = client("webauthn.get") if client_data is None else client_data
    data = head() if data is None else data
    signed = data + hashlib.sha256(client_data).digest()
    if signature is not None:
        pass
    elif isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return written({"clientDataJSON": client_data, "authenticatorData": said_data or data, "signature": signature})


def no_passkey(said: str) -> bool:
    with pytest.raises(SignInFailedError) as error:
        judge_registration(said, ASKED)
    return error.value.why is Why.PASSKEY


def refused(said: str, public_key: bytes | None = None) -> bool:
    with pytest.raises(SignInFailedError) as error:
        judge_assertion(said, ASKED, public_key=cose(KEY) if public_key is None else public_key)
    return error.value.why is Why.PASSKEY


@pytest.mark.parametrize("key", [KEY, RSA], ids=["ES256", "RS256"])
def test_a_passkey_is_made_and_shown(key: Any) -> None:
    registered = judge_registration(made(key), ASKED)
    assert (registered.id, registered.uses) == (b64(ID), 7)
    said = shown(key, data=head(uses=8))
    assert passkey_of(said) == registered.id
    assert judge_assertion(said, ASKED, public_key=registered.public_key) == 8


def test_an_authenticator_that_signs_for_itself_is_taken_and_its_signature_is_judged() -> None:
    data = head(flags=0x45) + bytes(16) + len(ID).to_bytes(2, "big") + ID + cose(KEY)
    signed = data + hashlib.sha256(client("webauthn.create")).digest()

    def own(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
        return {"fmt": "packed", "attStmt": {"alg": -7, "sig": key.sign(signed, ec.ECDSA(hashes.SHA256()))}}

    assert judge_registration(made(data=data, attestation=own(KEY)), ASKED).id == b64(ID)
    assert no_passkey(made(data=data, attestation=own(FOREIGN)))


@pytest.mark.parametrize(
    "attestation",
    [
        {"fmt": "tpm"},
        {"fmt": "fido-u2f", "attStmt": {"sig": b"", "x5c": [b"x"]}},
        {"fmt": "android-safetynet", "attStmt": {"ver": "1", "response": b"x"}},
        {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x", "x5c": [b"x"]}},
        {"fmt": "none", "attStmt": {"sig": b"x"}},
        {"fmt": "unheard-of"},
        {"fmt": 7},
    ],
    ids=lambda said: str(said["fmt"]),
)
def test_attestation_that_was_not_asked_for_makes_no_passkey(attestation: dict[str, Any]) -> None:
    assert no_passkey(made(attestation=attestation))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "webauthn.get"},
        {"challenge": "d" * 43},
        {"challenge": None},
        {"challenge": ASKED.challenge + "A"},
        {"origin": "https://fleet.contoso.com"},
        {"origin": "http://fleet.contoso.com:8443"},
        {"origin": "https://evil.example.com"},
        {"origin": [ASKED.origin]},
        {"crossOrigin": True},
        {"crossOrigin": "false"},
    ],
    ids=str,
)
def test_an_answer_to_another_question_makes_no_passkey(change: dict[str, Any]) -> None:
    assert no_passkey(made(client_data=client("webauthn.create", **change)))


def test_an_authenticator_that_contradicts_the_browser_makes_no_passkey() -> None:
    other = b64(bytes(32))
    assert no_passkey(made(id=other, rawId=other))
    assert no_passkey(made(id=other))
    assert no_passkey(made(type="password"))


def test_keys_that_are_weak_or_of_another_kind_make_no_passkey() -> None:
    assert no_passkey(made(P384))
    assert no_passkey(made(public=cose(P384, algorithm=-35)))
    assert no_passkey(made(public=cose(KEY, algorithm=-257)))
    assert no_passkey(made(public=cose(RSA, algorithm=-7)))
    assert no_passkey(made(public=cose(RSA, algorithm=-37)))
    assert no_passkey(made(WEAK))
    assert no_passkey(made(public=cbor2.dumps({1: 1, 3: -8, -1: 6, -2: bytes(32)})))
    assert no_passkey(made(public=cbor2.dumps({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})))
    assert no_passkey(made(public=cbor2.dumps({1: 2, 3: -7, -1: 1, -2: "x", -3: None})))
    assert no_passkey(made(public=b"no key"))


@pytest.mark.parametrize("made_id", [b"short", b"", bytes(1024)], ids=["5", "0", "1024"])
def test_an_id_of_a_wrong_size_makes_no_passkey(made_id: bytes) -> None:
    assert no_passkey(made(made_id=made_id, id=b64(made_id), rawId=b64(made_id)))


@pytest.mark.parametrize("flags", [0x41, 0x44, 0x40, 0x05])
def test_presence_verification_and_a_passkey_are_all_needed(flags: int) -> None:
    assert no_passkey(made(flags=flags))


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 36, head() + bytes(16), head(flags=0x45) + bytes(16) + b"\xff\xff"]
)
def test_data_cut_short_make_no_passkey(data: bytes) -> None:
    assert no_passkey(made(data=data))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "7",
        "null",
        "{",
        "[" * 8000,
        "{}",
        '{"id": 7}',
        '{"id": "AA", "rawId": "AA", "type": "public-key"}',
    ],
    ids=lambda said: said[:12],
)
def test_what_is_no_answer_of_a_browser_is_refused(said: str) -> None:
    assert no_passkey(said)
    assert refused(said)
    assert passkey_of(said) in ("", "AA")


def test_an_answer_that_is_too_long_is_refused_unread() -> None:
    assert no_passkey(made(more="x" * LONGEST))
    assert refused(shown()[:-1] + " " * LONGEST + "}")
    assert passkey_of(" " * LONGEST + shown()) == ""


def test_only_the_own_key_over_the_own_answer_signs_in() -> None:
    assert refused(shown(FOREIGN))
    assert refused(shown(client_data=client("webauthn.create")))
    assert refused(shown(client_data=client("webauthn.get", challenge="d" * 43)))
    assert refused(shown(client_data=client("webauthn.get", origin="https://evil.example.com")))
    assert refused(shown(client_data=client("webauthn.get", crossOrigin=True)))
    assert refused(shown(data=head(rp_id="contoso.com")))
    assert refused(shown(data=head(flags=0x01)))
    assert refused(shown(data=head(flags=0x04)))
    assert refused(shown(said_data=head(uses=9)))
    assert refused(shown(signature=b""))
    assert refused(shown(), public_key=cose(RSA))
    assert refused(shown(), public_key=b"")


@given(st.data())
def test_no_changed_bit_of_an_answer_signs_anybody_in(data: st.DataObject) -> None:
    said = json.loads(GOOD)
    part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    content = bytearray(unb64(said["response"][part]))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    said["response"][part] = b64(bytes(content))
    assert refused(json.dumps(said))


@given(st.binary(max_size=200))
def test_any_bytes_for_an_attestation_are_refused_and_raise_nothing_else(content: bytes) -> None:
    assert no_passkey(written({"clientDataJSON": client("webauthn.create"), "attestationObject": content}))


@given(st.binary(max_size=200))
def test_any_bytes_for_a_key_are_refused_and_raise_nothing_else(content: bytes) -> None:
    assert no_passkey(made(public=content or b"\x00"))


GOOD = shown()
