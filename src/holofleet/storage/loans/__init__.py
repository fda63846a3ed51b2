"""Loans in the database. Start reading at ``loans.py``; ``publishing.py`` takes over what a fleet file lends."""

from holofleet.storage.loans.loans import StoredLoans

__all__ = ["StoredLoans"]
