"""Backups: a data folder in two encrypted files, one of data and one of keys, and back again.

What lives here: the encrypted container (age, version 1), what is in a backup and what proves it, and how a folder
is made of one. What does not: how a database is copied while a server writes (``storage.copying``). Start reading
at ``making.py``.
"""

from holofleet.server.backup.age import Identity, Recipient
from holofleet.server.backup.making import Made, back_up_data, back_up_keys
from holofleet.server.backup.manifest import AuditHead, Manifest
from holofleet.server.backup.restoring import Unpacked, unpack

__all__ = [
    "AuditHead",
    "Identity",
    "Made",
    "Manifest",
    "Recipient",
    "Unpacked",
    "back_up_data",
    "back_up_keys",
    "unpack",
]
