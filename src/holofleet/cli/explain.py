"""``holofleet explain``: where a value comes from."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.output import CLEAN, TextOrJson, print_json


def explain(
    fleet: FleetPath,
    serial: Annotated[str, Parameter(help="Serial of a headset of the fleet file.")],
    oma_uri: Annotated[str, Parameter(help="LocURI of a setting, in any spelling.")],
    /,
    *,
    format: TextOrJson = "text",
) -> int:
    """Say which value a setting gets on a headset, which layers said what, and by which rule."""
    from holofleet import desired

    loaded, state = compiled(fleet, target="server")
    explanation = desired.explain(loaded, state, serial, oma_uri)
    if format == "json":
        print_json(explanation.to_json())
    else:
        sys.stdout.write(explanation.render())
    return CLEAN
