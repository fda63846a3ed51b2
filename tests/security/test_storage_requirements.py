"""Requirements on storage: SQL is never built from text, and no database is trusted for its address alone."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from holofleet.errors import StorageError
from holofleet.storage.database import Database

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/holofleet"
TAKE_SQL = frozenset({"text", "exec_driver_sql", "literal_column"})


def sql_built_from_text(source: str) -> list[int]:
    """Return the lines in which something other than a fixed text is handed over as SQL."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in TAKE_SQL and not _is_fixed(node.args[0]):
                found.append(node.lineno)
    return found


def _is_fixed(sql: ast.expr) -> bool:
    """Whether a text is written out, or made of constants of the module alone."""
    if isinstance(sql, ast.JoinedStr):
        inside = [part.value for part in sql.values if isinstance(part, ast.FormattedValue)]
        return all(isinstance(value, ast.Name) and value.id.isupper() for value in inside)
    return not isinstance(sql, ast.BinOp | ast.Call)


def test_STO_1_the_gate_sees_sql_that_is_built_from_text() -> None:
    assert sql_built_from_text('text(f"select {name}")\ntext("select " + name)\ntext("a %s" % name)') == [1, 2, 3]
    assert sql_built_from_text('connection.exec_driver_sql("select {}".format(name))') == [1]
    assert sql_built_from_text('text("select 1")\ntext(f"notify {CHANNEL}")') == []


def test_STO_1_no_sql_is_built_from_text() -> None:
    for path in (SOURCE / "storage").rglob("*.py"):
        assert sql_built_from_text(path.read_text(encoding="utf-8")) == [], path
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in settings["select"]
    assert not {"S", "S6", "S608"} & set(settings.get("ignore", ()))
    ignored = {rule for path, rules in settings["per-file-ignores"].items() if "src" in path for rule in rules}
    assert not {"S", "S6", "S608"} & ignored
    waived = [path for path in SOURCE.rglob("*.py") if re.search(r"noqa:.*S608", path.read_text(encoding="utf-8"))]
    assert waived == []


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://db.contoso.com/fleet",
        "postgresql://db.contoso.com/fleet?sslmode=require",
        "postgresql://10.0.0.7:5432/fleet?sslmode=verify-ca",
        "postgresql:///fleet?host=db.contoso.com",
        "postgresql://localhost/fleet?hostaddr=10.0.0.7",
        "postgresql://localhost,db.contoso.com/fleet",
        "postgresql:///fleet?host=localhost:5432&host=db.contoso.com:5432",
        "postgresql://localhost.contoso.com/fleet",
    ],
)
def test_STO_1_a_database_elsewhere_proves_who_it_is_or_is_not_used(address: str) -> None:
    with pytest.raises(StorageError, match="has to prove who it is"):
        Database.open(address)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://db.contoso.com/fleet?sslmode=verify-full&sslrootcert=/etc/ssl/contoso.pem",
        "postgresql:///fleet",
        "postgresql:///fleet?host=/var/run/postgresql",
        "postgresql://127.0.0.1:5433/fleet",
        "postgresql://[::1]/fleet",
    ],
)
def test_STO_1_a_database_here_or_one_with_proof_is_opened(address: str) -> None:
    Database.open(address).close()
