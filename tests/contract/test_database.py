from __future__ import annotations

from contextlib import nullcontext

import pytest
from sqlalchemy import func, insert, inspect, select

from holofleet.errors import ConflictError, InputError, StorageError
from holofleet.storage.database import Database
from holofleet.storage.tables import METADATA
from holofleet.storage.tables.management import CLIENT, DEPLOYMENT


def _clients(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(CLIENT)).scalar_one()


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    database.upgrade()
    names = set(inspect(database.engine).get_table_names())
    assert set(METADATA.tables) <= names


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    def fail_half_way() -> None:
        with database.transaction() as connection:
            connection.execute(insert(CLIENT).values(client_id="fabrikam"))
            raise RuntimeError("power is gone")

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert _clients(database) == 0


def test_a_transaction_that_ends_is_there_for_every_reader(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(insert(CLIENT).values(client_id="fabrikam"))
    assert _clients(database) == 1


def test_a_second_row_with_one_key_is_a_conflict(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(insert(CLIENT).values(client_id="fabrikam"))
    with pytest.raises(ConflictError), database.transaction() as connection:
        connection.execute(insert(CLIENT).values(client_id="fabrikam"))


def test_TXT_1_what_the_database_has_no_place_for_is_the_fault_of_who_typed_it(database: Database) -> None:
    fault = nullcontext() if database.dialect == "sqlite" else pytest.raises(InputError, match="cannot be stored")
    with fault, database.transaction() as connection:
        connection.execute(insert(CLIENT).values(client_id="a\x00b"))


def test_ISO_1_a_row_of_a_client_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(ConflictError), database.transaction() as connection:
        connection.execute(insert(DEPLOYMENT).values(name="d", client_id="nobody", data="{}", common_hash="x"))


def test_a_readonly_database_refuses_a_write(database: Database, database_url: str) -> None:
    opened = Database.open(database_url, readonly=True)
    with pytest.raises(StorageError), opened.transaction() as connection:
        connection.execute(insert(CLIENT).values(client_id="fabrikam"))
    opened.close()
    assert _clients(database) == 0


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_another_kind_of_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(StorageError):
        Database.open(url)
