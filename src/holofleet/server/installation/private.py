"""Files that nobody else may read: written whole or not at all, and refused when they lie open."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from holofleet.errors import InputError

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_private_folder(path: Path) -> None:
    """Make a folder that only we can enter; an existing one is checked instead.

    Raises:
        InputError: it lies open, belongs to somebody else, or cannot be made.
    """
    try:
        path.mkdir(mode=FOLDER_MODE, parents=True)
    except FileExistsError:
        require_private(path)
    except OSError as error:
        raise InputError(f"the folder {path} cannot be made", detail=error.strerror or "") from error


def require_private(path: Path) -> None:
    """Check that a file or folder belongs to us (or root) and gives others nothing. Links are refused.

    Raises:
        InputError: it does not, or cannot be looked at.
    """
    try:
        status = path.lstat()
    except OSError as error:
        raise InputError(f"{path} cannot be read", detail=error.strerror or "") from error
    folder = stat.S_ISDIR(status.st_mode)
    if not folder and not stat.S_ISREG(status.st_mode):
        raise InputError(
            f"{path} is neither a plain file nor a folder", detail="Secrets are not read through links or devices."
        )
    if status.st_uid not in (os.geteuid(), 0):
        raise InputError(
            f"{path} belongs to another user (uid {status.st_uid})",
            detail="Its owner could read or replace the keys of the whole fleet.",
            mend="Run the server as the user who owns the data folder.",
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        wanted = FOLDER_MODE if folder else FILE_MODE
        raise InputError(
            f"{path} is open to other users (mode {mode:04o})",
            detail="Whoever reads the keys can act as this server for every headset of the fleet.",
            mend=f"Find out who may have read it, then: chmod {wanted:04o} '{path}'",
        )


def require_own_folder(path: Path) -> None:
    """Check that nobody else can put files into a folder or take them away; reading its names is no harm.

    Raises:
        InputError: somebody else can, or it is no folder.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"the folder {path} cannot be used", detail=error.strerror or "") from error
    if not stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is not a folder")
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
        raise InputError(
            f"other users can change the folder {path} (mode {stat.S_IMODE(status.st_mode):04o})",
            detail="They could put their own certificates and revocations in place of ours.",
            mend=f"Use a folder of your own, or: chmod go-w '{path}'",
        )


def write_private(path: Path, content: bytes, *, mode: int = FILE_MODE) -> None:
    """Write a file so that after a crash the old or the new content is there, never a part.

    Raises:
        InputError: it cannot be written.
    """
    handle, temporary = None, ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.fchmod(handle, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise InputError(f"{path} cannot be written", detail=error.strerror or "") from error


def read_private(path: Path) -> bytes:
    """Read a file that must not lie open.

    Raises:
        InputError: it lies open, or cannot be read.
    """
    require_private(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read", detail=error.strerror or "") from error


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
