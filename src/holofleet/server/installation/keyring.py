"""The key encryption key, the keys derived from it, and private keys wrapped by it.

One 256-bit key stands above all others. It lies in a file outside the database and its backups; losing it loses
the device CA. Symmetric keys are not stored at all but derived from it (HKDF with SHA-256, RFC 5869), one per
purpose, bound to the installation. Private keys lie beside it in sealed boxes (:mod:`holofleet.server.sealing`),
bound to their name, so that one file cannot stand in for another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from enum import StrEnum

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from holofleet.errors import InputError
from holofleet.server.pki import Certificate, PrivateKey
from holofleet.server.sealing import KEY_BYTES, Context, DamagedError, SealedBox, SealingKey

FORMAT = 2
"""Of the file of a private key."""


class Purpose(StrEnum):
    """What a derived key is for. A new purpose is a new key; a name never changes its meaning."""

    BACKUP = "backup/1"
    WRAP = "wrap/1"
    CHECK = "check/1"
    CHECKPOINT = "checkpoint/1"
    COOKIE = "cookie/1"
    CREDENTIAL = "credential/1"
    CUSTODY = "custody/1"
    FINGERPRINT = "fingerprint/1"
    LEFT = "left/1"
    PEPPER = "pepper/1"
    RECORDING = "recording/1"
    WEBHOOK = "webhook/1"


class Keyring:
    """The keys of one installation. Never shown: its text form names no secret."""

    def __init__(self, kek: bytes, installation: str) -> None:
        """Take the key encryption key and the id of the installation that it belongs to.

        Raises:
            ValueError: the key has not 32 bytes.
        """
        if len(kek) != KEY_BYTES:
            raise ValueError(f"a key encryption key has {KEY_BYTES} bytes")
        self._kek = kek
        self._installation = installation

    def __repr__(self) -> str:
        return f"Keyring(installation={self._installation!r})"

    def derive(self, purpose: Purpose, of: str = "") -> bytes:
        """Return the 256-bit key for a purpose; always the same for one installation.

        Args:
            purpose: What it is for.
            of: Which of several keys for that purpose, as of a year; plain ASCII.
        """
        derivation = HKDF(
            algorithm=hashes.SHA256(),
            length=KEY_BYTES,
            salt=self._installation.encode("ascii"),
            info=f"holofleet {purpose}{'/' + of if of else ''}".encode("ascii"),
        )
        return derivation.derive(self._kek)

    def sealing_key(self, purpose: Purpose) -> SealingKey:
        """Return the key for a purpose as one that seals."""
        return SealingKey(self.derive(purpose))

    @property
    def check_value(self) -> str:
        """A value by which a wrong key encryption key is noticed before it is used."""
        return self.derive(Purpose.CHECK).hex()[:32]

    def matches(self, check_value: str) -> bool:
        """Whether ``check_value`` was made with this key."""
        return hmac.compare_digest(self.check_value, check_value)

    def wrap(self, certificate: Certificate, key: PrivateKey, name: str) -> bytes:
        """Return a certificate and its private key (PKCS#8, wrapped under this ring) as the text of a file."""
        plain = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        sealed = bytes(self.sealing_key(Purpose.WRAP).seal(plain, context=self._context(name)))
        record = {
            "format": FORMAT,
            "name": name,
            "certificate": base64.b64encode(certificate.der).decode("ascii"),
            "sealed": base64.b64encode(sealed).decode("ascii"),
        }
        return (json.dumps(record, indent=2) + "\n").encode("ascii")

    def unwrap(self, content: bytes, name: str) -> tuple[Certificate, PrivateKey]:
        """Return the certificate and private key that :meth:`wrap` stored under ``name``.

        Raises:
            InputError: the file is damaged, belongs to another name or installation, or to another key.
        """
        try:
            record = json.loads(content)
            if record["format"] != FORMAT or record["name"] != name:
                raise ValueError("another format or name")
            certificate, sealed = (
                base64.b64decode(record[part], validate=True) for part in ("certificate", "sealed")
            )
            box = SealedBox.parse(sealed)
            plain = self.sealing_key(Purpose.WRAP).open(box, context=self._context(name))
            key = serialization.load_der_private_key(plain, password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
                raise ValueError("a kind of key that is not used here")
            if Certificate(certificate).parsed.public_key() != key.public_key():
                raise ValueError("not the certificate of this key")
        except (ValueError, KeyError, TypeError, binascii.Error, DamagedError) as error:
            raise InputError(
                f"the wrapped key {name} cannot be opened",
                detail="The file is damaged, or it was wrapped under another key encryption key.",
                mend="Restore keys/ and the key encryption key from one and the same backup.",
            ) from error
        return Certificate(certificate), key

    def _context(self, name: str) -> Context:
        return ("private key", self._installation, name)


def render_kek(kek: bytes) -> bytes:
    """Return the text of a key file: 32 bytes in base64, one line."""
    return base64.b64encode(kek) + b"\n"


def parse_kek(content: bytes) -> bytes:
    """Read the text of a key file.

    Raises:
        InputError: not 32 bytes in base64.
    """
    try:
        kek = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        kek = b""
    if len(kek) != KEY_BYTES:
        raise InputError(
            "the key encryption key is not 32 bytes in base64",
            mend="Make one with: head -c 32 /dev/urandom | base64, in a file with mode 0600.",
        )
    return kek
