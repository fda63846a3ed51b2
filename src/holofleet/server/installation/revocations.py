"""Revocations in an append-only file outside the database (SECURITY D6).

A restored backup of the database has forgotten what was revoked since; this file has not. A line is
``KIND DIGEST TIME REASON``. A line that a crash cut off was never acknowledged and is passed over.
"""

from __future__ import annotations

import os
import re
import threading
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from holofleet.clock import Clock, render_utc
from holofleet.errors import StorageError


class Revoked(StrEnum):
    """What can be revoked for ever."""

    CERTIFICATE = "certificate"
    TOKEN = "token"  # noqa: S105 - a kind of thing, not a secret


_LINE = re.compile(r"(certificate|token) ([0-9a-f]{64}) (\S{20,30}) ([a-z0-9-]{1,64})\Z")


class RevocationFile:
    """The file, read once and held in memory as digests; safe for use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file and read it; it is made when the first revocation is written.

        Raises:
            StorageError: it is there and cannot be read.
        """
        self._path = path
        self._turn = threading.Lock()
        self._known: set[tuple[str, str]] = set()
        self.damaged_lines = 0
        try:
            text = path.read_text("ascii", errors="replace") if path.exists() else ""
        except OSError as error:
            raise StorageError(f"the revocations in {path} cannot be read", detail=str(error)) from error
        self._complete = not text or text.endswith("\n")
        for line in text.splitlines():
            match = _LINE.match(line)
            if match is None:
                self.damaged_lines += 1
            else:
                self._known.add((match.group(1), match.group(2)))

    def revoked(self, certificate_sha256: str) -> bool:
        """Whether the certificate with this SHA-256 (lower-case hex) of its DER was ever revoked."""
        return (Revoked.CERTIFICATE, certificate_sha256) in self._known

    def token_revoked(self, digest: str) -> bool:
        """Whether the API token with this digest (lower-case hex) was ever revoked."""
        return (Revoked.TOKEN, digest) in self._known

    def revoke_token(self, digest: str, clock: Clock) -> None:
        """Revoke an API token for ever.

        Raises:
            StorageError: the line cannot be written.
        """
        self.add(Revoked.TOKEN, digest, at=clock.now(), reason="revoked")

    def revoke_certificate(self, certificate_sha256: str, *, at: datetime, reason: str) -> None:
        """Revoke a certificate for ever; ``reason`` is one word.

        Raises:
            StorageError: the line cannot be written.
        """
        self.add(Revoked.CERTIFICATE, certificate_sha256, at=at, reason=reason)

    def add(self, kind: Revoked, digest: str, *, at: datetime, reason: str) -> None:
        """Revoke for ever. When this returns, the line is on the disk. Doing it twice writes one line.

        Args:
            kind: What is revoked.
            digest: Its SHA-256, lower-case hex.
            at: When.
            reason: One word of lower-case letters, digits and hyphens.

        Raises:
            ValueError: a digest or reason of another form.
            StorageError: the line cannot be written.
        """
        line = f"{kind} {digest} {render_utc(at)} {reason}"
        if _LINE.match(line) is None:
            raise ValueError("a revocation needs a SHA-256 in lower-case hex and a reason of one word")
        with self._turn:
            if (kind, digest) in self._known:
                return
            text = line if self._complete else f"\n{line}"
            self._complete = False  # a full disk may take a part of the line
            self._append(text)
            self._complete = True
            self._known.add((kind, digest))

    def _append(self, line: str) -> None:
        try:
            handle = os.open(
                self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
            try:
                rest = f"{line}\n".encode("ascii")
                while rest:
                    rest = rest[os.write(handle, rest) :]
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise StorageError(f"the revocation cannot be written to {self._path}", detail=str(error)) from error
