"""Webhooks in the database: which there are, and the outbox that is written beside what happened.

What lives here: implementations of the ports of :mod:`holofleet.server.webhooks` (``webhooks.py``, ``outbox.py``).
``posting.py`` is called by whoever writes an event or a call; start reading there. Nothing is imported here: what
writes events needs the posting alone, and the outbox reads loans, which write events.
"""
