"""What stands first in a backup: what it is of, when it was made, and the digest of every file that follows."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from holofleet.clock import parse_utc, render_utc
from holofleet.errors import InputError

NAME = "manifest.json"
MOST = 1 << 20
_ID = re.compile(r"[0-9a-f]{32}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_KEY_FILE = re.compile(r"keys/[a-z0-9][a-z0-9.-]{0,60}\Z")
DATABASE = "holofleet.sqlite"
DATA_FILES = (
    "installation.json",
    "ca.pem",
    "device-ca.pem",
    "revocations",
    "FREEZE",
    "database-elsewhere",
    "two-person-plans",
    "recordings-in",
    DATABASE,
)
"""What is in a backup of data, if it is there."""
TLS_FILES = ("tls/server.key", "tls/server.pem")


class Part(StrEnum):
    """One of the two files that make a backup."""

    DATA = "data"
    KEYS = "keys"

    def takes(self, name: str) -> bool:
        """Whether a file of this name belongs into it: nothing else is ever written by a restore."""
        if self is Part.DATA:
            return name in DATA_FILES
        return name in TLS_FILES or _KEY_FILE.match(name) is not None


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How far the audit log reached, as a signed checkpoint, and how many records that were."""

    sequence: int
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its length and the SHA-256 of its content."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Member:
        """Measure a file.

        Raises:
            InputError: it cannot be read.
        """
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
                return cls(file.tell(), digest.hexdigest())
        except OSError as error:
            raise InputError(f"{path} cannot be read", detail=error.strerror or "") from error


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Args:
        part: Data or keys.
        installation: Id of the installation.
        epoch: Its epoch when the backup was made.
        made_at: When.
        version: Of the program.
        files: By name.
        audit: How far the audit log reached; of keys, and of a folder whose database was not at hand, ``None``.
    """

    part: Part
    installation: str
    epoch: int
    made_at: datetime
    version: str
    files: Mapping[str, Member]
    audit: AuditHead | None = None

    def render(self, key: bytes) -> bytes:
        """Return the text of the file, sealed with the installation's key for backups."""
        return _json({**self._said(), "mac": self._mac(key)})

    def is_of(self, key: bytes, mac: str) -> bool:
        """Whether the installation with this key made it. Anybody can encrypt something to a public key."""
        return hmac.compare_digest(self._mac(key), mac)

    def _mac(self, key: bytes) -> str:
        return hmac.digest(key, _json(self._said()), "sha256").hex()

    def _said(self) -> dict[str, Any]:
        audit = self.audit and {"sequence": self.audit.sequence, "checkpoint": self.audit.checkpoint}
        return {
            "format": 1,
            "part": str(self.part),
            "installation": self.installation,
            "epoch": self.epoch,
            "made_at": render_utc(self.made_at),
            "version": self.version,
            "files": {name: [one.size, one.sha256] for name, one in self.files.items()},
            "audit": audit,
        }


def parse(content: bytes, part: Part) -> tuple[Manifest, str]:
    """Read the text of a manifest; return it with the seal that it bears, which nobody has compared yet.

    Raises:
        InputError: it is damaged, of another part, or names a file that has no place in a data folder.
    """
    try:
        said = json.loads(content)
        if said["format"] != 1 or not _ID.match(said["installation"]):
            raise ValueError("another format")
        found = Part(said["part"])
        files = {str(name): Member(int(size), str(digest)) for name, (size, digest) in said["files"].items()}
        if any(one.size < 0 or not _DIGEST.match(one.sha256) or not found.takes(n) for n, one in files.items()):
            raise ValueError("files that have no place there")
        audit = said["audit"] and AuditHead(int(said["audit"]["sequence"]), str(said["audit"]["checkpoint"]))
        manifest = Manifest(
            found,
            said["installation"],
            int(said["epoch"]),
            parse_utc(said["made_at"]),
            str(said["version"]),
            MappingProxyType(files),
            audit or None,
        )
        mac = str(said["mac"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("the backup's manifest is damaged, or of a newer version") from error
    if found is not part:
        raise InputError(f"this is a backup of {found}, not of {part}", mend="Are the two files exchanged?")
    return manifest, mac


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")
