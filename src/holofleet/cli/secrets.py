"""Secrets for commands that send or write by themselves: files, packages, the tenant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from holofleet.errors import InputError


def resolver(folder: Path | None) -> Callable[[str], str | None]:
    """Return the function from a reference to its value, by the rules of the server (SECURITY D2).

    Args:
        folder: Where ``file:`` references are read; ``None`` refuses them.

    Raises:
        InputError: that is no folder.
    """
    import os

    from holofleet.server.management.secret_sources import SecretSources

    if folder is not None and not folder.is_dir():
        raise InputError(f"{folder}: this is no folder", mend="Name the folder of the secrets' files.")
    return SecretSources(key=b"", environment=os.environ, folder=folder).value
