"""Secrets of webhooks and what is signed with them, after Standard Webhooks (``v1``: HMAC with SHA-256).

A secret is shown once. What is kept lies in a sealed box (:mod:`holofleet.server.sealing`), bound to its webhook,
under a key derived from the key encryption key: a copy of the database signs nothing, and one row cannot stand in
for another.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterable
from typing import Final

from holofleet.server.sealing import Context, DamagedError, SealedBox, SealingKey

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""Standard Webhooks asks for 24 to 64."""


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


def seal_secret(key: SealingKey, webhook: str, secret: str) -> str:
    """Return a secret of a webhook as it may lie in a database: a box in base64."""
    return base64.b64encode(bytes(key.seal(secret.encode(), context=_context(webhook)))).decode("ascii")


def open_secret(key: SealingKey, webhook: str, sealed: str) -> str:
    """Return what :func:`seal_secret` sealed.

    Raises:
        DamagedError: it was sealed with another key, for another webhook, or was changed.
    """
    try:
        raw = base64.b64decode(sealed, validate=True)
    except ValueError:
        raw = b""
    try:
        return key.open(SealedBox.parse(raw), context=_context(webhook)).decode()
    except DamagedError as error:
        mend = "Make a new secret for the webhook."
        raise error.named("the secret of a webhook cannot be opened", mend=mend) from error


def _context(webhook: str) -> Context:
    return ("webhook secret", webhook)
