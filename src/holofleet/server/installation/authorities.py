"""The two authorities of a data folder: their certificates in the open, their keys wrapped.

The file in ``keys/`` holds certificate and key together, so a crash leaves both or none; the certificate beside
it is a copy, written again when it is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from holofleet.errors import InputError
from holofleet.server.installation.keyring import Keyring
from holofleet.server.installation.private import read_private, write_private
from holofleet.server.pki import Certificate, PrivateKey

PUBLIC_MODE = 0o644
Pair = tuple[Certificate, PrivateKey]


def open_pair(
    keys: Keyring, folder: Path, *, certificate_name: str, key_name: str, make: Callable[[], Pair]
) -> Pair:
    """Open a certificate and its wrapped key, or make both where there is no certificate yet.

    Raises:
        InputError: one of the two is gone or damaged, or they do not belong together.
    """
    certificate_path, key_path = folder / certificate_name, folder / "keys" / key_name
    shown = read_certificate(certificate_path)
    if not key_path.exists():
        if shown is not None:
            raise InputError(
                f"the private key {key_path} is gone, its certificate {certificate_path} is there",
                detail="A new key would be another authority, which nobody trusts who trusts this one.",
                mend="Restore it from the backup of keys/.",
            )
        write_private(key_path, keys.wrap(*make(), key_name))
    certificate, key = keys.unwrap(read_private(key_path), key_name)
    if shown is None:
        write_private(certificate_path, certificate.pem.encode("ascii"), mode=PUBLIC_MODE)
    elif shown != certificate:
        raise InputError(f"{key_path} is not the key of {certificate_path}", mend="Restore both from one backup.")
    return certificate, key


def read_certificate(path: Path) -> Certificate | None:
    """Read the first certificate of a PEM file; ``None`` if there is no file.

    Raises:
        InputError: the file holds no certificate.
    """
    if not path.exists():
        return None
    try:
        return Certificate.from_pem(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} holds no certificate", mend="Restore it from its backup.") from error
