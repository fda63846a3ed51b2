"""A kiosk document of somebody else as a part of a fleet file.

:func:`read` is lenient where a headset would not care, and where a published sample is wrong in a way that leaves
its meaning plain; whatever it leaves out is a :class:`Remark` with its line. The strict reader, for documents that
a headset shall use, is :func:`holofleet.formats.assigned_access.parse`. Start reading at ``reader.py``.
"""

from holofleet.imports.kiosk.draft import Draft, Listing, Remark, Target, TargetKind
from holofleet.imports.kiosk.reader import KioskImportError, read
from holofleet.imports.kiosk.writing import as_json, as_yaml

__all__ = ["Draft", "KioskImportError", "Listing", "Remark", "Target", "TargetKind", "as_json", "as_yaml", "read"]
