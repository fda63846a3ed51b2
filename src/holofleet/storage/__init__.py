"""The database: tables, queries and migrations, one code base for SQLite and PostgreSQL.

What lives here: :class:`~holofleet.storage.database.Database` (how a connection is opened and a transaction
runs), ``tables/`` (what is kept), and one module per port of :mod:`holofleet.server.ports` that it implements.
What does not: decisions. Whatever is stored was decided by a room of ``server`` and arrives as a value.
Start reading at ``database.py``, then ``tables/management.py``.
"""
