"""Licenses in the database.

Start reading at ``settling.py``: under the lock of the pools it works out who has what, and writes what differs.
"""

from holofleet.storage.licenses.licenses import StoredLicenses

__all__ = ["StoredLicenses"]
