"""How a command reaches a server: over its address with a token, or through its data folder.

With ``--data DIR`` and a server that runs there, the address and a local token stand in DIR. When none runs,
the command opens the store itself under the same lock and calls the same API inside its own process, so that
there is one code path, one authorization and one audit trail.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.targets.server import ApiClient

TOKEN_VARIABLE = "HOLOFLEET_TOKEN"  # noqa: S105 - the name of a variable, no token


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Connection:
    """Which server to talk to."""

    server: Annotated[str | None, Parameter(help="Address of the server, https://HOST:PORT.")] = None
    ca: Annotated[Path | None, Parameter(help="CA file to trust instead of the system's roots.")] = None
    token_file: Annotated[
        Path | None, Parameter(help="File (mode 0600) with the API token; else HOLOFLEET_TOKEN.")
    ] = None
    data: Annotated[Path | None, Parameter(help="Data folder of a server on this machine.")] = None

    @contextmanager
    def open(self) -> Iterator[ApiClient]:
        """Yield a client for the server.

        Raises:
            InputError: neither --server nor --data, both, or no token.
        """
        if (self.server is None) == (self.data is None):
            raise InputError("which server?", mend="Say either --server URL or --data DIR.")
        if self.data is not None:
            from holofleet.cli.local import local_client

            with local_client(self.data) as client:
                yield client
            return
        from holofleet.targets.server import ApiClient

        with ApiClient.connect(self.server or "", token=self._token(), ca=self.ca) as client:
            yield client

    def _token(self) -> str:
        if self.token_file is not None:
            return read_private(self.token_file)
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            raise InputError(
                "no API token",
                mend=f"Set {TOKEN_VARIABLE} or name a file with --token-file; `holofleet tokens issue` makes one.",
            )
        return token


def read_private(path: Path) -> str:
    """Read a secret file that only its owner may read (SECURITY CLI-1).

    Raises:
        InputError: it cannot be read, or others can read it.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(f"{path}: cannot be read", detail=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this is no text") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{path}: other users of this machine can read this secret", mend=f"chmod 600 {path}")
    return text
