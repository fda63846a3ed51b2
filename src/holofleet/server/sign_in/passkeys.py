"""Passkeys: what an authenticator says, judged (Web Authentication Level 3, sections 6.1, 7.1 and 7.2).

No attestation is asked for, so none is believed: a registration is as good as the session or invitation that it
was made in. The public key comes from the browser as SubjectPublicKeyInfo, which section 5.2.1.1 offers to servers
that do not judge attestation; it has to be the one that the authenticator's own data hold.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from holofleet.server.sign_in.encoding import from_base64url
from holofleet.server.sign_in.failure import SignInFailedError, Why

ES256 = -7
RS256 = -257
ALGORITHMS = (ES256, RS256)
"""COSE numbers of what is taken, the better first."""
LONGEST = 8 * 1024
LONGEST_ID = 1023
_HEAD = 37
_PRESENT = 0x01
_VERIFIED = 0x04
_ATTESTED = 0x40
_AAGUID = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked: the challenge (base64url), and for which site."""

    challenge: str
    origin: str
    rp_id: str


@dataclass(frozen=True, slots=True)
class Registration:
    """A browser's answer to ``create``, everything binary as base64url."""

    id: str
    client_data: str
    authenticator_data: str
    public_key: str
    algorithm: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """A browser's answer to ``get``, everything binary as base64url."""

    id: str
    client_data: str
    authenticator_data: str
    signature: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey. ``public_key``: SubjectPublicKeyInfo in DER; ``uses``: the authenticator's count."""

    id: str
    public_key: bytes
    algorithm: int
    uses: int


def judge_registration(said: Registration, asked: Asked) -> Registered:
    """Return the passkey that an authenticator made.

    Raises:
        SignInFailedError: it did not make what we asked for.
    """
    _judge_client(_bytes(said.client_data), "webauthn.create", asked)
    data = _bytes(said.authenticator_data)
    uses = _judge_head(data, asked.rp_id)
    passkey_id, rest = _attested(data)
    if passkey_id != _bytes(said.id):
        raise _bad("another id")
    content = _bytes(said.public_key)
    key = _public_key(content, said.algorithm)
    if any(part not in rest for part in _parts(key)):
        raise _bad("another key than the authenticator's")
    return Registered(said.id, content, said.algorithm, uses)


def judge_assertion(said: Assertion, asked: Asked, *, public_key: bytes, algorithm: int) -> int:
    """Return the authenticator's count, once its signature is proved.

    Raises:
        SignInFailedError: somebody else's signature, another site, another challenge, or nobody was verified.
    """
    client_data, data = _bytes(said.client_data), _bytes(said.authenticator_data)
    _judge_client(client_data, "webauthn.get", asked)
    uses = _judge_head(data, asked.rp_id)
    signed = data + hashlib.sha256(client_data).digest()
    key, signature = _public_key(public_key, algorithm), _bytes(said.signature)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise _bad("a wrong signature") from error
    return uses


def _judge_client(content: bytes, kind: str, asked: Asked) -> None:
    try:
        client: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _bad("client data that cannot be read") from error
    if not isinstance(client, dict) or client.get("type") != kind:
        raise _bad("another act")
    challenge = client.get("challenge")
    if not isinstance(challenge, str) or not hmac.compare_digest(challenge.encode(), asked.challenge.encode()):
        raise _bad("another challenge")
    if client.get("origin") != asked.origin or client.get("crossOrigin", False) is not False:
        raise _bad("another site")


def _judge_head(data: bytes, rp_id: str) -> int:
    if len(data) < _HEAD or not hmac.compare_digest(data[:32], hashlib.sha256(rp_id.encode()).digest()):
        raise _bad("another relying party")
    if not data[32] & _PRESENT or not data[32] & _VERIFIED:
        raise _bad("nobody was verified")
    return int.from_bytes(data[33:_HEAD], "big")


def _attested(data: bytes) -> tuple[bytes, bytes]:
    """Return the id that the authenticator made, and its data behind that."""
    begin = _HEAD + _AAGUID + 2
    if not data[32] & _ATTESTED or len(data) < begin:
        raise _bad("no passkey in it")
    end = begin + int.from_bytes(data[begin - 2 : begin], "big")
    if not 16 <= end - begin <= LONGEST_ID or len(data) <= end:
        raise _bad("an id of a wrong size")
    return data[begin:end], data[end:]


def _public_key(content: bytes, algorithm: int) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad("a key that cannot be read") from error
    if algorithm == ES256 and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if algorithm == RS256 and isinstance(key, rsa.RSAPublicKey) and 2048 <= key.key_size <= 4096:
        return key
    raise _bad("a key of another kind")


def _parts(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> tuple[bytes, ...]:
    if isinstance(key, rsa.RSAPublicKey):
        return (key.public_numbers().n.to_bytes(key.key_size // 8, "big"),)
    numbers = key.public_numbers()
    return numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")


def _bytes(text: str) -> bytes:
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        return from_base64url(text)
    except ValueError as error:
        raise _bad("not base64url") from error


def _bad(note: str) -> SignInFailedError:
    return SignInFailedError(Why.PASSKEY, note)
