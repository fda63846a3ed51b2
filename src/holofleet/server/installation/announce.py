"""How a command on the same machine finds the server that runs in a data folder, and gets in."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from holofleet.errors import InputError
from holofleet.server.installation.lock import is_locked
from holofleet.server.installation.private import read_private, write_private

SERVER_NAME = "server.json"
TOKEN_NAME = "local-admin.token"  # noqa: S105 - the name of a file, not a secret


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server listens. ``token_file`` holds the local administrator's token, new at each start.

    ``name`` is a name in its certificate, for commands that reach it by address; empty where the address is one.
    """

    address: str
    device_address: str
    pid: int
    ca: Path
    token_file: Path
    name: str = ""

    def read_token(self) -> str:
        """Read the local administrator's token.

        Raises:
            InputError: the file lies open to others, or is gone.
        """
        return read_private(self.token_file).decode("ascii").strip()


def announce(folder: Path, server: RunningServer, token: str) -> None:
    """Write the token, then ``server.json``, both readable by us alone."""
    write_private(server.token_file, f"{token}\n".encode("ascii"))
    record = {
        "address": server.address,
        "device_address": server.device_address,
        "pid": server.pid,
        "ca": str(server.ca),
        "token_file": str(server.token_file),
        "name": server.name,
    }
    write_private(folder / SERVER_NAME, (json.dumps(record, indent=2) + "\n").encode())


def withdraw(folder: Path) -> None:
    """Take back what :func:`announce` wrote; safe when nothing was."""
    for name in (SERVER_NAME, TOKEN_NAME):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(folder / name)


def find_running_server(folder: Path) -> RunningServer | None:
    """Return the server that runs in ``folder``, or ``None``: what a dead one left behind does not count.

    Raises:
        InputError: the announcement lies open to others or is no announcement.
    """
    path = folder / SERVER_NAME
    if not path.exists() or not is_locked(folder):
        return None
    try:
        record = json.loads(read_private(path))
        return RunningServer(
            address=str(record["address"]),
            device_address=str(record["device_address"]),
            pid=int(record["pid"]),
            ca=Path(record["ca"]),
            token_file=Path(record["token_file"]),
            name=str(record.get("name", "")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} does not say where the server is", mend="Start the server again.") from error
