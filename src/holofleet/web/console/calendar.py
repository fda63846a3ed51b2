"""The calendar: who reconnects when, did they come, and will the next window fit?

A deployment whose headsets reconnect on an agreed day has a window each month; where they come back every so many
days there are no days to show, and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote, urlencode

from starlette.responses import PlainTextResponse, Response

from holofleet.errors import NotFoundError
from holofleet.server.authorization import Action
from holofleet.server.compliance import Compliance
from holofleet.server.visits import Visitor, Window, rule_in_words
from holofleet.server.visits.service import Place, Visiting
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import count
from holofleet.web.declaration import declares

PAGE = 50
SHEET = 500
"""Headsets of one site sheet; a larger site gets one for each page. Ours."""
STEPS = (
    "Charge the headset to at least half, and leave it on its charger for large updates.",
    "Connect it to the network of the site, and have the time of day right.",
    "Sign in once with each account that is used until the next visit: so the headset knows it offline.",
    "Open Settings, Accounts, Access work or school, and sync; or wait: it asks for its settings by itself.",
    "Let updates download and install; it may restart more than once.",
    "Look here whether it is compliant before it leaves the network.",
)
"""What happens at a visit, in order."""


@declares(Action.READ_HEADSETS)
def calendar_page(visit: Visit) -> Response:
    """``/calendar``: deployments at their sites, those with the next window first."""
    visit.require(Action.READ_HEADSETS)
    places = visit.services.visits.places(visit.scope)
    monthly = [place for place in places if place.ahead]
    following = next(iter(monthly), None)
    return visit.render(
        "calendar.html",
        here="calendar",
        monthly=monthly,
        others=[place for place in places if not place.ahead],
        late=sum(place.count.late for place in places),
        following=following,
        rule=rule_in_words,
        site=site_of,
        href=window_href,
        days=days_of,
    )


@declares(Action.READ_HEADSETS)
def window_page(visit: Visit) -> Response:
    """``/calendar/DEPLOYMENT/DAY``: one window: steps, who is expected, how long it takes."""
    visit.require(Action.READ_HEADSETS)
    after = visit.asked("after")[:100]
    found = read_window(visit, after=after, limit=PAGE)
    lacking = lacking_of(visit)
    base = window_href(found.place, found.window)
    return visit.render(
        "calendar_window.html",
        here="calendar",
        found=found,
        after=after,
        first=base,
        next=more_href(base, found.page.next) if found.page.next else None,
        sheet=f"{base.partition('?')[0]}/sheet?{urlencode({'site': found.place.site_name})}",
        steps=STEPS,
        waiting=waiting_of,
        lacking=lacking,
        answer=answer_of(found, visit),
        line=line_of(found.place),
        site=site_of(found.place),
        rule=rule_in_words(found.place.deployment),
        days=days_of(found.window),
        next_window=next((one for one in found.place.ahead if one.first > found.window.first), None),
    )


@declares(Action.READ_HEADSETS)
def sheet_file(visit: Visit) -> Response:
    """``/calendar/DEPLOYMENT/DAY/sheet``: the site sheet as a text file, for a site without network."""
    visit.require(Action.READ_HEADSETS)
    found = read_window(visit, after=visit.asked("after")[:100], limit=SHEET)
    name = f"site-sheet-{found.place.deployment.name}-{found.window.first.isoformat()}.txt"
    lines = sheet_lines(found, visit, lacking_of(visit))
    return PlainTextResponse(
        "\n".join(lines) + "\n", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def read_window(visit: Visit, *, after: str, limit: int) -> Visiting:
    """Read the window that the address names.

    Raises:
        NotFoundError: no such place, or no window begins on that day.
    """
    try:
        first = date.fromisoformat(visit.path("day"))
    except ValueError as error:
        raise NotFoundError("no window begins on that day") from error
    return visit.services.visits.visiting(
        visit.scope, visit.path("deployment"), visit.asked("site")[:100], first, after=after, limit=limit
    )


def lacking_of(visit: Visit) -> frozenset[str] | None:
    """Return who lacks a license that the job needs, by sign-in name; ``None`` where one may not see that."""
    if not visit.may(Action.READ_LICENSES):
        return None
    return frozenset(lack.upn for lack in visit.services.licenses.report(visit.principal).lacking)


def answer_of(found: Visiting, visit: Visit) -> str:
    """Answer in one line who is expected when, or who came."""
    headsets = count(found.place.count.headsets, "headset")
    if found.window.begins > visit.now:
        return f"{headsets} {'is' if found.place.count.headsets == 1 else 'are'} expected {days_of(found.window)}."
    if found.came is None:
        return f"This window is over: {days_of(found.window)}."
    return f"{count(found.came)} of {headsets} came back {days_of(found.window)}."


def line_of(place: Place) -> str:
    """Say how long a large update takes at the site, or why that is not known."""
    if place.site is None or not place.site.downlink_mbps:
        return "How fast its line is does not stand in the fleet file (`network.downlink_mbps` of the site)."
    needed = place.update_time
    assert needed is not None
    rate = f"{place.site.downlink_mbps:g} Mbit/s"
    each = span(needed / max(1, place.count.headsets))
    if place.count.headsets < 2:
        return f"A large update (4 GB, assumed) takes about {each} at {rate}."
    together = f"{span(needed)} for all {count(place.count.headsets)} one after the other"
    return f"A large update (4 GB for each, assumed) takes about {each} at {rate}, {together}; once with a cache."


def span(length: timedelta) -> str:
    """Write a length of time as people say it."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes < 90:
        return count(minutes, "minute")
    hours = round(minutes / 60)
    return count(hours, "hour") if hours < 48 else count(round(hours / 24), "day")


