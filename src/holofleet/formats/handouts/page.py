"""Sheets as HTML: single files without scripts, which print on one page of A4 or Letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from unicodedata import east_asian_width

from jinja2 import Environment

from holofleet.formats import single_page
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
    return single_page.ended(page)


def _render(template: str, sheet: HandOut | Checklist) -> str:
    page = _environment().get_template(template).render(sheet=sheet, look=_look(template, _texts(sheet)))
    return single_page.ended(page)


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
    environment = single_page.environment(_PACKAGE, fillable=True)
    environment.globals.update(single_page.inline("style", single_page.asset(_PACKAGE, "paper.css")))
    return environment
