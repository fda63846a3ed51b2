"""Two roles at PostgreSQL: one that makes tables, and one for the server that only works in them (STO-1).

Whoever gets the server's role, by a hole or by its address, can then change rows as the server does, but can
drop no trigger that keeps the audit append only, read no other database and make no function of their own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement

from holofleet.errors import InputError
from holofleet.storage import tables
from holofleet.storage.tables import METADATA
from holofleet.storage.tables.audit import AUDIT_CUT
from holofleet.storage.tables.custody import CUSTODY
from holofleet.storage.tables.identity import AUDIT
from holofleet.storage.tables.loans import LOAN_ACT

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import DDLCompiler

    from holofleet.storage.database import Database

APPEND_ONLY = frozenset({AUDIT.name, AUDIT_CUT.name, CUSTODY.name, LOAN_ACT.name})
"""Tables in which the server's role neither changes nor deletes; what keeps audit after a cut has a function."""
VERSION = "alembic_version"


class _Right(ExecutableDDLElement):
    """``GRANT`` or ``REVOKE``: its words are ours, and its names are quoted by the dialect, never pasted."""

    def __init__(self, words: str, *, tables: Iterable[str], **names: str) -> None:
        self.words = words
        self.tables = tuple(tables)
        self.names = names


@compiles(_Right, "postgresql")
def _right(element: _Right, compiler: DDLCompiler, **_options: Any) -> str:
    quote = compiler.preparer.quote_identifier
    names = {key: quote(name) for key, name in element.names.items()}
    tables = (f"{names['schema']}.{quote(name)}" for name in element.tables)
    return element.words.format(**names, tables=", ".join(tables))


def allow(database: Database, role: str) -> None:
    """Give a role what the server needs, and nothing beyond; ask as the role that owns the tables.

    Raises:
        InputError: there is no such role, it is the owner itself, or it may more than it can be denied.
        StorageError: the database cannot be used, or this is not PostgreSQL's owner of the tables.
    """
    if database.dialect != "postgresql":
        raise InputError("only PostgreSQL has roles", mend="Leave --application-role out.")
    with database.transaction() as connection:
        known = text("SELECT rolsuper, rolname = current_user AS self FROM pg_roles WHERE rolname = :role")
        found = connection.execute(known, {"role": role}).one_or_none()
        if found is None:
            raise InputError(
                f"there is no role {role} in this database", mend=f'Make it first: CREATE ROLE "{role}" LOGIN.'
            )
        if found.self or found.rolsuper:
            raise InputError(
                f"{role} owns the tables or may do everything",
                mend="Name another role: the one that holofleet serve signs in with.",
            )
        schema = str(connection.execute(text("SELECT current_schema()")).scalar_one())
        for words, named in _rights():
            connection.execute(_Right(words, role=role, schema=schema, tables=named))


def _rights() -> tuple[tuple[str, Iterable[str]], ...]:
    for module in pkgutil.iter_modules(tables.__path__):  # each names its tables when it is imported
        importlib.import_module(f"{tables.__name__}.{module.name}")
    return (
        ("REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC", ()),
        ("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}", ()),
        ("REVOKE ALL ON SCHEMA {schema} FROM {role}", ()),
        ("GRANT USAGE ON SCHEMA {schema} TO {role}", ()),
        ("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}", ()),
        ("GRANT SELECT ON {tables} TO {role}", (VERSION,)),
        ("GRANT SELECT, INSERT ON {tables} TO {role}", sorted(APPEND_ONLY)),
        ("GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}", sorted(set(METADATA.tables) - APPEND_ONLY)),
        ("GRANT EXECUTE ON FUNCTION audit_delete_cut() TO {role}", ()),
    )


_POWERS = text(
    "SELECT r.rolsuper AS everything, "
    "has_schema_privilege(current_user, current_schema(), 'CREATE') AS makes, "
    "EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relkind IN ('r', 'p') AND pg_has_role(current_user, c.relowner, 'MEMBER')) AS owns, "
    "EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relname IN :closed AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')) AS rewrites "
    "FROM pg_roles r WHERE r.rolname = current_user"
).bindparams(bindparam("closed", expanding=True))


def too_powerful(database: Database) -> tuple[str, ...]:
    """Return in words what the role of this connection may do beside working in the tables; on SQLite nothing.

    Raises:
        StorageError: the database cannot be used.
    """
    if database.dialect != "postgresql":
        return ()
    with database.read() as connection:
        found = connection.execute(_POWERS, {"closed": sorted(APPEND_ONLY)}).one()
    if found.everything:
        return ("it may do everything (superuser)",)
    words = {
        "it owns the tables, and so can change them and drop what keeps the audit append only": found.owns,
        "it can make tables and functions": found.makes,
        "it can change or delete records of the audit, of custody or of loans": found.rewrites and not found.owns,
    }
    return tuple(word for word, holds in words.items() if holds)
