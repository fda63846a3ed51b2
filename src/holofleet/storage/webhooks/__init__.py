"""Webhooks in the database: which there are, and the outbox that is written beside what happened.

What lives here: implementations of the ports of :mod:`holofleet.server.webhooks`. ``posting.py`` is called by
whoever writes an event or a call; start reading there.
"""

from holofleet.storage.webhooks.outbox import StoredOutbox
from holofleet.storage.webhooks.webhooks import StoredWebhooks

__all__ = ["StoredOutbox", "StoredWebhooks"]
