"""The files of recordings: one folder for each, one file for each chunk, sealed before it comes here."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from holofleet.errors import StorageError
from holofleet.server.installation.private import make_private_folder, require_own_folder
from holofleet.server.sealing import DamagedError, SealingKey

_YOUNG: Final = timedelta(hours=1)
"""A file without a row may still get one for so long."""


class Shelf(Protocol):
    """Keeps sealed chunks."""

    @property
    def is_there(self) -> bool:
        """Whether anything is recorded at all here."""
        ...

    def free_share(self) -> float:
        """Return the share of the disk that is free, 0 to 1."""
        ...

    def put(self, recording: str, number: int, body: bytes) -> str:
        """Keep a chunk so that a crash leaves it whole or not at all; return its name.

        Raises:
            StorageError: it cannot be written.
        """
        ...

    def get(self, recording: str, name: str) -> bytes:
        """Return a chunk.

        Raises:
            StorageError: it is gone, or cannot be read.
        """
        ...

    def drop(self, recording: str, name: str) -> None:
        """Delete a chunk; one that is not there is gone already."""
        ...

    def clear(self, recording: str) -> None:
        """Delete a whole recording; one that is not there is gone already."""
        ...

    def sweep(self, names: Callable[[str], Collection[str] | None], *, now: datetime) -> int:
        """Delete what is of no recording that is kept, and of these what is not among their ``names``.

        Args:
            names: Returns the chunks of a recording, and ``None`` for one that is not kept.
            now: The present moment.
        """
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where recordings are kept, and the keys of an installation that stand above theirs."""

    shelf: Shelf
    sealing_key: SealingKey
    pass_key: bytes


class NoShelf:
    """Implements :class:`Shelf` where nothing is recorded."""

    is_there = False

    def free_share(self) -> float:
        return 0.0

    def put(self, recording: str, number: int, body: bytes) -> str:
        raise StorageError("nothing is recorded here", mend="Start holofleet serve with --recordings DIR.")

    def get(self, recording: str, name: str) -> bytes:
        raise StorageError(
            "the folder of recordings is not known here", mend="Start holofleet serve with --recordings DIR."
        )

    def drop(self, recording: str, name: str) -> None:
        """Nothing is there."""

    def clear(self, recording: str) -> None:
        """Nothing is there."""

    def sweep(self, names: Callable[[str], Collection[str] | None], *, now: datetime) -> int:
        return 0


class FolderShelf:
    """Implements :class:`Shelf` in a folder that is ours alone."""

    def __init__(self, folder: Path, *, records: bool = True) -> None:
        """Take the folder, made if it is missing; without ``records`` it is only read and emptied.

        Raises:
            InputError: others can write into it, or it cannot be made.
        """
        if not folder.exists():
            make_private_folder(folder)
        require_own_folder(folder)
        self._folder = folder
        self._records = records

    @property
    def is_there(self) -> bool:
        return self._records

    def free_share(self) -> float:
        usage = shutil.disk_usage(self._folder)
        return usage.free / usage.total if usage.total else 0.0

    def put(self, recording: str, number: int, body: bytes) -> str:
        name = f"{number:06d}-{secrets.token_hex(6)}"
        place = self._folder / recording
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            # Its row names it once it is whole, so it needs no second name meanwhile.
            handle = os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(body)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise StorageError("a recording cannot be written", detail=error.strerror or "") from error
        return name

    def get(self, recording: str, name: str) -> bytes:
        try:
            return (self._folder / recording / name).read_bytes()
        except OSError as error:
            raise DamagedError(
                "the recording is damaged: a part of it is gone",
                detail=error.strerror or "",
                mend="Restore the folder of recordings and the database from one and the same backup.",
            ) from error

    def drop(self, recording: str, name: str) -> None:
        (self._folder / recording / name).unlink(missing_ok=True)

    def clear(self, recording: str) -> None:
        shutil.rmtree(self._folder / recording, ignore_errors=True)

    def sweep(self, names: Callable[[str], Collection[str] | None], *, now: datetime) -> int:
        swept = 0
        young = (now - _YOUNG).timestamp()
        for place in sorted(path for path in self._folder.iterdir() if path.is_dir()):
            # Rows are there before files are, so whoever is asked after the folder was seen knows all of them.
            known = names(place.name)
            if known is None:
                self.clear(place.name)
                swept += 1
                continue
            for path in place.iterdir():
                if path.name not in known and path.stat().st_mtime < young:
                    path.unlink(missing_ok=True)
                    swept += 1
        return swept
