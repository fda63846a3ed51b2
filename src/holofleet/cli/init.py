"""``holofleet init``: write a complete, commented fleet file for a scenario."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from holofleet.cli.output import CLEAN, note
from holofleet.errors import InputError

Scenario = Literal["cloud-connected", "external-clients", "shared-identity", "near-offline"]


def init(
    *,
    scenario: Annotated[Scenario, Parameter(help="Which of the four guides the fleet follows.")],
    out: Annotated[
        Path | None, Parameter(help="File to write; without it the text goes to standard output.")
    ] = None,
) -> int:
    """Write a complete, commented fleet file. Lines marked REPLACE hold example names and ids."""
    from holofleet import samples
    from holofleet.clock import SystemClock

    texts = samples.text(scenario, today=SystemClock().now().date())
    beside = samples.enclosures(scenario)
    if out is None:
        sys.stdout.write("".join(texts.values()))
        if beside:
            note(f"The file names {', '.join(beside)}, which --out writes beside it.")
        return CLEAN
    files = texts | beside
    main = next(iter(files))
    paths = {name: out if name == main else out.parent / name for name in files}
    taken = [path for path in paths.values() if path.exists()]
    if taken:
        raise InputError(f"{taken[0]}: exists already", mend="Name another file, or move this one away.")
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as file:
            file.write(files[name])
    note(f"Wrote {', '.join(str(p) for p in paths.values())}. Replace the lines marked REPLACE, then:")
    note(f"    holofleet check {out}")
    return CLEAN
