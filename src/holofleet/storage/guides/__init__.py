"""The guides in the database: what a judgement rests on, and how standings turned. See ``guides.py``."""

from holofleet.storage.guides.guides import StoredGuides

__all__ = ["StoredGuides"]
