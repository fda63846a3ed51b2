"""``holofleet import``: what others wrote, as a draft of a fleet file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.disk import read_file
from holofleet.cli.import_tenant import tenant
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, note, print_json

app = App(name="import", help="Turn what exists into a draft of a fleet file.")
app.command(tenant)
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

    draft = kiosks.read(read_file(file, _MAX_BYTES, follow=False))
    if format == "json":
        print_json(kiosks.as_json(draft))
    else:
        sys.stdout.write(kiosks.as_yaml(draft, file.name))
        for remark in draft.remarks:
            mark = "lost" if remark.lost else "note"
            note(visible(f"{file}:{remark.line}: {mark}: {remark.text}"))
    return FOUND if draft.lost else CLEAN
