from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.management_world import World

from holofleet.storage.database import Database, sqlite_url


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database.open(sqlite_url(tmp_path / "holofleet.db"))
    database.upgrade()
    yield World(database)
    database.close()
