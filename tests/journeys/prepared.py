"""A served fleet that was applied once and is copied for each journey, and what an operator does often."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from tests.served_process import ServedProcess, served

from holofleet.simulator import Credential


@lru_cache(maxsize=1)
def _applied() -> Path:
    """A data folder in which the sample fleet was applied; its server is gone."""
    folder = Path(mkdtemp(prefix="holofleet-journeys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with served(folder) as server:
        server.apply_sample("cloud-connected")
    return folder / "data"


@contextmanager
def fleet(folder: Path) -> Iterator[ServedProcess]:
    """Serve a copy of the applied fleet in ``folder``."""
    shutil.copytree(_applied(), folder / "data")
    with served(folder) as server:
        yield server


def issue(server: ServedProcess, serial: str, *, uses: int = 1) -> Credential:
    """Have a credential issued for the deployment of a headset."""
    with server.api() as api:
        deployment = api.get(f"/headsets/{serial}")["deployment"]
        issued = api.post("/credentials", {"deployment": deployment, "uses": uses, "expires_s": 3600})
    return Credential(issued["username"], issued["password"])


def order(server: ServedProcess, serial: str, kind: str) -> None:
    """Give an order."""
    with server.api() as api:
        api.post(f"/headsets/{serial}/orders", {"kind": kind, "reason": "because"})


def word(server: ServedProcess, serial: str) -> str:
    """Return the word of a headset."""
    with server.api() as api:
        return str(api.get(f"/headsets/{serial}")["compliance"])
