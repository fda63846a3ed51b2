"""Sheets as HTML: single files without scripts, which print on one page of A4 or Letter."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from holofleet.formats.handouts.sheet import Checklist, HandOut

_PACKAGE = "holofleet.formats.handouts"


def hand_out(sheet: HandOut) -> str:
    """Return the page for wearers."""
    return _render("hand-out.html", sheet)


def checklist(sheet: Checklist) -> str:
    """Return the checklist of one headset."""
    return _render("checklist.html", sheet)


def _render(template: str, sheet: HandOut | Checklist) -> str:
    page = _environment().get_template(template).render(sheet=sheet)
    return page.rstrip("\n") + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    style = files(_PACKAGE).joinpath("paper.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own file
    environment.globals["style_hash"] = f"sha256-{digest}"
    return environment


def _plain(value: object) -> Markup:
    """Escape a value; a brace as well, so that no text becomes a reference to a secret that is filled in later."""
    return value if isinstance(value, Markup) else Markup(escape(value).replace("{", "&#123;"))  # noqa: S704
