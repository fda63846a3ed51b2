"""Secrets of webhooks and what is signed with them, after Standard Webhooks (``v1``: HMAC with SHA-256).

A secret is shown once. What is kept is sealed with AES-256-GCM under a key derived from the key encryption key,
and bound to its webhook: a copy of the database signs nothing, and one row cannot stand in for another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holofleet.errors import InputError

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""Standard Webhooks asks for 24 to 64."""
_NONCE_BYTES: Final = 12


def make_secret() -> str:
    """Return a new secret as receivers keep it."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode("ascii")


def sign(secrets: Iterable[str], message: str, at_s: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: one signature for each secret.

    Args:
        secrets: As :func:`make_secret` returns them.
        message: The value of ``webhook-id``.
        at_s: The value of ``webhook-timestamp``.
        body: Exactly what is sent.
    """
    signed = f"{message}.{at_s}.".encode("ascii") + body
    signatures = (hmac.digest(base64.b64decode(one.removeprefix(PREFIX)), signed, "sha256") for one in secrets)
    return " ".join("v1," + base64.b64encode(one).decode("ascii") for one in signatures)


class Sealer:
    """Seals secrets for the database and opens them again."""

    def __init__(self, key: bytes) -> None:
        """Take 32 bytes that are not in the database."""
        self._cipher = AESGCM(key)

    def seal(self, webhook: str, secret: str) -> str:
        """Return a secret of a webhook as it may lie in a database."""
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), webhook.encode())).decode()

    def open(self, webhook: str, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            InputError: it was sealed with another key, for another webhook, or was changed.
        """
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], webhook.encode()).decode()
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise InputError(
                "the secret of a webhook cannot be opened",
                detail="It was sealed with another key encryption key.",
                mend="Make a new secret for the webhook.",
            ) from error
