"""Making a backup: two files, so that whoever finds one of them has either no data or no keys."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from holofleet import __version__
from holofleet.errors import InputError
from holofleet.server.backup.age import Encrypting, Recipient
from holofleet.server.backup.manifest import (
    DATA_FILES,
    DATABASE,
    NAME,
    TLS_FILES,
    AuditHead,
    Manifest,
    Member,
    Part,
)
from holofleet.server.installation.keyring import Keyring, Purpose
from holofleet.server.installation.record import open_keyring


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk."""

    path: Path
    size: int
    files: tuple[str, ...]


def back_up_data(
    folder: Path,
    out: Path,
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    kek_file: Path | None = None,
    database: Path | None = None,
    audit: AuditHead | None = None,
) -> Made:
    """Write everything of a data folder but its keys. The server may run.

    Args:
        folder: The data folder.
        out: File to make; one that is there is not touched.
        recipients: Who can open it.
        now: The present moment.
        kek_file: A key encryption key kept elsewhere; it seals the manifest.
        database: A consistent copy of the database; without it none is in the backup.
        audit: How far the audit log reaches in that copy.

    Raises:
        InputError: something cannot be read or written, or the file is there already.
    """
    files = {name: path for name in DATA_FILES if name != DATABASE and (path := folder / name).exists()}
    if database is not None:
        files[DATABASE] = database
    return _write(Part.DATA, folder, out, recipients, files, now=now, kek_file=kek_file, audit=audit)


def back_up_keys(
    folder: Path, out: Path, recipients: Sequence[Recipient], *, now: datetime, kek_file: Path | None = None
) -> Made:
    """Write the keys of a data folder, and the certificate of its listeners with its key.

    A key encryption key that is kept elsewhere is not in it.

    Raises:
        InputError: something cannot be read or written, or the file is there already.
    """
    files = {f"keys/{path.name}": path for path in sorted((folder / "keys").iterdir()) if path.is_file()}
    files |= {name: path for name in TLS_FILES if (path := folder / name).exists()}
    return _write(Part.KEYS, folder, out, recipients, files, now=now, kek_file=kek_file, audit=None)


def _write(
    part: Part,
    folder: Path,
    out: Path,
    recipients: Sequence[Recipient],
    files: Mapping[str, Path],
    *,
    now: datetime,
    kek_file: Path | None,
    audit: AuditHead | None,
) -> Made:
    record, keys = open_keyring(folder, kek_file)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as still:
        frozen = _standing_still(files, Path(still))
        manifest = Manifest(
            part=part,
            installation=record.id,
            epoch=record.epoch,
            made_at=now,
            version=__version__,
            files={name: Member.of(path) for name, path in frozen.items()},
            audit=audit,
        )
        with _whole_file(out) as file:
            encrypted = Encrypting(file, recipients)
            _pack(encrypted, manifest, frozen, keys)
            encrypted.finish()
    return Made(out, out.stat().st_size, tuple(frozen))


def _standing_still(files: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Copy what a running server may add to, so that it has one length; the database is a copy already."""
    result = {}
    for number, (name, path) in enumerate(files.items()):
        result[name] = path
        if name != DATABASE:
            result[name] = folder / str(number)
            try:
                result[name].write_bytes(path.read_bytes())
            except OSError as error:
                raise InputError(f"{path} cannot be read", detail=error.strerror or "") from error
    return result


def _pack(out: Encrypting, manifest: Manifest, files: Mapping[str, Path], keys: Keyring) -> None:
    with tarfile.open(fileobj=cast("BinaryIO", out), mode="w|", format=tarfile.PAX_FORMAT) as archive:
        said = manifest.render(keys.derive(Purpose.BACKUP))
        archive.addfile(_entry(NAME, len(said)), io.BytesIO(said))
        for name, path in files.items():
            with path.open("rb") as content:
                archive.addfile(_entry(name, manifest.files[name].size), content)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file that is there whole, on the disk and under its name, or not at all; only we can read it.

    Raises:
        InputError: there is one of that name, or it cannot be written.
    """
    if path.exists() or path.is_symlink():
        raise InputError(f"{path}: exists already", mend="No backup takes the place of another: name a new file.")
    part = path.with_name(f".{path.name}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise InputError(f"{part}: cannot be made", detail=error.strerror or "") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise InputError(f"{path}: cannot be written", detail=error.strerror or "") from error
        raise
