"""The command line: one file per command, and the only place that wires storage, targets and web together.

What lives here: reading flags, calling the rooms below, printing. What does not: any rule of the domain. Start
reading at ``first_page.py``, which lists the commands, and ``app.py``, which runs one; ``output.py`` holds what
every command promises (``--format``, ``--yes``, exit status).
"""

import sys
from typing import NoReturn

__all__ = ["main"]


def main(argv: list[str] | None = None) -> NoReturn:
    """Run one command and exit; who only asks what there is gets the first page, before anything is imported."""
    words = sys.argv[1:] if argv is None else argv
    if words in ([], ["--help"], ["-h"]):
        from holofleet.cli.first_page import page

        sys.stdout.write(page())
        sys.exit(0)
    from holofleet.cli import app

    app.main(words)
