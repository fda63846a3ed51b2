"""People from a sheet: shown first, line by line, and added when somebody has looked."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from holofleet.errors import ConflictError, HolofleetError, InputError, NotFoundError
from holofleet.server.authorization import Action
from holofleet.server.directory import NewPerson, Source
from holofleet.server.directory.sheet import COLUMNS, read_sheet
from holofleet.web.console.people import clients_of
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

PATH = "/people/import"
MOST = 500
"""Lines of one sheet; ours. Longer ones go through the command line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a sheet, and what would become of the line: ``add``, ``there`` or why not."""

    person: NewPerson
    fate: str


@declares(Action.CHANGE_PEOPLE)
def import_page(visit: Visit) -> Response:
    """``GET /people/import``: the field for a sheet."""
    return _page(visit)


@declares(Action.CHANGE_PEOPLE)
def import_people(visit: Visit) -> Response:
    """``POST /people/import``: show what a sheet would do; with ``act`` do it."""
    clients = _clients(visit)
    text = visit.form.get("sheet", "")
    try:
        people = read_sheet(text, "Line")
        if not people:
            raise InputError("the sheet names nobody", mend="Put one person on each line below the head line.")
        if len(people) > MOST:
            raise InputError(f"more than {MOST} people at once", mend="Use: holofleet users import FILE.")
    except InputError as error:
        return _page(visit, errors={"sheet": problem_of(error)}, status=422)
    rows = [Row(person, _fate(visit, person, clients)) for person in people]
    if visit.form.get("act") != "add":
        return _page(visit, rows=rows)
    done = [Row(row.person, _add(visit, row.person) if row.fate == "add" else row.fate) for row in rows]
    return _page(visit, rows=done, added=sum(row.fate == "added" for row in done))


def _fate(visit: Visit, person: NewPerson, clients: tuple[str, ...]) -> str:
    if person.client not in clients:
        return f"You add nobody of {person.client}."
    try:
        found = visit.services.directory.person(visit.principal, person.upn)
    except NotFoundError:
        return "add"
    return "there" if found.active else "add"


def _add(visit: Visit, person: NewPerson) -> str:
    try:
        visit.services.directory.add(visit.principal, person, source=Source.CSV)
    except ConflictError:
        return "there"
    except HolofleetError as error:
        return problem_of(error)
    return "added"


def _clients(visit: Visit) -> tuple[str, ...]:
    clients = clients_of(visit, Action.CHANGE_PEOPLE)
    if not clients:
        visit.require(Action.CHANGE_PEOPLE, "own")
    return clients


def _page(
    visit: Visit,
    *,
    rows: list[Row] | None = None,
    added: int | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    _clients(visit)
    told = rows or []
    return visit.render(
        "people_import.html",
        status,
        here="people",
        columns=COLUMNS,
        rows=told,
        new=sum(row.fate == "add" for row in told),
        there=sum(row.fate == "there" for row in told),
        added=added,
        sheet=visit.form.get("sheet", ""),
        errors=errors or {},
    )
