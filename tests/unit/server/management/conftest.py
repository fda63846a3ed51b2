from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import fresh_sqlite
from tests.management_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = fresh_sqlite(tmp_path / "holofleet.db")
    yield World(database)
    database.close()
