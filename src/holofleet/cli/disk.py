"""Files that are named on a command line: read with a limit, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from holofleet.errors import InputError


def read_file(path: Path, most: int, *, follow: bool = True) -> bytes:
    """Read a regular file; a pipe would never end.

    Args:
        path: What the operator named.
        most: Bytes that such a file has at most.
        follow: Whether a link is followed; what comes from elsewhere is not.

    Raises:
        InputError: not there, not a regular file, or larger.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not follow and path.is_symlink():
            raise InputError(f"{path}: a link, not a file", mend="Name the file that it leads to.")
        with open(os.open(path, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{path}: not a regular file")
            content = file.read(most + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read", detail=error.strerror or "") from error
    if len(content) > most:
        raise InputError(f"{path}: larger than {most:,} bytes", mend="Is this the right file?")
    return content


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner only; one of that name is replaced.

    Raises:
        InputError: it cannot be written there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise InputError(f"{path}: cannot be written", detail=error.strerror or "") from error
