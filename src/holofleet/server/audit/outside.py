"""Where checkpoints are sent: a file on a share, or a syslog server. What stays on this machine proves nothing.

Sources: the form of messages is RFC 5424; over TCP their length stands before them (RFC 6587, octet counting).
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from holofleet.clock import Clock, render_utc
from holofleet.errors import InputError, PeerError

_TIMEOUT_S = 10.0
_PRIORITY = 13 * 8 + 5
"""Facility 13 (log audit), severity 5 (notice)."""
_PORTS = {"syslog": 514, "syslog+tcp": 601}


class Outside(Protocol):
    """A place that keeps lines and that this server cannot change afterwards."""

    def send(self, line: str) -> None:
        """Send one line.

        Raises:
            PeerError: it did not arrive; it is sent again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """Implements :class:`Outside` by a file to whose end lines are written.

    Each line is on the disk before it counts as sent.
    """

    path: Path

    def send(self, line: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(self.path, flags, 0o600), "a", encoding="ascii") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise PeerError(f"{self.path}: the checkpoint could not be written", detail=str(error)) from error


@dataclass(frozen=True, slots=True)
class OutsideSyslog:
    """Implements :class:`Outside` by a syslog server (RFC 5424).

    Over TCP where losses matter: UDP says nothing of what did not arrive.
    """

    host: str
    port: int
    tcp: bool
    clock: Clock

    def send(self, line: str) -> None:
        head = f"<{_PRIORITY}>1 {render_utc(self.clock.now())} {_host_name()} holofleet {os.getpid()} checkpoint -"
        message = f"{head} {line}".encode("ascii", "replace")
        kind = socket.SOCK_STREAM if self.tcp else socket.SOCK_DGRAM
        try:
            family, _, _, _, address = socket.getaddrinfo(self.host, self.port, type=kind)[0]
            with socket.socket(family, kind) as peer:
                peer.settimeout(_TIMEOUT_S)
                peer.connect(address)
                peer.sendall(f"{len(message)} ".encode() + message if self.tcp else message)
        except OSError as error:
            raise PeerError(f"{self.host}:{self.port}: syslog does not answer", detail=str(error)) from error


def outside(text: str, clock: Clock) -> Outside:
    """Read where checkpoints go: a path, ``syslog://HOST:PORT`` (UDP) or ``syslog+tcp://HOST:PORT``.

    Raises:
        InputError: none of these.
    """
    if "://" not in text:
        path = Path(text)
        if not path.parent.is_dir():
            raise InputError(
                f"{path.parent}: there is no such folder", mend="Name a file in a folder that exists."
            )
        return OutsideFile(path)
    parts = urlsplit(text)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise InputError(f"{text!r} has no usable port") from error
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.username:
        raise InputError(f"{text!r} is no place for checkpoints", mend="Write a path or syslog+tcp://HOST:PORT.")
    return OutsideSyslog(parts.hostname, port, parts.scheme == "syslog+tcp", clock)


def _host_name() -> str:
    name = socket.gethostname().encode("ascii", "ignore").decode()
    return "".join(letter for letter in name if "!" <= letter <= "~")[:255] or "-"
