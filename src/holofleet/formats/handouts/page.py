"""Sheets as HTML: single files without scripts, which print on one page of A4 or Letter."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from unicodedata import east_asian_width

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from holofleet.formats.handouts.sheet import Checklist, CloudSteps, HandOut

_PACKAGE = "holofleet.formats.handouts"
_LINE = 80
"""Characters that a line of paper holds, about."""
_MOST = {"hand-out.html": (48, 58), "checklist.html": (98, 130)}
"""Texts, long ones counted by line, up to which a sheet is set loose, and dense. Ours, measured on Letter."""


def hand_out(sheet: HandOut) -> str:
    """Return the page for wearers."""
    return _render("hand-out.html", sheet)


def checklist(sheet: Checklist) -> str:
    """Return the checklist of one headset."""
    return _render("checklist.html", sheet)


def cloud_steps(sheet: CloudSteps) -> str:
    """Return the page for the administrator of a tenant; it may need several sheets."""
    page = _environment().get_template("cloud-steps.html").render(sheet=sheet, look="loose")
    return page.rstrip("\n") + "\n"


def _render(template: str, sheet: HandOut | Checklist) -> str:
    page = _environment().get_template(template).render(sheet=sheet, look=_look(template, _texts(sheet)))
    return page.rstrip("\n") + "\n"


def _look(template: str, texts: Iterable[str]) -> str:
    """Return how dense a sheet has to be set so that it stays one sheet; measured with Chromium."""
    lines = sum(1 + sum(2 if east_asian_width(char) in "WF" else 1 for char in text) // _LINE for text in texts)
    loose, dense = _MOST[template]
    return "loose" if lines <= loose else "dense" if lines <= dense else "tight"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value):
        for part in fields(value):
            yield from _texts(getattr(value, part.name))


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
    return value if isinstance(value, Markup) else Markup(str(escape(value)).replace("{", "&#123;"))  # noqa: S704
