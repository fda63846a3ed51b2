"""Visits in the database. See ``visits.py``."""

from holofleet.storage.visits.visits import StoredVisits

__all__ = ["StoredVisits"]
