"""What a node takes: one class per kind of value, each with the same four questions.

``data`` turns a typed value into the text on the wire, ``fault`` says what is wrong with such a text, ``equal``
compares two texts as the headset would, ``describe`` says in words what is allowed. Nodes and their addresses
stand in :mod:`holofleet.catalog.node`. Start reading at ``allowed.py``.
"""

from holofleet.catalog.values.allowed import Allowed, Unsuited, Value
from holofleet.catalog.values.factory import parse_allowed

__all__ = ["Allowed", "Unsuited", "Value", "parse_allowed"]
