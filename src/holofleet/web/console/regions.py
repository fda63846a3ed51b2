"""Which parts of a page are live, and how each is made again. They are the templates that the page is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import escape
from starlette.requests import Request

from holofleet.server.authorization import Action
from holofleet.web.console.given_orders import progress_of
from holofleet.web.console.headset import frame, read_headset, settings_tab
from holofleet.web.console.headsets import filter_of, read_listing
from holofleet.web.console.overview import SCENARIOS, read_fleet
from holofleet.web.console.visit import Visit

Part = tuple[str, str, dict[str, Any]]
"""Id of the element, template that makes it, and what the template is given."""
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True, slots=True)
class View:
    """One live page.

    Args:
        action: What the listener must be allowed to do.
        parts: Makes the parts.
        personal: Whether a part holds a form, whose token belongs to one session.
        of_headset: Whether only the events of one headset matter.
    """

    action: Action
    parts: Callable[[Visit], Iterator[Part]]
    personal: bool = False
    of_headset: bool = False

    def serial(self, request: Request) -> str:
        """Return the serial whose events matter, or an empty text for those of all."""
        return request.query_params.get("serial", "") if self.of_headset else ""

    def render(self, visit: Visit) -> str:
        """Return all parts as one message."""
        return "".join(
            f'<hx-partial hx-target="#{escape(target)}" hx-swap="outerMorph">'
            f"{visit.console.render('part.html', visit, part=template, **context)}</hx-partial>\n"
            for target, template, context in self.parts(visit)
        )


def overview_parts(visit: Visit) -> Iterator[Part]:
    """The panels of the overview."""
    fleet = read_fleet(visit)
    context = {"fleet": fleet, "scenario_titles": SCENARIOS}
    if not fleet.overview.total:
        return
    for name in ("fleet", "needs", "happened", "deployments", "undelivered"):
        yield name, f"regions/{name}.html", context
    if fleet.strip:
        yield "strip", "regions/strip.html", context


def headsets_parts(visit: Visit) -> Iterator[Part]:
    """The rows of a page, each in its place; what would come or go is counted, so that nothing moves."""
    asked = filter_of(visit, after="page")
    listing = read_listing(visit, asked)
    for headset in listing.headsets:
        if _PLAIN_ID.match(headset.serial):
            yield f"h-{headset.serial}", "regions/row.html", {"headset": headset, "listing": listing}
    yield "changed", "regions/changed.html", {"listing": listing}


def headset_parts(visit: Visit) -> Iterator[Part]:
    """What a headset's page shows above its tabs, and its settings."""
    headset = read_headset(visit, visit.asked("serial"))
    tab = visit.asked("tab")
    context = settings_tab(visit, headset) if tab == "settings" else frame(visit, headset, tab=tab)
    yield "word", "regions/word.html", context
    yield "answer", "regions/answer.html", context
    yield "facts", "regions/facts.html", context
    if tab == "settings":
        yield "settings", "regions/settings.html", context
        yield "recent", "regions/recent.html", context


def orders_parts(visit: Visit) -> Iterator[Part]:
    """How far orders have come that were given together."""
    yield "progress", "regions/progress.html", progress_of(visit, visit.asked("given"))


VIEWS: dict[str, View] = {
    "orders": View(Action.READ_ORDERS, orders_parts),
    "overview": View(Action.READ_OVERVIEW, overview_parts),
    "headsets": View(Action.READ_HEADSETS, headsets_parts),
    "headset": View(Action.READ_HEADSETS, headset_parts, personal=True, of_headset=True),
}
