"""Where secrets come from: the environment of this process, and files below one folder that the operator names.

A fleet file is not trusted to choose what is read (SECURITY D2): only variables that begin with
``HOLOFLEET_SECRET_``, and only plain files directly below the folder, never through a link. Nothing is kept: a
secret is read when it is sent or compared, so that a rotated one is seen at the next check-in.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from holofleet.resources.document import UNCARRIED

ENVIRONMENT = re.compile(r"env:(HOLOFLEET_SECRET_[A-Z0-9_]{1,100})\Z")
FILE = re.compile(r"file:([A-Za-z0-9][A-Za-z0-9._-]{0,100})\Z")
MAX_BYTES = 16 * 1024
"""Of a secret in a file. Ours; the longest that a headset takes is a certificate with its key."""


class SecretSources:
    """Implements :class:`holofleet.server.ports.SecretResolver`.

    Args:
        key: Key of this installation for fingerprints; a plain hash of a short secret could be searched.
        environment: Where variables are looked up, normally ``os.environ``.
        folder: Folder for ``file:`` references; ``None`` refuses them all.
    """

    def __init__(self, *, key: bytes, environment: Mapping[str, str], folder: Path | None) -> None:
        self._key = key
        self._environment = environment
        self._folder = folder

    def fingerprint(self, reference: str) -> str | None:
        value = self.value(reference)
        if value is None:
            return None
        return hmac.new(self._key, f"{reference}\x00{value}".encode(), hashlib.sha256).hexdigest()[:32]

    def value(self, reference: str) -> str | None:
        """Return the value without its last line end.

        ``None`` for none, an empty one, one that no message can carry, or a refused reference.
        """
        value = None
        if match := ENVIRONMENT.match(reference):
            value = self._environment.get(match.group(1))
        elif (match := FILE.match(reference)) and self._folder is not None:
            value = _read(self._folder / match.group(1))
        return value if value and not UNCARRIED.search(value) else None


def _read(path: Path) -> str | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        return None
    try:
        return content.decode().rstrip("\r\n") or None
    except UnicodeDecodeError:
        return None
