"""How the pages of a call are made: their templates, and what a browser may ask the person for there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from holofleet.web.assist.assets import assist_asset_url

PERMISSIONS: Final = "camera=(self), microphone=(self), geolocation=(), display-capture=()"
"""Of the pages of a call (``permissions-policy``). Every other page goes without; here the browser may ask."""


@cache
def call_templates(asset: Callable[[str], str], *behind: str) -> Environment:
    """Return the templates of this room, escaping everything, failing on what is not given.

    Args:
        asset: Returns the address of a file of the room whose style a page wears.
        behind: Packages whose templates a page extends.
    """
    rooms = ("holofleet.web.assist", *behind)
    made = Environment(
        loader=ChoiceLoader([PackageLoader(room, "templates") for room in rooms]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": asset, "call_asset": assist_asset_url}
    return made
