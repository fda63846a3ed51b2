"""The command line: one file per command, and the only place that wires storage, targets and web together.

What lives here: reading flags, calling the rooms below, printing. What does not: any rule of the domain. Start
reading at ``app.py``; ``output.py`` holds what every command promises (``--format``, ``--yes``, exit status).
"""

from holofleet.cli.app import main

__all__ = ["main"]
