"""The list of headsets: what is asked for stands in the address, fifty a page, by serial or by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from starlette.responses import Response

from holofleet.server.authorization import Action, PrincipalKind
from holofleet.server.custody import HeadsetState, Holder
from holofleet.server.fleet.asking import EXAMPLES, ME, NEVER, Asking, Fault
from holofleet.server.fleet.saved import SavedView
from holofleet.server.fleet.views import NOBODY, HeadsetQuery, HeadsetSummary, Overview, Sorting
from holofleet.web.console.acts import ACTS, SEVERAL
from holofleet.web.console.address import asking
from holofleet.web.console.columns import Columns
from holofleet.web.console.sheet_file import sheet_file
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import HEADSET_WORDS, Word
from holofleet.web.declaration import declares

PAGE = 50
LONGEST = 400
EXPORTED_AT_ONCE = 500
FIELDS = ("compliance", "deployment", "client", "site")
"""Filters with a name of their own in the address; every other one stands in ``q`` with the words."""
COLUMNS = Columns(
    {
        "deployment": "Deployment",
        "holder": "Holder",
        "seen": "Last check-in",
        "build": "Build",
        "site": "Site",
        "client": "Client",
        "enrolled": "Enrolled",
        "certificate": "Certificate until",
    },
    usual=("deployment", "holder", "seen", "build", "site"),
)
SORTED = {Sorting.SERIAL: "By serial", Sorting.NAME: "By name"}
READY = {"My loans": "held-by:me", "Not seen 30 days": "seen:>30d", "Certificate ends": "cert:<30d"}
"""Views that everybody has: names, and what they ask for."""
MOST_IN_A_MENU = 40
BEFORE = {"": "", "Before": "<"}
HOLDERS = {"Me": ME, "Nobody": NOBODY}
AGES = {"Within an hour": "<1h", "More than a day ago": ">1d", "More than 30 days ago": ">30d", "Never": NEVER}
ENDS = {"Within 30 days": "<30d", "Within 90 days": "<90d"}


@dataclass(frozen=True, slots=True)
class Filter:
    """What was asked for.

    Args:
        asking: The filter, as it is written.
        show: Columns, as the address has them.
        sort: What the list is sorted by.
        after: The serial after which the page begins.
        now: From when ages are counted.
        me: UPN of whoever asks.
    """

    asking: Asking
    show: str = ""
    sort: Sorting = Sorting.SERIAL
    after: str = ""
    now: datetime | None = None
    me: str = ""

    @property
    def fields(self) -> Mapping[str, str]:
        """All of it but the page, as texts of an address."""
        rest = {key: said for key, said in self.asking.values.items() if key not in FIELDS}
        named = {key: self.asking.values.get(key, "") for key in FIELDS}
        sort = "" if self.sort is Sorting.SERIAL else str(self.sort)
        return {**named, "q": Asking(rest, self.asking.words).text, "show": self.show, "sort": sort}

    def href(self, **changes: str) -> str:
        """Return the address of the list with some of it changed; empty parts are left out."""
        return asking("/headsets", {**self.fields, **changes})

    def but(self, key: str, value: str = "") -> str:
        """Return the address of the list with one filter set, or taken away."""
        return replace(self, asking=self.asking.but(key, value)).href()

    @property
    def file(self) -> str:
        """The address of the same list as a file."""
        return self.href(show="").replace("/headsets", "/headsets.csv", 1)

    @property
    def text(self) -> str:
        """The filter as it is written, faults and all."""
        return self.asking.text

    @property
    def query(self) -> HeadsetQuery:
        """The filter as the service takes it."""
        assert self.now is not None
        return self.asking.query(now=self.now, me=self.me, sort=self.sort)

    @property
    def live_query(self) -> str:
        """The filter as the stream of the page is asked for; ``page`` there is ``after`` here."""
        asked = {**self.fields, "page": self.after}
        return "".join(f"&{urlencode({name: text})}" for name, text in asked.items() if text)

    @property
    def is_on(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.asking.values or self.asking.words)

    @property
    def is_counted(self) -> bool:
        """Whether there are counters for what is filtered, by word, deployment and client."""
        return not self.asking.words and self.asking.values.keys() <= {"compliance", "deployment", "client"}

    def in_words(self) -> str:
        """Repeat the filter as a sentence part: ``drifted, in plant-assist, with "17" in name or serial``."""
        return self.asking.in_words({key: word.label for key, word in HEADSET_WORDS.items()})


@dataclass(frozen=True, slots=True)
class Chip:
    """A word with its count, or a filter, as a link that sets or clears it."""

    word: Word | None
    label: str
    number: int | None
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """Values of one filter, as links."""

    title: str
    links: tuple[Chip, ...]
    more: str = ""
    """How the others are written."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list."""

    filter: Filter
    columns: tuple[str, ...]
    headsets: tuple[HeadsetSummary, ...]
    holders: Mapping[str, Holder]
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
    views = visit.services.fleet.saved_views(visit.principal)
    return visit.render(
        "headsets.html",
        422 if asked.asking.faults else 200,
        here="headsets",
        listing=listing,
        faults=asked.asking.faults,
        examples=EXAMPLES,
        typed=visit.asked("q") if asked.asking.faults else asked.text,
        menus=menus_of(visit, listing),
        titles=COLUMNS.titles,
        sorted_by=SORTED,
        ready=[(name, asking("/headsets", {"q": text})) for name, text in READY.items() if _may_ask(visit, text)],
        saved=views,
        view_now=_named(views, asked),
        view="headsets",
        after=listing.newest_event,
        view_query=asked.live_query,
        may_enroll=visit.may(Action.READ_ENROLLMENTS),
        orders=[
            ACTS[key] for key in SEVERAL if any(visit.may(ACTS[key].action, client) for client in listing.clients)
        ],
    )