def waiting_of(one: Visitor) -> str:
    """Say what a headset will get at its visit."""
    corrected = one.word in (Compliance.DRIFTED, Compliance.PENDING)
    parts = ["new settings"] if one.settings_wait else ["corrections"] if corrected else []
    if one.orders_wait:
        parts.append(count(one.orders_wait, "order"))
    return ", ".join(parts) or "nothing new"


def days_of(window: Window) -> str:
    """Write the days of a window: ``11 March 2026``, ``11 to 13 March 2026``."""
    first, last = window.first, window.last
    if first == last:
        return f"{first.day} {first:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last.day} {first:%B %Y}"
    return f"{first.day} {first:%B} to {last.day} {last:%B %Y}"


def site_of(place: Place) -> str:
    """Return how the site of a place is called."""
    if place.site is not None and place.site.display_name:
        return place.site.display_name
    return place.site_name or "no site"


def window_href(place: Place, window: Window) -> str:
    """Return the address of a window of a place."""
    path = f"/calendar/{quote(place.deployment.name)}/{window.first.isoformat()}"
    return f"{path}?{urlencode({'site': place.site_name})}" if place.site_name else path


def more_href(base: str, after: str) -> str:
    """Return the address of the next page of a window."""
    return f"{base}{'&' if '?' in base else '?'}{urlencode({'after': after})}"


def sheet_lines(found: Visiting, visit: Visit, lacking: frozenset[str] | None) -> Iterator[str]:
    """Write the site sheet: what happens, and a line to tick for every headset."""
    place = found.place
    yield f"SITE SHEET  {site_of(place)}, {place.deployment.name}"
    yield f"{days_of(found.window)} ({place.deployment.timezone}). {answer_of(found, visit)}"
    yield line_of(place)
    yield ""
    yield from (f"{number}. {step}" for number, step in enumerate(STEPS, start=1))
    yield ""
    yield f"{'Done':6}{'Headset':20}{'Serial':18}{'State':14}{'It gets':24}Account"
    for one in found.page.headsets:
        short = " (lacks a license)" if lacking is not None and one.account in lacking else ""
        yield f"[ ]   {one.name or '-':20}{one.serial:18}{one.word!s:14}{waiting_of(one):24}{one.account}{short}"
    if found.page.next:
        yield f"More headsets follow {found.page.headsets[-1].serial}: save the next sheet."
    yield ""
    yield f"As of {visit.now:%Y-%m-%d %H:%M} UTC."
