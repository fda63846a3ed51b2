"""Quality: which site or link hurts calls? By site, the worst first; never by person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from holofleet.server.assist.quality import WINDOWS, SiteQuality
from holofleet.server.authorization import Action
from holofleet.web.console.address import asking
from holofleet.web.console.bars import Part, lay_out
from holofleet.web.console.calls import GRADES, duration
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word, count
from holofleet.web.declaration import declares

PATHS: Mapping[str, bool | None] = {"": None, "direct": False, "relay": True}
PATH_WORDS = {"": "Every path", "direct": "Directly", "relay": "Through a relay"}
BANDS: Mapping[str, str] = {
    "optimal": "4 to 5 Mbit/s and a short way: what the guide calls optimal",
    "minimum": "1.5 Mbit/s, the guide's minimum: the picture is good enough",
    "reduced": "below 1.5 Mbit/s: a smaller, slower picture",
    "stills": "too little for a moving picture: stills and sound",
    "audio": "sound alone",
    "none": "connected, and nothing came through",
}
"""What each grade means, in the words of the guide where it has some."""
WORTH_A_LOOK = 0.05
"""From this share of poor time on the answer of the page names the site. Ours."""


@dataclass(frozen=True, slots=True)
class Share:
    """A grade with its share of the time, and the time."""

    word: Word
    percent: str
    time: str


@dataclass(frozen=True, slots=True)
class Row:
    """One site. ``checks``: by grade, how many headsets found it at their last check."""

    site: SiteQuality
    name: str
    href: str
    parts: tuple[Part, ...]
    sentence: str
    shares: tuple[Share, ...]
    time: str
    relayed: str
    checks: tuple[tuple[Word, int], ...]
    is_poor: bool


@declares(Action.READ_CALLS)
def quality_page(visit: Visit) -> Response:
    """``/quality``: how the media was, site by site, and what checks before calls found."""
    visit.require(Action.READ_CALLS)
    asked = visit.asked("days")
    days = int(asked) if asked in {str(one) for one in WINDOWS} else 30
    path = visit.asked("path") if visit.asked("path") in PATHS else ""
    quality = visit.services.assist.quality
    sites = quality.by_site(visit.principal, days=days, relayed=PATHS[path])
    rows = [row_of(one) for one in sites]

    def href(**changes: str) -> str:
        chosen = {"days": "" if days == 30 else str(days), "path": path} | changes
        return asking("/quality", chosen)

    return visit.render(
        "quality.html",
        here="quality",
        rows=rows,
        answer=answer_of(sites),
        days=days,
        windows=WINDOWS,
        path=path,
        path_words=PATH_WORDS,
        grades=GRADES,
        bands=BANDS,
        href=href,
        checks=quality.poor_checks(visit.principal, days=days),
    )


def row_of(site: SiteQuality) -> Row:
    """Lay out one site."""
    laid = lay_out([(GRADES[grade].tone, round(s * 10), grade) for grade, s in _in_order(site)])
    shares = tuple(
        Share(GRADES[grade], percent(seconds, site.measured), duration(round(seconds)))
        for grade, seconds in _in_order(site)
    )
    name = site.site or "At no site"
    said = ", ".join(f"{one.word.label.lower()} {one.percent}" for one in shares)
    return Row(
        site,
        name,
        f"/headsets?{urlencode({'site': site.site})}" if site.site else "/headsets",
        laid.parts,
        f"{name}: {said or 'nothing was measured'}.",
        shares,
        duration(round(site.measured)) if site.measured else "–",
        percent(site.relayed, site.measured) if site.measured else "–",
        tuple((GRADES[grade], site.checks[grade]) for grade in GRADES if site.checks.get(grade)),
        site.poor >= WORTH_A_LOOK,
    )


def percent(part: float, whole: float) -> str:
    """Write a share: never 0 % of what is there, never 100 % where something is missing."""
    if not part or not whole:
        return "0 %"
    share = round(part / whole * 100)
    return f"{100 if part >= whole else min(99, max(1, share))} %"


def answer_of(sites: Sequence[SiteQuality]) -> str:
    """Answer the page's question in a sentence; empty where there is nothing to say."""
    measured = [one for one in sites if one.measured]
    if not measured:
        return ""
    poor = [one for one in measured if one.poor >= WORTH_A_LOOK]
    if not poor:
        return "No site spends more than a twentieth of its calls below what the guide asks."
    worst = poor[0]
    also = f" {count(len(poor) - 1, 'more site is', 'more sites are')} above a twentieth." if len(poor) > 1 else ""
    share = percent(worst.poor * worst.measured, worst.measured)
    return f"{worst.site or 'Headsets at no site'}: {share} of the time below what the guide asks.{also}"


def _in_order(site: SiteQuality) -> list[tuple[str, float]]:
    return [(grade, site.seconds[grade]) for grade in GRADES if site.seconds.get(grade)]