@declares(Action.READ_HEADSETS)
def export_list(visit: Visit) -> Response:
    """``GET /headsets.csv``: the list as it is filtered, whole, for a spreadsheet."""
    visit.require(Action.READ_HEADSETS)
    asked = usable_filter(visit)
    sees_holders = visit.may(Action.READ_CUSTODY)
    header = ("serial", "name", "state", "client", "deployment", "site", "last_seen_at", "os_build")
    more = ("enrolled_at", "certificate_not_after", *(("holder",) if sees_holders else ()))
    return sheet_file("headsets.csv", (*header, *more), _lines(visit, asked, with_holders=sees_holders))


def filter_of(visit: Visit, *, after: str = "after") -> Filter:
    """Read the filter from the address; a word of compliance of its own that does not exist filters nothing."""
    asked = Asking.parse(visit.asked("q")[:LONGEST])
    faults = asked.faults
    for name in FIELDS:
        said = visit.asked(name)[:LONGEST].replace('"', "")
        if name == "compliance" and said not in HEADSET_WORDS:
            said = ""
        if said and asked.values.get(name, said) != said:
            why = f"it stands there with {name}:{asked.values[name]} too"
            faults = (*faults, Fault(f"{name}:{said}", why, "A list has one of each."))
        elif said:
            asked = asked.but(name, said)
    if "held-by" in asked.values and not visit.may(Action.READ_CUSTODY):
        faults = (*faults, Fault("held-by", "your role does not see who has a headset", "Leave it out."))
    sort = Sorting.NAME if visit.asked("sort") == Sorting.NAME else Sorting.SERIAL
    return Filter(
        replace(asked, faults=faults),
        COLUMNS.asked(visit),
        sort,
        visit.asked(after)[:LONGEST],
        visit.now,
        visit.principal.name if visit.principal.kind is PrincipalKind.PERSON else "",
    )


def usable_filter(visit: Visit) -> Filter:
    """Read a filter for something that must not be done with half of it.

    Raises:
        InputError: a part of it means nothing.
    """
    asked = filter_of(visit)
    asked.asking.require()
    return asked


def read_listing(visit: Visit, asked: Filter) -> Listing:
    """Read one page of the list with its counts; with a fault in the filter it is empty."""
    found: tuple[HeadsetSummary, ...] = ()
    following: str | None = None
    if not asked.asking.faults:
        page = visit.services.fleet.headsets(visit.scope, asked.query, after=asked.after or None, limit=PAGE)
        found, following = page.headsets, page.next
    overview: Overview = visit.services.fleet.overview(visit.scope)
    counts = counts_of(overview, asked)
    word = asked.asking.values.get("compliance", "")
    total = counts.get(word, 0) if word else sum(counts.values())
    known = len(found) if following is None and not asked.after else None
    unseen = () if visit.may(Action.READ_CUSTODY) else ("holder",)
    columns = tuple(name for name in COLUMNS.shown(asked.show) if name not in unseen)
    return Listing(
        filter=asked,
        columns=columns,
        headsets=found,
        holders=holders_of(visit, found) if "holder" in columns else {},
        next=asked.href(after=following) if following else None,
        total=total if asked.is_counted else known,
        fleet=overview.total,
        chips=(*_words(asked, counts), *_set_filters(asked)),
        deployments=tuple(deployment.name for deployment in overview.deployments),
        clients=tuple(sorted({deployment.client for deployment in overview.deployments})),
        newest_event=overview.newest_event,
    )


