"""The one ``METADATA`` and the few column forms that all tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Names of keys and indexes are computed, so that a migration can name them on both databases."""


def micros(name: str, *, nullable: bool = False) -> Column[int]:
    """Return a column for a moment: microseconds since the epoch, UTC."""
    return Column(name, BigInteger, nullable=nullable)


def integer_key(name: str) -> Column[int]:
    """Return a growing integer primary key (64 bits; SQLite calls that INTEGER)."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
