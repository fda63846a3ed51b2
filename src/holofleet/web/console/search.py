"""Search: headsets, people, settings and guide statements with a text, each only as far as one may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.responses import Response

from holofleet.errors import NotFoundError
from holofleet.server.authorization import Action
from holofleet.server.directory import PeopleQuery, Person
from holofleet.server.fleet.views import HeadsetQuery, HeadsetSummary, SettingPlace
from holofleet.server.guides import Statement
from holofleet.web.console.people import Words
from holofleet.web.console.standing import STANDING_WORDS
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

SHOWN = 10
"""Of each kind; more stand behind a link where there is a list. Ours."""
LONGEST = 100
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class SettingFound:
    """A setting with the deployments that say something about it."""

    uri: str
    places: tuple[SettingPlace, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What has the text; ``more_*`` are addresses of the whole list, where there is more."""

    headsets: tuple[HeadsetSummary, ...] = ()
    people: tuple[Person, ...] = ()
    settings: tuple[SettingFound, ...] = ()
    statements: tuple[Statement, ...] = ()
    more_headsets: str = ""
    more_people: str = ""
    more_statements: str = ""

    @property
    def nothing(self) -> bool:
        """Whether nothing has the text."""
        return not (self.headsets or self.people or self.settings or self.statements)


@declares(Action.READ_HEADSETS)
def search_page(visit: Visit) -> Response:
    """``/search?q=``: a serial number or a statement's number goes there at once, anything else is listed."""
    visit.require(Action.READ_HEADSETS)
    text = visit.asked("q")[:LONGEST]
    if len(text) < SHORTEST:
        return visit.render("search.html", here="search", searched=text, found=None, **_words())
    statements = _statements(visit)
    there = exactly(visit, text, statements)
    if there:
        return visit.go(there)
    found = find(visit, text, statements)
    return visit.render("search.html", here="search", searched=text, found=found, **_words())


def exactly(visit: Visit, text: str, statements: Sequence[Statement]) -> str:
    """Return the address of the one thing that is called so; empty where there is none."""
    try:
        return f"/headsets/{quote(visit.services.fleet.headset(visit.scope, text).summary.serial)}"
    except NotFoundError:
        pass
    known = any(one.id == text.upper() for one in statements)
    return f"/guide/{text.upper()}" if known else ""


def find(visit: Visit, text: str, among: Sequence[Statement]) -> Found:
    """Look for a text in everything that the person may see."""
    page = visit.services.fleet.headsets(visit.scope, HeadsetQuery(text=text), limit=SHOWN)
    people, more_people = _people(visit, text)
    statements = [one for one in among if _has(one, text)]
    return Found(
        headsets=page.headsets,
        people=people,
        settings=_settings(visit, text),
        statements=tuple(statements[:SHOWN]),
        more_headsets=f"/headsets?{urlencode({'q': text})}" if page.next else "",
        more_people=more_people,
        more_statements=f"/guide?{urlencode({'q': text, 'show': 'all'})}" if len(statements) > SHOWN else "",
    )


def _people(visit: Visit, text: str) -> tuple[tuple[Person, ...], str]:
    if not visit.may(Action.READ_PEOPLE):
        return (), ""
    page = visit.services.directory.people(visit.principal, PeopleQuery(text, here=None), limit=SHOWN)
    return tuple(page.people), f"/people?{urlencode({'q': text})}" if page.next else ""


def _settings(visit: Visit, text: str) -> tuple[SettingFound, ...]:
    places = visit.services.fleet.settings_named(visit.scope, text.replace(" ", ""))
    found: dict[str, list[SettingPlace]] = {}
    for place in places:
        found.setdefault(place.uri, []).append(place)
    return tuple(SettingFound(uri, tuple(where)) for uri, where in list(found.items())[:SHOWN])


def _statements(visit: Visit) -> Sequence[Statement]:
    if not visit.may(Action.READ_TEXTS):
        return ()
    board = visit.services.guides.board(visit.principal)
    return () if board is None else board.statements


def _has(statement: Statement, text: str) -> bool:
    return text.lower() in f"{statement.id} {statement.title} {statement.requirement}".lower()


def _words() -> dict[str, object]:
    return {"words": Words, "standing": STANDING_WORDS}