def counts_of(overview: Overview, asked: Filter) -> dict[str, int]:
    """Count by word what the filters on deployment and client leave; exact, from the counters."""
    wanted, whose = (asked.asking.values.get(key, "") for key in ("deployment", "client"))
    if not wanted and not whose:
        return dict(overview.counts)
    counts: dict[str, int] = {}
    for deployment in overview.deployments:
        if wanted not in ("", deployment.name) or whose not in ("", deployment.client):
            continue
        for key, number in deployment.counts.items():
            counts[key] = counts.get(key, 0) + number
    return counts


def holders_of(visit: Visit, headsets: tuple[HeadsetSummary, ...]) -> dict[str, Holder]:
    """Return who has which of these headsets now, by serial."""
    states: tuple[HeadsetState, ...] = visit.services.custody.desk.out(
        visit.principal, [headset.serial for headset in headsets]
    )
    return {state.serial: state.person for state in states if state.person is not None}


def menus_of(visit: Visit, listing: Listing) -> tuple[Menu, ...]:
    """Return the filters that can be chosen without writing; one that leaves no choice is left out."""
    builds = sorted({headset.os_build.removeprefix("10.0.") for headset in listing.headsets} - {""}, reverse=True)
    sites = visit.services.fleet.sites(visit.scope)
    own = {"Our own" if name == "own" else name: name for name in listing.clients}
    built = {f"{word} {build}".strip(): mark + build for build in builds[:8] for word, mark in BEFORE.items()}
    offered = (
        ("Deployment", "deployment", {name: name for name in listing.deployments}),
        ("Site", "site", {name: name for name in sites}),
        ("Client", "client", own if len(own) > 1 else {}),
        ("Build", "build", built),
        ("Holder", "held-by", HOLDERS if visit.may(Action.READ_CUSTODY) else {}),
        ("Last check-in", "seen", AGES),
        ("Certificate ends", "cert", ENDS),
    )
    return tuple(
        Menu(title, tuple(_choices(listing.filter, key, values)), f"Or write {EXAMPLES[key]}.")
        for title, key, values in offered
        if values
    )


def _choices(asked: Filter, key: str, values: Mapping[str, str]) -> Iterator[Chip]:
    now = asked.asking.values.get(key, "")
    if now:
        yield Chip(None, "Any", None, asked.but(key), on=False)
    for label, value in list(values.items())[:MOST_IN_A_MENU]:
        yield Chip(None, label, None, asked.but(key, value), on=value == now)


def _words(asked: Filter, counts: Mapping[str, int]) -> Iterator[Chip]:
    """Yield the words of compliance, counted where there are counters for the rest of the filter."""
    chosen = asked.asking.values.get("compliance", "")
    total = sum(counts.values()) if asked.is_counted else None
    yield Chip(None, "All", total, asked.but("compliance"), not chosen)
    for key, word in HEADSET_WORDS.items():
        number = counts.get(key, 0)
        if number or key == chosen:
            href = asked.but("compliance", "" if key == chosen else key)
            yield Chip(word, word.label, number if asked.is_counted else None, href, key == chosen)


def _set_filters(asked: Filter) -> Iterator[Chip]:
    """Yield what else is filtered, in words, each as a link that takes it away."""
    for key, said in asked.asking.values.items():
        if key != "compliance":
            words = Asking({key: said}).in_words({})
            yield Chip(None, f"{words[:1].upper()}{words[1:]}", None, asked.but(key), on=True)


def _may_ask(visit: Visit, text: str) -> bool:
    return not text.startswith("held-by") or visit.may(Action.READ_CUSTODY)


def _named(views: tuple[SavedView, ...], asked: Filter) -> SavedView | None:
    address = asked.href().partition("?")[2]
    return next((view for view in views if view.query == address), None)


def _lines(visit: Visit, asked: Filter, *, with_holders: bool) -> Iterator[tuple[str | None, ...]]:
    after: str | None = None
    while True:
        page = visit.services.fleet.headsets(visit.scope, asked.query, after=after, limit=EXPORTED_AT_ONCE)
        holders = holders_of(visit, page.headsets) if with_holders else {}
        for one in page.headsets:
            holder = (holders[one.serial].upn if one.serial in holders else "",) if with_holders else ()
            yield (
                *(one.serial, one.name, str(one.compliance), one.client, one.deployment, one.site),
                *(_iso(one.last_seen_at), one.os_build, _iso(one.enrolled_at), _iso(one.certificate_not_after)),
                *holder,
            )
        after = page.next
        if after is None:
            return


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
