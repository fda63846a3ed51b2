"""Signed checkpoints: one line that says how far the chain reached, to be kept where this server cannot write.

    holofleet-checkpoint/1 INSTALLATION SEQUENCE HASH TIME KEY SIGNATURE

The signature is Ed25519 over everything before it. There is a key a year, derived from the key encryption key, so
that the database can neither make nor hide one; whoever verifies compares KEY with one that was noted before.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from holofleet.clock import parse_utc, render_utc
from holofleet.errors import InputError
from holofleet.server.audit.chain import Anchor

_FORM = "holofleet-checkpoint/1"
_LINE = re.compile(
    rf"({re.escape(_FORM)} [0-9a-f]{{32}} ([0-9]{{1,18}}) ([0-9a-f]{{64}}) ([0-9TZ:.+-]{{20,32}}) "
    r"([A-Za-z0-9+/]{43}=)) ([A-Za-z0-9+/]{86}==)"
)
MAX_LINE = 512


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint whose signature fits the key that it names.

    Args:
        anchor: The record that it names.
        key: Public key, base64; worth as much as the place that it was noted in before.
        line: The whole line.
        at: When it was signed.
    """

    anchor: Anchor
    key: str
    line: str
    at: datetime


def public_key(seed: bytes) -> str:
    """Return the public key of a year's secret, as it stands in a line."""
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()).decode()


def sign(installation: str, anchor: Anchor, at: datetime, seed: bytes) -> Checkpoint:
    """Make a checkpoint.

    Args:
        installation: Id of the installation, 32 hexadecimal digits.
        anchor: The newest record.
        at: Now.
        seed: 32 secret bytes of the year's key.
    """
    key = public_key(seed)
    said = f"{_FORM} {installation} {anchor.sequence} {anchor.hash} {render_utc(at)} {key}"
    signature = base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(said.encode())).decode()
    return Checkpoint(anchor, key, f"{said} {signature}", at)


def parse(line: str) -> Checkpoint:
    """Read a line and check its signature.

    Raises:
        InputError: it is no checkpoint, or was changed.
    """
    match = _LINE.fullmatch(line.strip()) if len(line) <= MAX_LINE else None
    if match is None:
        raise InputError("this is no checkpoint", mend=f"A checkpoint is one line that begins with {_FORM}.")
    said, sequence, digest, moment, key, signature = match.groups()
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
        public.verify(base64.b64decode(signature), said.encode())
        at = parse_utc(moment)
    except (InvalidSignature, ValueError, binascii.Error) as error:
        raise InputError(
            f"the checkpoint of record {sequence} was changed", detail="Its signature does not fit."
        ) from error
    return Checkpoint(Anchor(int(sequence), digest), key, line.strip(), at)
