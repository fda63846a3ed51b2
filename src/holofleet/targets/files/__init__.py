"""The target ``files``: every document of the desired State as a file, for teams that click it in by hand.

Start reading at ``target.py``. What is written: one folder per settings document with its settings as CSV and
JSON and every XML value as a file of its own, and ``state.json``, which is what the next plan compares with.
"""

from holofleet.targets.files.folder import write_folder
from holofleet.targets.files.target import FilesTarget

__all__ = ["FilesTarget", "write_folder"]
