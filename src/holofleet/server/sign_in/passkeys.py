"""Passkeys: what a browser is asked, and what its authenticator says, judged by the ``webauthn`` library.

No attestation is asked for, so none is believed: a registration is as good as the session or invitation that it
was made in. What the library leaves to its caller stands here: frames of other sites, curve and size of keys,
formats of attestation that are not taken, and which passkey an answer is about. The library is imported at the
first passkey, not at the start.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from holofleet.server.sign_in.encoding import from_base64url, to_base64url
from holofleet.server.sign_in.failure import SignInFailedError, Why

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor
    from webauthn.registration.verify_registration_response import VerifiedRegistration

LONGEST = 16 * 1024
"""Characters of a browser's answer, in JSON; real ones have less than 2,000."""
LONGEST_ID = 1023
_SHORTEST_ID = 16
_RSA_BITS = range(2048, 4096 + 1)
Options = dict[str, Any]
_Judged = TypeVar("_Judged")


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked: the challenge (base64url), and for which site."""

    challenge: str
    origin: str
    rp_id: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey. ``public_key``: as COSE key; ``uses``: the authenticator's count."""

    id: str
    public_key: bytes
    uses: int


def options_to_make(
    challenge: str, *, rp_id: str, user_id: bytes, label: str, known: Iterable[str], life: timedelta
) -> Options:
    """Return what a browser is asked for a new passkey of somebody who has the ``known`` ones, as JSON."""
    import webauthn
    from webauthn.helpers import options_to_json_dict, structs

    asked = webauthn.generate_registration_options(
        rp_id=rp_id,
        rp_name="holofleet",
        user_id=user_id,
        user_name=label,
        challenge=from_base64url(challenge),
        timeout=_milliseconds(life),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=_algorithms(),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    return options_to_json_dict(asked)


def options_to_show(
    challenge: str, *, rp_id: str, own: Iterable[str], life: timedelta, carried: bool = False
) -> Options:
    """Return what a browser is asked to show one of its ``own`` passkeys, or any where none are named.

    Args:
        challenge, rp_id, life: What it signs, for which name, for how long.
        own: Ids; none for a passkey that says itself whose it is.
        carried: Offer first what people carry, a security key or a phone (``hints``, WebAuthn Level 3).
    """
    import webauthn
    from webauthn.helpers import options_to_json_dict, structs

    asked = webauthn.generate_authentication_options(
        rp_id=rp_id,
        challenge=from_base64url(challenge),
        timeout=_milliseconds(life),
        allow_credentials=_descriptors(own),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    options: Options = options_to_json_dict(asked)
    return options | {"hints": ["security-key", "hybrid"]} if carried else options


def is_kept_by_device(said: str) -> bool:
    """Whether a browser says that the passkey is one of the device it runs on (``platform``), or says nothing.

    Only the browser says so, and it is believed: it is a paired one of ours, and a shared headset whose Windows
    account keeps a passkey is a mistake that this finds, not an attack that it stops.
    """
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return True
    return not isinstance(found, dict) or found.get("authenticatorAttachment") != "cross-platform"


def passkey_of(said: str) -> str:
    """Return which passkey an answer says it is of, before anything is believed; empty if it says none."""
    try:
        found = json.loads(said) if len(said) <= LONGEST else None
    except (ValueError, RecursionError):
        return ""
    passkey_id = found.get("id") if isinstance(found, dict) else None
    return passkey_id if isinstance(passkey_id, str) else ""


def judge_registration(said: str, asked: Asked) -> Registered:
    """Return the passkey that an authenticator made.

    Args:
        said: The browser's answer to ``create``, as JSON (WebAuthn Level 3, ``RegistrationResponseJSON``).
        asked: What it was asked.

    Raises:
        SignInFailedError: it did not make what we asked for.
    """

    def judge() -> Registered:
        import webauthn
        from webauthn.helpers import parse_registration_credential_json

        credential = parse_registration_credential_json(said)
        _judge_frame(credential.response.client_data_json)
        _judge_format(credential.response.attestation_object)
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=from_base64url(asked.challenge),
            expected_rp_id=asked.rp_id,
            expected_origin=asked.origin,
            require_user_verification=True,
            supported_pub_key_algs=_algorithms(),
        )
        return _registered(made, credential.raw_id)

    return _judged(said, judge)


def judge_assertion(said: str, asked: Asked, *, public_key: bytes) -> int:
    """Return the authenticator's count, once its signature is proved; whether it grew is for the store to judge.

    Raises:
        SignInFailedError: somebody else's signature, another site, another challenge, or nobody was verified.
    """

    def judge() -> int:
        import webauthn
        from webauthn.helpers import parse_authentication_credential_json

        credential = parse_authentication_credential_json(said)
        _judge_frame(credential.response.client_data_json)
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=from_base64url(asked.challenge),
            expected_rp_id=asked.rp_id,
            expected_origin=asked.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return shown.new_sign_count

    return _judged(said, judge)


def _judged(said: str, judge: Callable[[], _Judged]) -> _Judged:
    """Judge a text from a stranger; whatever the library raises over it is a refusal.

    The library promises its own exceptions only for what it foresaw: broken CBOR, keys and numbers come up as
    errors of the layers below it.
    """
    if len(said) > LONGEST:
        raise _bad("too long")
    try:
        return judge()
    except SignInFailedError:
        raise
    except Exception as error:
        raise _bad(f"{type(error).__name__}: {error}"[:200]) from error


def _judge_frame(client_data: bytes) -> None:
    from webauthn.helpers import parse_client_data_json

    if parse_client_data_json(client_data).cross_origin:
        raise _bad("made in a frame of another site")


def _judge_format(attestation: bytes) -> None:
    """Refuse attestation of every kind but the authenticator's own signature: nothing of it is judged here."""
    from webauthn.helpers import parse_attestation_object
    from webauthn.helpers.structs import AttestationFormat

    found = parse_attestation_object(attestation)
    own = found.fmt == AttestationFormat.PACKED and not found.att_stmt.x5c
    if found.fmt != AttestationFormat.NONE and not own:
        raise _bad("attestation that was not asked for")


def _registered(made: VerifiedRegistration, said_id: bytes) -> Registered:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    if made.credential_id != said_id:
        raise _bad("another id than the authenticator's")
    if not _SHORTEST_ID <= len(said_id) <= LONGEST_ID:
        raise _bad("an id of a wrong size")
    decoded = decode_credential_public_key(made.credential_public_key)
    key = decoded_public_key_to_cryptography(decoded)
    ecdsa, pkcs1 = _algorithms()
    if isinstance(key, rsa.RSAPublicKey):
        sound = decoded.alg == pkcs1 and key.key_size in _RSA_BITS
    else:
        on_curve = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
        sound = on_curve and decoded.alg == ecdsa
    if not sound:
        raise _bad("a key of another kind or size")
    return Registered(to_base64url(said_id), made.credential_public_key, made.sign_count)


def _algorithms() -> list[Any]:
    """Return what is taken, the better first."""
    from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm

    return [Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]


def _descriptors(ids: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=from_base64url(passkey_id)) for passkey_id in ids]


def _milliseconds(life: timedelta) -> int:
    return int(life.total_seconds() * 1000)


def _bad(note: str) -> SignInFailedError:
    return SignInFailedError(Why.PASSKEY, note)
