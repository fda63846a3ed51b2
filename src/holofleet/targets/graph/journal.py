"""The journal of creations: what was made, or about to be made, a short while ago.

A new object may stay unseen for minutes. A run that is killed, or simply repeated, would take it for missing and
make a second one. The journal keeps the keys of recent creations, so that the next run looks, and waits, before
it makes anything twice. It holds keys and times only, no secret.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from holofleet.errors import InputError

KEPT_S = 3600.0
"""Far longer than anything stays unseen."""


class Journal(Protocol):
    """Keeps recent creations by key."""

    def begin(self, key: str, at: float) -> None:
        """A creation is about to be sent; ``at`` in seconds since the epoch."""
        ...

    def forget(self, key: str) -> None:
        """It was refused: surely nothing was made."""
        ...

    def since(self, key: str) -> float | None:
        """Return when it was sent last; ``None`` where nothing is known."""
        ...


class MemoryJournal:
    """A journal that lives as long as the object: for one run, and for tests that restart a run."""

    def __init__(self) -> None:
        self.entries: dict[str, float] = {}

    def begin(self, key: str, at: float) -> None:
        self.entries[key] = at

    def forget(self, key: str) -> None:
        self.entries.pop(key, None)

    def since(self, key: str) -> float | None:
        return self.entries.get(key)


class FileJournal:
    """A journal in a file of 0600, one line an entry.

    Args:
        path: The file; its folder is made where it is missing.
        now: Seconds since the epoch.
        alone: No other run writes to it (:mod:`holofleet.targets.graph.run_lock`), so that it is written anew
            without old entries. Else it is only read and added to: a plan must not lose what an apply notes.

    Raises:
        InputError: the file cannot be used.
    """

    def __init__(self, path: Path, *, now: float, alone: bool = True) -> None:
        self._memory = MemoryJournal()
        self._path = path
        with self._failures():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for line in path.read_text().splitlines() if path.exists() else ():
                self._take(line, now - KEPT_S)
            if alone:
                self._rewrite()

    def begin(self, key: str, at: float) -> None:
        self._memory.begin(key, at)
        self._append(_line(key, at))

    def forget(self, key: str) -> None:
        if self._memory.since(key) is not None:
            self._memory.forget(key)
            self._append(_line(key, None))

    def since(self, key: str) -> float | None:
        return self._memory.since(key)

    def _rewrite(self) -> None:
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.writelines(_line(key, at) for key, at in self._memory.entries.items())
        fresh.replace(self._path)

    def _take(self, line: str, oldest: float) -> None:
        """Read one line; a last line that a crash cut short is left out."""
        try:
            key, at = json.loads(line)
        except (ValueError, TypeError):
            return
        self._memory.forget(str(key))
        if isinstance(at, int | float) and at >= oldest:
            self._memory.begin(str(key), float(at))

    def _append(self, line: str) -> None:
        with self._failures():
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "a") as file:
                file.write(line)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(f"{self._path}: the journal cannot be kept", detail=str(error.strerror)) from error


def _line(key: str, at: float | None) -> str:
    return json.dumps([key, at], ensure_ascii=False) + "\n"
