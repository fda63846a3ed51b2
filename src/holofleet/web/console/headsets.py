"""The list of headsets: filters that live in the address, fifty a page, in the order of serials."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.server.compliance import Compliance
from holofleet.server.fleet.views import HeadsetQuery, HeadsetSummary, Overview
from holofleet.web.console.acts import ACTS, SEVERAL
from holofleet.web.console.address import asking
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import HEADSET_WORDS, Word
from holofleet.web.declaration import declares

PAGE = 50
LONGEST = 100
FIELDS = ("compliance", "deployment", "client", "site", "q")


@dataclass(frozen=True, slots=True)
class Filter:
    """What was asked for, as texts of the address."""

    compliance: str = ""
    deployment: str = ""
    client: str = ""
    site: str = ""
    q: str = ""
    after: str = ""

    def href(self, **changes: str) -> str:
        """Return the address of the list with some of it changed; empty parts are left out."""
        asked = {name: getattr(self, name) for name in FIELDS} | changes
        return asking("/headsets", asked)

    @property
    def query(self) -> HeadsetQuery:
        """The filter as the service takes it."""
        return HeadsetQuery(
            compliance=Compliance(self.compliance) if self.compliance else None,
            deployment=self.deployment or None,
            client=self.client or None,
            site=self.site or None,
            text=self.q,
        )

    @property
    def live_query(self) -> str:
        """The filter as the stream of the page is asked for; ``page`` there is ``after`` here."""
        asked = {name: getattr(self, name) for name in FIELDS} | {"page": self.after}
        return "".join(f"&{urlencode({name: text})}" for name, text in asked.items() if text)

    @property
    def is_on(self) -> bool:
        """Whether anything is filtered."""
        return any(getattr(self, name) for name in FIELDS)

    def in_words(self) -> str:
        """Repeat the filter as a sentence part: ``drifted, in plant-assist, with "17" in name or serial``."""
        parts = [HEADSET_WORDS[self.compliance].label.lower() if self.compliance else ""]
        parts += [f"in {self.deployment}" if self.deployment else "", f"of {self.client}" if self.client else ""]
        parts += [f"at {self.site}" if self.site else "", f'with "{self.q}" in name or serial' if self.q else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Chip:
    """A word with its count, as a link that sets or clears it."""

    word: Word | None
    label: str
    number: int | None
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list."""

    filter: Filter
    headsets: tuple[HeadsetSummary, ...]
    next: str | None
    total: int | None
    fleet: int
    chips: tuple[Chip, ...]
    deployments: tuple[str, ...]
    clients: tuple[str, ...]
    newest_event: int


@declares(Action.READ_HEADSETS)
def headsets_page(visit: Visit) -> Response:
    """``/headsets``: which headsets are ...?"""
    visit.require(Action.READ_HEADSETS)
    asked = filter_of(visit)
    listing = read_listing(visit, asked)
    return visit.render(
        "headsets.html",
        here="headsets",
        listing=listing,
        searched=asked.q,
        view="headsets",
        after=listing.newest_event,
        view_query=asked.live_query,
        orders=[
            ACTS[key] for key in SEVERAL if any(visit.may(ACTS[key].action, client) for client in listing.clients)
        ],
    )


def filter_of(visit: Visit, *, after: str = "after") -> Filter:
    """Read the filter from the address; a word that does not exist filters nothing."""
    asked = {name: visit.asked(name)[:LONGEST] for name in FIELDS}
    if asked["compliance"] not in HEADSET_WORDS:
        asked["compliance"] = ""
    return Filter(**asked, after=visit.asked(after)[:LONGEST])


def read_listing(visit: Visit, asked: Filter) -> Listing:
    """Read one page of the list with its counts."""
    page = visit.services.fleet.headsets(visit.scope, asked.query, after=asked.after or None, limit=PAGE)
    overview: Overview = visit.services.fleet.overview(visit.scope)
    counts = counts_of(overview, asked)
    total = sum(counts.values())
    chips = [
        Chip(
            None, "All", None if asked.q or asked.site else total, asked.href(compliance=""), not asked.compliance
        )
    ]
    for key, word in HEADSET_WORDS.items():
        number = counts.get(key, 0)
        if number or key == asked.compliance:
            on = key == asked.compliance
            shown = None if asked.q or asked.site else number
            chips.append(Chip(word, word.label, shown, asked.href(compliance="" if on else key), on))
    return Listing(
        filter=asked,
        headsets=page.headsets,
        next=asked.href(after=page.next) if page.next else None,
        total=None if asked.q or asked.site else (counts.get(asked.compliance, 0) if asked.compliance else total),
        fleet=overview.total,
        chips=tuple(chips),
        deployments=tuple(deployment.name for deployment in overview.deployments),
        clients=tuple(sorted({deployment.client for deployment in overview.deployments})),
        newest_event=overview.newest_event,
    )


def counts_of(overview: Overview, asked: Filter) -> dict[str, int]:
    """Count by word what the filters on deployment and client leave; exact, from the counters."""
    if not asked.deployment and not asked.client:
        return dict(overview.counts)
    counts: dict[str, int] = {}
    for deployment in overview.deployments:
        if asked.deployment not in ("", deployment.name) or asked.client not in ("", deployment.client):
            continue
        for key, number in deployment.counts.items():
            counts[key] = counts.get(key, 0) + number
    return counts
