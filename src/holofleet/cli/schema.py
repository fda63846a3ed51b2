"""``holofleet schema``: the JSON Schema of the fleet file, for editors."""

from __future__ import annotations

from holofleet.cli.output import CLEAN, print_json


def schema() -> int:
    """Print the JSON Schema (draft 2020-12) of the fleet file."""
    from holofleet import spec

    print_json(spec.schema())
    return CLEAN
