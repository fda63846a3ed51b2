"""A coturn of the tests' own, on loopback, with the configuration that the program writes."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from holofleet.formats.media_relay import Relay, configuration

SECRET = "a-secret-of-the-tests-0123456789abcdef"
FORMER = "the-secret-before-it-0123456789abcdef"


@dataclass(frozen=True)
class Coturn:
    """Where it listens, and what it wrote."""

    address: tuple[str, int]
    log: Path
    tls_port: int = 0

    def said(self) -> str:
        """Return its log so far."""
        return self.log.read_text("utf-8", "replace")


def free_ports(count: int) -> list[int]:
    """Return ports that were free for UDP and TCP a moment ago.

    Both are tried: two relays may share a UDP port unsaid, and each then refuses the callers of the other.
    """
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            stream = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            stream.bind(("127.0.0.1", 0))
            datagrams = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            with suppress(OSError):
                datagrams.bind(stream.getsockname())
                found.append(stream.getsockname()[1])
    return found


@contextmanager
def coturn(
    folder: Path, *, loopback_peers: bool = False, certificate: str = "", key: str = ""
) -> Iterator[Coturn]:
    """Run coturn until the end of the block.

    Args:
        folder: For its files.
        loopback_peers: Let callers on this machine reach one another: the one thing that no real relay may do.
    """
    port, tls_port, first = free_ports(3)
    first = min(first, 60000)
    relay = Relay(
        realm="turn.contoso.com",
        address="127.0.0.1",
        secrets=(SECRET, FORMER),
        port=port,
        tls_port=tls_port,
        relay_ports=(first, first + 200),
        certificate=certificate,
        key=key,
    )
    text = configuration(relay)
    if loopback_peers:
        text = (
            "\n".join(line for line in text.splitlines() if "127.0.0.0" not in line) + "\nallow-loopback-peers\n"
        )
    folder.mkdir(parents=True, exist_ok=True)
    file, log = folder / "turnserver.conf", folder / "turnserver.log"
    file.write_text(text + f"pidfile={folder}/turnserver.pid\nuserdb={folder}/turndb\n")
    program = shutil.which("turnserver")
    assert program, "the test set-up installs coturn"
    with log.open("wb") as out:
        process = subprocess.Popen([program, "-c", str(file)], stdout=out, stderr=subprocess.STDOUT, cwd=folder)
    try:
        _wait(port, process, log)
        yield Coturn(("127.0.0.1", port), log, tls_port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text("utf-8", "replace")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("coturn does not answer: " + log.read_text("utf-8", "replace")[-2000:])
