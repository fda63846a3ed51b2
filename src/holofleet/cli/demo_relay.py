"""The media relay of the demo: a coturn on loopback with a secret of its own, where the program is installed.

It listens on loopback alone and relays to nothing but its own address, so that it gives nobody a way that they
have not already. It ends with the demo, however that ends: a shell that watches a pipe from us ends it, and the
pipe closes even when we are killed.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from holofleet.cli.output import note

if TYPE_CHECKING:
    from holofleet.server.assist import TurnServers

PROGRAM: Final = "turnserver"
_ADDRESS: Final = "127.0.0.1"
_MEDIA_PORTS: Final = 40
_START_S: Final = 10.0
# In the background of a shell a program reads from nowhere and is left alone by Ctrl-C: only the pipe ends it.
_WATCH: Final = '"$@" & relay=$!; cat >/dev/null; kill -TERM "$relay"; sleep 1; kill -KILL "$relay" 2>/dev/null'


@contextmanager
def demo_relay() -> Iterator[TurnServers | None]:
    """Run a relay until the end of the block; ``None`` where there is none, which is said and stops nothing."""
    program = shutil.which(PROGRAM, path=_path())
    if program is None:
        note("No media relay (coturn) is installed: calls go from browser to browser, or not at all.")
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="holofleet-relay-") as name:
        folder, port, secret = Path(name), _free_port(), secrets.token_urlsafe(32)
        file = _configured(folder, port, secret)
        with (folder / "log").open("wb") as log, _running(program, file, log) as watch:
            if _answers(port, watch):
                note(f"A media relay for calls on this machine: turn:{_ADDRESS}:{port} (coturn).")
                yield _servers(port, secret)
            else:
                note("The media relay (coturn) does not start here: calls go without it.")
                yield None


def _servers(port: int, secret: str) -> TurnServers:
    from holofleet.server.assist import TurnServers

    urls = (f"turn:{_ADDRESS}:{port}", f"turn:{_ADDRESS}:{port}?transport=tcp")
    return TurnServers(urls, lambda: (secret.encode(),))


def _configured(folder: Path, port: int, secret: str) -> Path:
    from holofleet.formats.media_relay import Relay, configuration
    from holofleet.server.installation.private import write_private

    first = 49152 + secrets.randbelow(16000 - _MEDIA_PORTS)
    relay = Relay("demo.invalid", _ADDRESS, (secret,), port=port, relay_ports=(first, first + _MEDIA_PORTS))
    own = ["allow-loopback-peers", f"pidfile={folder}/pid", f"userdb={folder}/users"]
    file = folder / "turnserver.conf"
    write_private(file, (configuration(relay) + "\n".join(own) + "\n").encode())
    return file


@contextmanager
def _running(program: str, file: Path, log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    watch = subprocess.Popen(  # noqa: S603 - the program of the system, no shell reads what it is told
        ["/bin/sh", "-c", _WATCH, "relay", program, "-c", str(file)],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=file.parent,
        start_new_session=True,
    )
    try:
        yield watch
    finally:
        assert watch.stdin is not None
        with suppress(OSError):
            watch.stdin.close()
        watch.wait()


def _answers(port: int, watch: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and watch.poll() is None:
        with suppress(OSError), socket.create_connection((_ADDRESS, port), 0.2):
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    """Return a port that is free for TCP and UDP: two relays may share one of UDP unsaid."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            stream.bind((_ADDRESS, 0))
            port: int = stream.getsockname()[1]
            with suppress(OSError):
                datagrams.bind((_ADDRESS, port))
                return port


def _path() -> str:
    """Return where programs are, with the folders that some users have not in their path."""
    import os

    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin", "/usr/local/sbin"))
