"""Opening a backup: into a new folder, checked before anything works in it.

Nothing in a backup is believed because it could be decrypted: everybody can encrypt to a public key. The keys must
fit the check value of the installation's record, and the data bear a seal that only those keys can make.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from holofleet.errors import InputError
from holofleet.server.backup.age import Identity, pieces
from holofleet.server.backup.manifest import MOST, NAME, Manifest, Member, Part, parse
from holofleet.server.installation.keyring import Purpose
from holofleet.server.installation.private import make_private_folder
from holofleet.server.installation.record import open_keyring

PUBLIC = frozenset({"ca.pem", "device-ca.pem"})
"""What people and headsets are given anyway."""
_FOREIGN = "the backup of data was not made by the installation that these keys are of"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A folder that was made of a backup; no server has worked in it yet."""

    folder: Path
    data: Manifest
    keys: Manifest


def unpack(
    into: Path,
    *,
    data: tuple[Path, Identity],
    keys: tuple[Path, Identity],
    kek_file: Path | None = None,
) -> Unpacked:
    """Unpack both files of a backup into an empty folder.

    Args:
        into: An empty folder that nobody else can enter.
        data: The backup of data, and what opens it.
        keys: The backup of keys, and what opens it.
        kek_file: A key encryption key that was kept elsewhere.

    Raises:
        InputError: a file is no backup, is encrypted to somebody else, was changed, is cut off, belongs to another
            installation, or was made up by somebody who has only the public key.
    """
    for name in ("keys", "tls"):
        make_private_folder(into / name)
    of_keys, keys_mac = _unpack(into, Part.KEYS, *keys)
    of_data, data_mac = _unpack(into, Part.DATA, *data)
    if of_keys.installation != of_data.installation:
        raise InputError(_FOREIGN)
    if "installation.json" not in of_data.files:
        raise InputError("the backup's manifest is damaged, or of a newer version")
    record, ring = open_keyring(into, kek_file)
    key = ring.derive(Purpose.BACKUP)
    if record.id != of_data.installation or not of_data.is_of(key, data_mac) or not of_keys.is_of(key, keys_mac):
        raise InputError(_FOREIGN, detail="Whoever has the public key can encrypt something, and nothing more.")
    return Unpacked(into, of_data, of_keys)


def _unpack(into: Path, part: Part, path: Path, identity: Identity) -> tuple[Manifest, str]:
    try:
        with path.open("rb") as source:
            stream = cast("IO[bytes]", io.BufferedReader(_Pieces(pieces(source, identity))))
            with tarfile.open(fileobj=stream, mode="r|", errorlevel=2) as archive:
                manifest, mac = _manifest(archive, part)
                _files(archive, manifest, into)
            while stream.read(1 << 16):
                pass  # to the end, so that a file that was cut off behind its last entry is noticed
    except tarfile.TarError as error:
        raise InputError(f"{path}: its content is damaged", detail=str(error)) from error
    except OSError as error:
        raise InputError(f"{error.filename or path}: {error.strerror or 'cannot be used'}") from error
    return manifest, mac


def _manifest(archive: tarfile.TarFile, part: Part) -> tuple[Manifest, str]:
    first = archive.next()
    if first is None or first.name != NAME or not first.isreg() or first.size > MOST:
        raise InputError("the backup has no manifest")
    return parse(_content(archive, first).read(), part)


def _files(archive: tarfile.TarFile, manifest: Manifest, into: Path) -> None:
    """Write the files that the manifest names, each once, with the content that it names.

    Raises:
        InputError: one too many, too few or of another content.
    """
    open_names = dict(manifest.files)
    while (entry := archive.next()) is not None:
        wanted = open_names.pop(entry.name, None)
        if wanted is None or not entry.isreg() or entry.size != wanted.size:
            raise InputError("the backup holds something else than its manifest says")
        _write(_content(archive, entry), into / entry.name, wanted)
    if open_names:
        raise InputError("the backup holds less than its manifest says", detail=f"Missing: {min(open_names)}.")


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    found = archive.extractfile(entry)
    if found is None:
        raise InputError("the backup holds something else than its manifest says")
    return found


def _write(content: IO[bytes], path: Path, wanted: Member) -> None:
    digest = hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        if path.name in PUBLIC:
            os.fchmod(handle, 0o644)
        while piece := content.read(1 << 20):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != wanted.sha256:
        raise InputError("the backup holds something else than its manifest says", detail=f"File: {path.name}.")


class _Pieces(io.RawIOBase):
    """A stream of what an iterator yields."""

    def __init__(self, source: Iterator[bytes]) -> None:
        super().__init__()
        self._source, self._held = source, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what BufferedReader gives
        while not self._held:
            following = next(self._source, None)
            if following is None:
                return 0
            self._held = following
        count = min(len(buffer), len(self._held))
        buffer[:count], self._held = self._held[:count], self._held[count:]
        return count
