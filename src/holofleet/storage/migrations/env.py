"""Alembic's entry: runs the migrations on the connection that the program opened."""

from alembic import context

from holofleet.storage.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
context.run_migrations()
