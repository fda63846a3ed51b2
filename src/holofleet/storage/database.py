"""One database, opened once: transactions, reads and migrations on SQLite and PostgreSQL alike.

SQLite runs in WAL mode with ``synchronous=FULL``: what was committed survives a power cut. Writers begin with
``BEGIN IMMEDIATE``, so that a transaction that read a row may also write it without being thrown back, and one
lock in the process lets them queue in order instead of spinning on the file's lock. Readers have connections
of their own that cannot write.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from holofleet.errors import ConflictError, InputError, StorageError
from holofleet.storage.hot import HotStatement
from holofleet.storage.location import require_proof

BUSY_TIMEOUT_MS = 10_000
READERS = 4


class Database:
    """A database that is open. Safe for use from several threads."""

    def __init__(self, url: URL, *, writer: Engine, reader: Engine, hot: Engine) -> None:
        self._url = url
        self._writer = writer
        self._reader = reader
        self._hot = hot
        self._turn = threading.Lock() if url.get_backend_name() == "sqlite" else None
        self.name: str = uuid.uuid4().hex
        """Tells what this process wrote from what others on the same database did."""

    @classmethod
    def open(cls, url: str, *, readonly: bool = False) -> Database:
        """Open ``sqlite:///PATH`` or ``postgresql://...``; nothing is read or made before the first use.

        Args:
            url: As SQLAlchemy spells it. PostgreSQL always goes through psycopg.
            readonly: Refuse every write, also by mistake.

        Raises:
            StorageError: another kind of database, a SQLite database in memory, a broken address, no driver, or a
                PostgreSQL server elsewhere that is not made to prove who it is.
        """
        try:
            parsed = make_url(url)
        except SQLAlchemyError as error:
            raise StorageError("this is not the address of a database", detail=str(error)) from error
        match parsed.get_backend_name():
            case "sqlite":
                if not parsed.database or parsed.database == ":memory:":
                    raise StorageError("a SQLite database needs a file", mend="Write sqlite:///PATH.")
                writer = _sqlite(parsed, begin="BEGIN" if readonly else "BEGIN IMMEDIATE", readonly=readonly)
                reader = _sqlite(parsed, begin="BEGIN", readonly=True)
                return cls(parsed, writer=writer, reader=reader, hot=reader)
            case "postgresql":
                require_proof(parsed)
                _require_psycopg()
                parsed = parsed.set(drivername="postgresql+psycopg")
                engine = _postgres(parsed, readonly=readonly)
                return cls(parsed, writer=engine, reader=engine, hot=_postgres_autocommit(parsed))
            case other:
                raise StorageError(f"{other} is not served", mend="Use sqlite:///PATH or postgresql://...")

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._writer.dialect.name

    @property
    def engine(self) -> Engine:
        """The engine that writes: for migrations and for compiling statements."""
        return self._writer

    @property
    def reader(self) -> Engine:
        """The engine that only reads (on PostgreSQL the same one)."""
        return self._reader

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Run what is inside in one transaction: all of it is stored at the end, or nothing.

        Raises:
            ConflictError: a unique key or a foreign key did not hold.
            InputError: a text or a number that the database has no place for.
            StorageError: the database cannot be used.
        """
        with _translated():
            if self._turn is None:
                with self._writer.begin() as connection:
                    yield connection
            else:
                with self._turn, self._writer.begin() as connection:
                    yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Run reads that all see one moment. Writing in here fails on SQLite and is rolled back on PostgreSQL.

        Raises:
            StorageError: the database cannot be used.
        """
        with _translated(), self._reader.connect() as connection:
            yield connection

    def fetch(self, statement: HotStatement, values: Mapping[str, Any]) -> list[Any]:
        """Run one hot read by itself, without a transaction around it, and return all its rows.

        Raises:
            StorageError: the database cannot be used.
        """
        try:
            connection = self._hot.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(statement.text, statement.bind(values))
                rows = list(cursor.fetchall())
                cursor.close()
            finally:
                connection.close()
        except SQLAlchemyError as error:
            raise StorageError("the database cannot be used now", detail=str(error)) from error
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise StorageError("the database cannot be used now", detail=str(error)) from error
        return rows

    def upgrade(self) -> None:
        """Bring the tables to the newest form; does nothing when they are.

        Raises:
            StorageError: the database was written by a newer version, or cannot be used.
        """
        from holofleet.storage.migrations import upgrade

        with _translated():
            upgrade(self)

    def require_current(self) -> None:
        """Check that the tables have the newest form; changes nothing.

        Raises:
            StorageError: they have not, or the database cannot be used.
        """
        from holofleet.storage.migrations import require_current

        with _translated():
            require_current(self)

    def close(self) -> None:
        """Give all connections back; safe to call twice."""
        self._writer.dispose()
        self._reader.dispose()
        self._hot.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the database library's errors into ours, once, at this border."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictError("the database refuses this: a key did not hold", detail=str(error.orig)) from error
    except OperationalError as error:
        raise StorageError("the database cannot be used now", detail=str(error.orig)) from error
    except DataError as error:  # what somebody typed: PostgreSQL keeps no character 0, and no number of 20 digits
        raise InputError("this cannot be stored", detail=str(error.orig).strip()) from error
    except DBAPIError as error:
        raise StorageError("the database refused a statement", detail=str(error.orig)) from error
    except SQLAlchemyError as error:
        raise StorageError("the database layer failed", detail=str(error)) from error


def _sqlite(url: URL, *, begin: str, readonly: bool) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS if readonly else 1,
        max_overflow=READERS if readonly else 0,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        if readonly:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _require_psycopg() -> None:
    """The driver is an extra: SQLite, a demo and all commands over the API do without it.

    Raises:
        StorageError: it is not installed.
    """
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise StorageError(
            "PostgreSQL needs its driver, psycopg, which is not installed",
            detail=str(error),
            mend="Install it beside holofleet: pip install 'holofleet[postgres]'.",
        ) from error


def _postgres(url: URL, *, readonly: bool) -> Engine:
    options = "-c default_transaction_read_only=on" if readonly else ""
    return create_engine(
        url,
        pool_size=4,
        max_overflow=4,
        pool_pre_ping=False,
        pool_timeout=10,
        connect_args={"options": options, "prepare_threshold": 2} if options else {"prepare_threshold": 2},
    )


def _postgres_autocommit(url: URL) -> Engine:
    """Return a small pool for reads of one statement: a transaction around one would be two more round trips."""
    engine = create_engine(url, pool_size=2, max_overflow=2, connect_args={"prepare_threshold": 2})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.autocommit = True

    return engine


def sqlite_url(path: Path) -> str:
    """Return the address of the SQLite database in the file ``path``."""
    return f"sqlite:///{path}"


def vacuum_statistics(database: Database) -> None:
    """Let the database renew what it knows about its tables: cheap, worth doing once a day."""
    with database.transaction() as connection:
        connection.execute(text("PRAGMA optimize" if database.dialect == "sqlite" else "ANALYZE"))
