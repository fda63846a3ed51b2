"""A folder that is replaced as a whole: a crash leaves either the old one or the new one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files beside a folder, then put them in its place; all are readable by their owner only.

    Args:
        folder: What is replaced; whoever calls made sure that nothing of somebody else lies in it.
        files: Relative POSIX paths and contents.
    """
    parent = folder.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=parent))
    try:
        for name, content in files:
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
        _replace(folder, fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _replace(folder: Path, fresh: Path) -> None:
    old = fresh.with_name(fresh.name + "-old")
    if folder.exists():
        os.rename(folder, old)
    os.rename(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)
