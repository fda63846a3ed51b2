"""What Graph's public metadata says: types, properties, and whether a body fits them.

The ``.edm`` files are the data, one line a property; ``schema.py`` reads them, ``bodies.py`` holds a body
against them. What does not live here: what happens to a body that fits (see :mod:`holofleet.emulator.services`).
"""

from holofleet.emulator.edm.bodies import Body, Mode, checked
from holofleet.emulator.edm.schema import Property, Schema, StructuredType, Version, load

__all__ = ["Body", "Mode", "Property", "Schema", "StructuredType", "Version", "checked", "load"]
