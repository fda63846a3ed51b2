"""Where a fleet stands on every statement of the four guides: one value, shown as text, JSON and a page.

What lives here: the matrix (``matrix.py``), how it is made of a report of the checks (``building.py``), and its
three forms (``as_text.py``, ``as_json.py``, ``as_page.py`` with the files in ``page``). What does not: judging,
which is the engine's, and I/O of any kind. Start reading at ``matrix.py``.
"""

from holofleet.checks.matrix.building import build
from holofleet.checks.matrix.matrix import About, Heard, Mark, Matrix

__all__ = ["About", "Heard", "Mark", "Matrix", "build"]
