"""The server's role at PostgreSQL works in tables that it cannot change (STO-1, AUD-1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from tests.postgres import Cluster, cluster

from holofleet.cli.database import upgrade
from holofleet.errors import InputError, StorageError
from holofleet.server.audit import AuditRecord
from holofleet.storage.database import Database
from holofleet.storage.identity.audit import append_audit
from holofleet.storage.roles import APPEND_ONLY, too_powerful

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERVER = 'the "server"'
"""A name that has to be quoted, and would show if it were pasted."""


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture(scope="module")
def owner_url(server: Cluster) -> str:
    url = server.fresh_url()
    opened = Database.open(url)
    with opened.transaction() as connection:
        connection.execute(text('CREATE ROLE "the ""server""" LOGIN'))
        connection.execute(text("CREATE ROLE owner LOGIN"))
        connection.execute(text("GRANT ALL ON SCHEMA public TO owner"))
    opened.close()
    owner = url.replace("postgres@", "owner@")
    assert upgrade(database=owner, application_role=SERVER) == 0
    return owner


@pytest.fixture
def database(owner_url: str) -> Iterator[Database]:
    opened = Database.open(owner_url.replace("owner@", "the%20%22server%22@"))
    yield opened
    opened.close()


def test_STO_1_the_servers_role_finds_its_tables_and_writes_audit(database: Database) -> None:
    database.require_current()
    with database.transaction() as connection:
        append_audit(connection, AuditRecord("person:a", "order-wipe", "order:1"), at=NOW, epoch=1)
        assert connection.execute(text("SELECT audit_delete_cut()")).scalar_one() == 0
    assert too_powerful(database) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "DROP TABLE audit",
        "DROP TRIGGER audit_append_only ON audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "ALTER TABLE audit ADD COLUMN a int",
        "CREATE TRIGGER t BEFORE INSERT ON audit EXECUTE FUNCTION audit_untouchable()",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION audit_untouchable() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE INDEX i ON audit (actor)",
        "TRUNCATE person CASCADE",
        "UPDATE alembic_version SET version_num = '0'",
        "SET ROLE owner",
        "SET session_replication_role = replica",
        *(f"UPDATE {name} SET {key} = {key}" for name, key in (("audit", "actor"), ("audit_cut", "actor"))),
        *(f"DELETE FROM {name}" for name in sorted(APPEND_ONLY)),
        *(f"TRUNCATE {name}" for name in sorted(APPEND_ONLY)),
    ],
)
def test_STO_1_the_servers_role_tries_to_change_what_it_works_in(database: Database, statement: str) -> None:
    with pytest.raises(StorageError, match=r"permission denied|must be owner|must be able to"):  # noqa: SIM117
        with database.transaction() as connection:
            connection.execute(text(statement))


def test_AUD_1_a_table_of_its_own_does_not_turn_the_owners_function_against_the_log(database: Database) -> None:
    with database.transaction() as connection:
        append_audit(connection, AuditRecord("person:a", "order-wipe", "order:2"), at=NOW, epoch=1)
        connection.execute(text("CREATE TEMPORARY TABLE audit_cut (sequence bigint)"))
        connection.execute(text("INSERT INTO audit_cut VALUES (1000000)"))
        assert connection.execute(text("SELECT audit_delete_cut()")).scalar_one() == 0


def test_STO_1_a_server_whose_role_can_do_more_says_what(owner_url: str) -> None:
    said = {}
    for role in ("owner", "postgres"):
        opened = Database.open(owner_url.replace("owner@", f"{role}@"))
        said[role] = " ".join(too_powerful(opened))
        opened.close()
    assert "owns the tables" in said["owner"]
    assert "make tables" in said["owner"]
    assert "superuser" in said["postgres"]


@pytest.mark.parametrize(("role", "words"), [("nobody", "no role"), ("owner", "owns"), ("postgres", "owns")])
def test_STO_1_rights_are_given_to_another_role_than_the_owner_only(owner_url: str, role: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        upgrade(database=owner_url, application_role=role)
