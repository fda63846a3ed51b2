"""One server, or one command that opens the store itself, works in a data folder at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from holofleet.errors import RefusedError

LOCK_NAME = "lock"


class FolderInUseError(RefusedError):
    """Another process holds the data folder; ``pid`` is what it wrote there, 0 if it wrote nothing."""

    def __init__(self, folder: Path, pid: int) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"the data folder {folder} is in use by {who}",
            mend="Talk to the server that runs there, or wait for the command to end.",
        )
        self.pid = pid


class FolderLock:
    """The lock of a data folder, held until :meth:`release` or the end of the process."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, folder: Path) -> FolderLock:
        """Take the lock at once or not at all.

        Raises:
            FolderInUseError: somebody else holds it.
        """
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _read_pid(handle)
            os.close(handle)
            raise FolderInUseError(folder, pid) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        return cls(handle)

    def release(self) -> None:
        """Give the lock back; safe to call twice."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = -1


def is_locked(folder: Path) -> bool:
    """Whether some process holds the lock of ``folder`` now."""
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _read_pid(handle: int) -> int:
    text = os.pread(handle, 32, 0).decode("ascii", errors="replace").strip()
    return int(text) if text.isdecimal() else 0
