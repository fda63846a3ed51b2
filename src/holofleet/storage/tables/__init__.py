"""All tables, in one ``METADATA``.

``management.py``: what the fleet file published, enrollments, orders, events. ``identity.py``: credentials,
tokens, sessions, audit. Rules for all of them (SECURITY ISO-1): whatever belongs to a client carries
``client_id NOT NULL`` and refers to others by ``(client_id, key)``; times are integer microseconds since the
epoch in UTC; JSON is text; ids are 32 lower-case hex digits, but for events, which are numbered.
"""

from holofleet.storage.tables.metadata import METADATA, integer_key, micros

__all__ = ["METADATA", "integer_key", "micros"]
