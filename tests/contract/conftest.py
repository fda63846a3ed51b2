"""Databases for the contract suites: each test runs once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgres import Cluster, cluster

from holofleet.storage.database import Database, sqlite_url
from holofleet.storage.roles import allow

APPLICATION = text("DO $$ BEGIN CREATE ROLE application LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "holofleet.db")
    server: Cluster = request.getfixturevalue("postgres")
    return server.fresh_url()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url)
    opened.upgrade()
    if opened.dialect == "postgresql":
        with opened.transaction() as connection:
            connection.execute(APPLICATION)
        allow(opened, "application")
        opened.close()
        opened = Database.open(database_url.replace("postgres@", "application@"))
    yield opened
    opened.close()
