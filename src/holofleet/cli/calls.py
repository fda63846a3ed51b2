"""Flags of ``holofleet serve`` about the relays of calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holofleet.server.assist import TurnServers

_URL = re.compile(r"(turns?):([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?(\?transport=(udp|tcp))?")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TurnFlags:
    """Where media goes when it cannot go from browser to browser."""

    turn_url: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="Relay of calls: turn:HOST:PORT or turns:HOST:PORT; may stand several times."),
    ] = ()
    turn_secret_file: Annotated[
        Path | None,
        Parameter(help="File (mode 0600) with the secret of the relays, newest first."),
    ] = None

    def servers(self) -> TurnServers | None:
        """Return the relays, or ``None`` where none is named.

        Raises:
            InputError: an address that is none, or a secret that is not there.
        """
        if not self.turn_url and self.turn_secret_file is None:
            return None
        if not self.turn_url or self.turn_secret_file is None:
            raise InputError(
                "a relay needs its address and its secret", mend="Say both --turn-url and --turn-secret-file."
            )
        from holofleet.server.assist import TurnServers

        urls = tuple(url for text in self.turn_url for url in _urls(text))
        file = self.turn_secret_file
        _secrets(file)
        return TurnServers(urls, lambda: _secrets(file))


NO_RELAYS = TurnFlags()


def _urls(text: str) -> tuple[str, ...]:
    """Return the addresses that a browser tries; without a transport both, datagrams first.

    Raises:
        InputError: it is none.
    """
    found = _URL.fullmatch(text)
    if found is None:
        raise InputError(f"{text!r} is no relay", mend="Write turn:HOST:PORT or turns:HOST:PORT.")
    if found[4]:
        return (text,)
    if found[1] == "turns":
        return (f"{text}?transport=tcp",)
    return (f"{text}?transport=udp", f"{text}?transport=tcp")


def _secrets(file: Path) -> Sequence[bytes]:
    """Return the secrets of a file, newest first.

    Raises:
        InputError: it cannot be read, others may read it, or it is empty.
    """
    from holofleet.cli.connection import read_private

    found = [line.strip().encode() for line in read_private(file).splitlines() if line.strip()]
    if not found:
        raise InputError(f"{file}: there is no secret in it", mend="Let holofleet relay config make one.")
    return found
