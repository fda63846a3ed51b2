"""Read secrets from this process's environment, or from files below one folder."""

from __future__ import annotations

import hashlib
import hmac
import re
import stat
from collections.abc import Mapping
from pathlib import Path

MAX_SECRET_BYTES = 64 * 1024
_VARIABLE = re.compile(r"HOLOFLEET_SECRET_[A-Z0-9_]{1,100}\Z")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\Z")


class LocalSecrets:
    """Resolves ``env:HOLOFLEET_SECRET_NAME`` and ``file:NAME``; everything else has no value.

    A fleet file comes from people who may not read the server's own files or environment, so the names are
    narrow: variables with one prefix, and plain file names (no folders, no links) below ``folder``.

    Args:
        key: Key of the fingerprints, derived from the installation's key; a stored fingerprint is worth nothing
            without it.
        environment: The process's environment.
        folder: Where ``file:`` references are read; ``None`` when the operator configured none.
    """

    def __init__(self, *, key: bytes, environment: Mapping[str, str], folder: Path | None = None) -> None:
        self._key = key
        self._environment = environment
        self._folder = folder

    def value(self, reference: str) -> str | None:
        """Return the value now, or ``None`` if there is none; a trailing line end of a file is not part of it."""
        scheme, _, name = reference.partition(":")
        if scheme == "env" and _VARIABLE.match(name):
            return self._environment.get(name) or None
        if scheme == "file" and self._folder is not None and _FILE_NAME.match(name):
            return _read(self._folder / name)
        return None

    def fingerprint(self, reference: str) -> str | None:
        """Return an HMAC-SHA-256 of the value, cut to 128 bits (hex), or ``None`` if there is no value."""
        value = self.value(reference)
        if value is None:
            return None
        return hmac.new(self._key, f"{reference}\x00{value}".encode(), hashlib.sha256).hexdigest()[:32]


def _read(path: Path) -> str | None:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_SECRET_BYTES:
            return None
        return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r") or None
    except (OSError, UnicodeDecodeError):
        return None
