"""The fleet in the database: ``publishing.py`` writes what was published, ``views.py`` reads what is shown.

:class:`SQLFleetStore` joins both for :class:`holofleet.server.fleet.store.FleetStore`.
"""

from holofleet.storage.fleet.store import SQLFleetStore

__all__ = ["SQLFleetStore"]
