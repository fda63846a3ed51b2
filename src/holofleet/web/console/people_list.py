"""The list of people: filters and columns that live in the address, and the same list as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from holofleet.server.authorization import Action, Role
from holofleet.server.directory import Account, PeopleQuery, Person
from holofleet.server.directory.beside import NOTHING, Beside
from holofleet.web.console.address import asking
from holofleet.web.console.columns import Columns
from holofleet.web.console.people import ACCOUNTS, ROLES, Words, clients_of, number_of
from holofleet.web.console.sheet_file import sheet_file
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

PAGE = 50
LONGEST = 100
EXPORTED_AT_ONCE = 500
FIELDS = ("q", "role", "client", "account", "left", "show")
COLUMNS = Columns(
    {
        "may": "May",
        "sees": "Sees",
        "holds": "Holds now",
        "licenses": "Licenses",
        "signed-in": "Last sign-in",
        "calls": "In calls",
        "client": "Client",
        "site": "Site",
        "email": "Mail",
        "from": "From",
    },
    usual=("may", "sees", "holds", "licenses", "signed-in", "client"),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What was asked for, as texts of the address."""

    q: str = ""
    role: str = ""
    client: str = ""
    account: str = ""
    left: str = ""
    show: str = ""
    after: str = ""

    def href(self, **changes: str) -> str:
        """Return the address of the list with some of it changed."""
        asked = {name: getattr(self, name) for name in FIELDS} | changes
        return asking("/people", asked)

    @property
    def file(self) -> str:
        """The address of the same list as a file."""
        return self.href().replace("/people", "/people.csv", 1)

    @property
    def query(self) -> PeopleQuery:
        """The filter as the service takes it."""
        return PeopleQuery(self.q, self.client, self.role, self.account, here=not self.left)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are shown, in the order of the list."""
        return COLUMNS.shown(self.show)

    @property
    def is_on(self) -> bool:
        """Whether anything is filtered."""
        return any(getattr(self, name) for name in FIELDS if name != "show")

    def in_words(self) -> str:
        """Repeat the filter as a sentence part."""
        parts = [
            f'beginning with "{self.q}"' if self.q else "",
            self.role,
            f"of {self.client}" if self.client else "",
        ]
        parts += [ACCOUNTS.get(Account(self.account), "") if self.account else "", "who left" if self.left else ""]
        return ", ".join(part for part in parts if part)


@declares(Action.READ_PEOPLE)
def people_page(visit: Visit) -> Response:
    """``/people``: who are they, what may they do, what do they hold?"""
    visit.require(Action.READ_PEOPLE)
    asked = filter_of(visit)
    page = visit.services.directory.people(visit.principal, asked.query, after=asked.after or None, limit=PAGE)
    return visit.render(
        "people.html",
        here="people",
        asked=asked,
        people=page.people,
        beside=visit.services.directory.beside(visit.principal, [person.id for person in page.people]),
        nothing=NOTHING,
        columns=COLUMNS.titles,
        total=page.total,
        next=asked.href(after=page.next) if page.next else None,
        everybody=number_of(visit, PeopleQuery()),
        left=number_of(visit, PeopleQuery(here=False)),
        administrators=number_of(visit, PeopleQuery(role=str(Role.ADMINISTRATOR))),
        clients=clients_of(visit),
        may_add=bool(clients_of(visit, Action.CHANGE_PEOPLE)),
        words=Words,
    )


@declares(Action.READ_PEOPLE)
def export_people(visit: Visit) -> Response:
    """``GET /people.csv``: the list as it is filtered, every column, for a spreadsheet."""
    visit.require(Action.READ_PEOPLE)
    header = ("upn", "name", *(name.replace("-", "_") for name in COLUMNS.titles), "left_at")
    return sheet_file("people.csv", header, _lines(visit, filter_of(visit).query))


def cell_of(column: str, person: Person, beside: Beside) -> str:
    """Return what stands in a column of a person, as a file has it; empty where nothing is, or may be read."""
    said = {
        "may": " ".join(str(role) for role in ROLES if role in person.roles),
        "sees": Words.seen(person.scope) if person.roles else "",
        "holds": _number(beside.holds),
        "licenses": _number(beside.licenses),
        "signed-in": _iso(beside.signed_in_at),
        "calls": " ".join(sorted(person.call_roles)),
        "client": person.client,
        "site": person.site,
        "email": person.email,
        "from": str(person.source),
    }
    return said[column]


def filter_of(visit: Visit) -> Filter:
    """Read filter and columns from the address; a word that does not exist does nothing."""
    asked = {name: visit.asked(name)[:LONGEST] for name in FIELDS}
    if asked["role"] not in (*ROLES, "expert", "wearer"):
        asked["role"] = ""
    if asked["account"] not in list(Account):
        asked["account"] = ""
    asked["show"] = COLUMNS.asked(visit)
    return Filter(**asked, after=visit.asked("after")[:300])


def _lines(visit: Visit, query: PeopleQuery) -> Iterator[tuple[str, ...]]:
    for person, beside in _everybody(visit, query):
        cells = (cell_of(name, person, beside) for name in COLUMNS.titles)
        yield (person.upn, person.display_name, *cells, _iso(person.left_at))


def _everybody(visit: Visit, query: PeopleQuery) -> Iterator[tuple[Person, Beside]]:
    directory, after = visit.services.directory, None
    while True:
        page = directory.people(visit.principal, query, after=after, limit=EXPORTED_AT_ONCE)
        beside = directory.beside(visit.principal, [person.id for person in page.people])
        yield from ((person, beside.get(person.id, NOTHING)) for person in page.people)
        after = page.next
        if after is None:
            return


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
