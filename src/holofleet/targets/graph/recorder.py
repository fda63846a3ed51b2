"""The record of what was asked (``--record FILE``): one JSON line per operation, for reviewers.

Items of a batch stand on their own lines, a request that was sent again stands once, and secrets are masked.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from holofleet.errors import InputError
from holofleet.targets.graph.masking import masked
from holofleet.targets.graph.operations import Request


class Recorder(Protocol):
    """Is told of every operation before it is sent for the first time."""

    def record(self, request: Request, url: str) -> None:
        """Note one operation; ``url`` is its path with query below the version."""
        ...


class FileRecorder:
    """Writes to a file that only its owner can read; an existing file is replaced.

    Raises:
        InputError: the file cannot be written, or is a link.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        try:
            handle = os.open(path, flags, 0o600)
            os.fchmod(handle, 0o600)
        except OSError as error:
            raise InputError(f"{path}: the record cannot be written", detail=str(error.strerror)) from error
        self._file = os.fdopen(handle, "w", encoding="utf-8")

    def record(self, request: Request, url: str) -> None:
        self._file.write(line(request, url) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


def line(request: Request, url: str) -> str:
    """Return one operation as a JSON line, secrets masked."""
    operation = request.operation
    entry = {"version": operation.version, "method": operation.method, "path": url, "body": masked(request)}
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
