"""Databases for the contract suites: each test runs once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases import fresh_sqlite
from tests.postgres import ROLE, Cluster, cluster

from holofleet.storage.database import Database, sqlite_url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with its tables, and nothing else in it."""
    if request.param == "sqlite":
        path = tmp_path / "holofleet.db"
        fresh_sqlite(path).close()
        return sqlite_url(path)
    server: Cluster = request.getfixturevalue("postgres")
    return server.upgraded_url()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url.replace("postgres@", f"{ROLE}@"))
    yield opened
    opened.close()
