"""One apply at a time: a lock beside the journal, held from before the tenant is read until it is as planned.

Graph has no lock and takes the same creation twice, so two applies that both read "not there" would make
everything twice. The lock is of the machine that holds the folder: applies with different folders do not see each
other.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from holofleet.clock import parse_utc, render_utc
from holofleet.errors import ConflictError, InputError

_LONGEST = 256


class OtherRunError(ConflictError):
    """Another apply works on the tenant; ``pid`` is its process, 0 where it is not known."""

    def __init__(self, pid: int, since: datetime | None) -> None:
        who = f"process {pid}" if pid else "another process"
        when = f", since {render_utc(since)}" if since is not None else ""
        super().__init__(
            f"another apply works on this tenant: {who}{when}",
            detail="Graph has no lock of its own: two applies at once would make every new object twice.",
            mend="Wait until it has ended, then plan again.",
        )
        self.pid = pid
        self.since = since


@contextmanager
def one_at_a_time(path: Path, *, now: datetime) -> Iterator[None]:
    """Hold the lock, at once or not at all; the end of the process gives it back, however it comes.

    Args:
        path: The lock file; its folder is made where it is missing.
        now: Told to whoever finds the lock held.

    Raises:
        OtherRunError: somebody else holds it.
        InputError: the file cannot be used.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise InputError(f"{path}: the lock of an apply cannot be kept", detail=str(error.strerror)) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OtherRunError(*_holder(handle)) from None
        _write(handle, json.dumps([os.getpid(), render_utc(now)]))
        try:
            yield
        finally:
            # The file stays: who deletes it while another waits for it would let two in.
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _write(handle: int, text: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode("ascii"), 0)


def _holder(handle: int) -> tuple[int, datetime | None]:
    """Return who holds the lock and since when, as far as it wrote that down already."""
    try:
        pid, since = json.loads(os.pread(handle, _LONGEST, 0))
        return int(pid), parse_utc(since)
    except (ValueError, TypeError):
        return 0, None
