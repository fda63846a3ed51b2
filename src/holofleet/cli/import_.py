"""``holofleet import``: what others wrote, as a draft of a fleet file."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.output import CLEAN, FOUND, TextOrJson, note, print_json
from holofleet.errors import InputError

app = App(name="import", help="Turn what exists into a draft of a fleet file.")
_MAX_BYTES = 1 << 20


@app.command
def kiosk(
    file: Annotated[Path, Parameter(help="A kiosk document (assigned access) as XML.")],
    /,
    *,
    format: TextOrJson = "text",
) -> int:
    """Print a kiosk as fleet-file YAML, and say what could not be carried: exit status 1 if anything."""
    from holofleet.diagnostics.render import visible
    from holofleet.imports import kiosk as kiosks

    draft = kiosks.read(_read(file))
    if format == "json":
        print_json(kiosks.as_json(draft))
    else:
        sys.stdout.write(kiosks.as_yaml(draft, file.name))
        for remark in draft.remarks:
            mark = "lost" if remark.lost else "note"
            note(visible(f"{file}:{remark.line}: {mark}: {remark.text}"))
    return FOUND if draft.lost else CLEAN


def _read(path: Path) -> bytes:
    """Read a regular file: a link could lead anywhere, a pipe would never end."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if path.is_symlink():
            raise InputError(f"{path}: a link, not a file", mend="Name the file that it leads to.")
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{path}: not a regular file")
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read", detail=error.strerror or "") from error
    if len(content) > _MAX_BYTES:
        raise InputError(f"{path}: larger than {_MAX_BYTES} bytes", mend="Is this the right file?")
    return content
