"""People, groups and roles in the database.

Start reading at ``people.py``; ``publishing.py`` takes over whom a fleet file names, ``leaving.py`` ends what
somebody had.
"""

from holofleet.storage.directory.people import StoredDirectory

__all__ = ["StoredDirectory"]
