"""The journal of creations: what was about to be made when a run ended.

A process that is killed between sending a creation and reading the answer leaves nothing behind in the tenant
that a list shows at once. The journal keeps the key of the creation, so that the next run looks before it makes
a second one. It holds keys and times only, no secret.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from holofleet.errors import InputError


class Journal(Protocol):
    """Keeps creations that have begun and not ended."""

    def begin(self, key: str, at: float) -> None:
        """A creation is about to be sent."""
        ...

    def end(self, key: str) -> None:
        """Its outcome is known."""
        ...

    def since(self, key: str) -> float | None:
        """Return when it began, in seconds since the epoch; ``None`` where nothing is open."""
        ...


class MemoryJournal:
    """A journal that lives as long as the object: for one run, and for tests that restart a run."""

    def __init__(self) -> None:
        self.open: dict[str, float] = {}

    def begin(self, key: str, at: float) -> None:
        self.open.setdefault(key, at)

    def end(self, key: str) -> None:
        self.open.pop(key, None)

    def since(self, key: str) -> float | None:
        return self.open.get(key)


class FileJournal:
    """A journal in a file of 0600, one line an entry; rewritten when it is opened.

    Raises:
        InputError: the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._memory = MemoryJournal()
        self._path = path
        with self._failures():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for line in path.read_text().splitlines() if path.exists() else ():
                self._take(line)
            left = "".join(_line("begin", key, at) for key, at in self._memory.open.items())
            fresh = path.with_name(path.name + ".new")
            fresh.unlink(missing_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(left)
            fresh.replace(path)

    def begin(self, key: str, at: float) -> None:
        if self._memory.since(key) is None:
            self._memory.begin(key, at)
            self._append(_line("begin", key, at))

    def end(self, key: str) -> None:
        if self._memory.since(key) is not None:
            self._memory.end(key)
            self._append(_line("end", key, 0.0))

    def since(self, key: str) -> float | None:
        return self._memory.since(key)

    def _take(self, line: str) -> None:
        """Read one line; a last line that a crash cut short is left out."""
        try:
            act, key, at = json.loads(line)
        except ValueError:
            return
        if act == "begin":
            self._memory.begin(str(key), float(at))
        else:
            self._memory.end(str(key))

    def _append(self, line: str) -> None:
        with self._failures(), self._path.open("a") as file:
            file.write(line)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(f"{self._path}: the journal cannot be kept", detail=str(error.strerror)) from error


def _line(act: str, key: str, at: float) -> str:
    return json.dumps([act, key, at], ensure_ascii=False) + "\n"
