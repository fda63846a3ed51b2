"""A PostgreSQL server of the tests' own, in a folder of its own, on a Unix socket only.

PostgreSQL refuses to run as root, so that as root it runs as the ``postgres`` user of the Debian package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from holofleet.storage.database import Database
from holofleet.storage.roles import allow

SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=60", "listen_addresses=")
"""``fsync=off``: these tests kill our process, never the machine. No TCP port is opened."""

ROLE = "application"
"""The role of a server in databases that have their tables: it works in them and owns none."""


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL of Debian's package, or ``None``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@dataclass
class Cluster:
    """A running server. Each call of :meth:`fresh_url` makes a new, empty database.

    :meth:`upgraded_url` makes one with the tables in it: a copy of one that the migrations made once.
    """

    folder: Path
    bin: Path
    _numbers: Iterator[int] = field(default_factory=count)
    _upgraded: str | None = None

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL as a user that it accepts."""
        command = [str(self.bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")

    def fresh_url(self) -> str:
        """Make an empty database and return its address."""
        return self._made("template0")

    def upgraded_url(self) -> str:
        """Make a database with the tables in it, in which :data:`ROLE` works; return its owner's address."""
        if self._upgraded is None:
            url = self.fresh_url()
            with closing(Database.open(url)) as database:
                database.upgrade()
                with database.transaction() as connection:
                    connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
                allow(database, ROLE)
            self._upgraded = urlsplit(url).path.removeprefix("/")
        return self._made(self._upgraded)

    def _made(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self.folder}", autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return f"postgresql://postgres@/{name}?host={self.folder}"


@contextmanager
def as_owner(database: Database) -> Iterator[Connection]:
    """Yield a transaction of somebody who owns the tables, as the server's role at PostgreSQL does not."""
    if database.dialect == "sqlite":
        with database.transaction() as connection:
            yield connection
        return
    engine = create_engine(database.engine.url.set(username="postgres"), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


@contextmanager
def cluster(*, settings: tuple[str, ...] = SETTINGS) -> Iterator[Cluster]:
    """Start a server in a temporary folder and stop it at the end, whatever happens inside.

    Args:
        settings: Of the server, each ``name=value``.

    Raises:
        RuntimeError: PostgreSQL is not installed, or does not start.
    """
    found = binaries()
    if found is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="hf-pg-", dir="/tmp"))  # a socket's path may have 107 characters
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = Cluster(folder, found)
        data = str(folder / "data")
        server.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in settings)
        server.run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", f"-k {folder} {options}", "start")
        try:
            yield server
        finally:
            server.run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
