"""``holofleet import``: what others wrote, as a draft of a fleet file."""

from __future__ import annotations

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
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read", detail=error.strerror or "") from error
    if len(content) > _MAX_BYTES:
        raise InputError(f"{path}: larger than {_MAX_BYTES} bytes", mend="Is this the right file?")
    return content
