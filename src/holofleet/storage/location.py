"""Where a PostgreSQL server is, by its address: on this machine, or one that has to prove who it is (STO-1)."""

from __future__ import annotations

from sqlalchemy.engine import URL

from holofleet.errors import StorageError

HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})
"""Hosts of this machine, beside the folders of Unix sockets; an empty one is libpq's own socket."""


def require_proof(url: URL) -> None:
    """Accept a server on this machine, and another one only when its certificate and name are checked.

    Raises:
        StorageError: passwords and all rows would go to whoever answers at that address.
    """
    if all(host in HERE or host.startswith("/") for host in _hosts(url)):
        return
    if url.query.get("sslmode") != "verify-full":
        raise StorageError(
            "a PostgreSQL server on another machine has to prove who it is",
            mend="Add ?sslmode=verify-full&sslrootcert=FILE to its address.",
        )


def _hosts(url: URL) -> list[str]:
    """Return every host that libpq would try: it takes several in one, and reads them from the query as well."""
    found = [url.host or ""]
    for name in ("host", "hostaddr"):
        said = url.query.get(name, ())
        found += [said] if isinstance(said, str) else list(said)
    split = [host for text in found for host in text.split(",")]
    named = [host.rsplit(":", 1)[0] if host.count(":") == 1 else host for host in split if host]
    return named or [""]
