"""One fleet in every state for the tests that only read, and a fresh one for those that change it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.console_world import ConsoleWorld, console_world


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    """Read only: every test of a module shares it."""
    with console_world(tmp_path_factory.mktemp("fleet")) as made:
        made.every_state()
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[ConsoleWorld]:
    """An empty server."""
    with console_world(tmp_path) as made:
        yield made
