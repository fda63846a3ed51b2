"""One launcher and one prepared data folder for all tests of faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.forked_server import Launcher, launcher
from tests.faults.story import prepare
from tests.served_process import served

from holofleet.simulator import Credential


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    with launcher(tmp_path_factory.mktemp("launcher")) as found:
        yield found


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Credential]:
    """A data folder with the sample fleet in it, and a credential for one of its headsets."""
    folder = tmp_path_factory.mktemp("prepared")
    with served(folder) as server:
        server.apply_sample("cloud-connected")
        with server.api() as api:
            credential = prepare(api)
    return folder / "data", credential
