"""Standing: which statements of the guides are met, and what proves each?

The board comes whole from its service; a page filters and groups it. Who sees one client only has no board: a
fleet file names every client at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote, urlencode

from starlette.responses import Response

from holofleet.server.authorization import Action
from holofleet.server.guides import WORDS, Board, Cell, GuideBar, Place, Statement
from holofleet.web.console.address import asking
from holofleet.web.console.bars import Bar, lay_out
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import Word, count
from holofleet.web.declaration import declares

PAGE = 50
"""Headsets of one page of those that report another value."""
MUSTS = "musts-not-met"
EVERYTHING = "all"
APPLIES = "applies"
"""What binds somebody: everything but what is not applicable."""
STANDING_WORDS: Mapping[str, Word] = {
    "met": Word("met", "Met", "compliant", "compliant"),
    "not met": Word("not met", "Not met", "refused", "refused"),
    "waived": Word("waived", "Waived", "log", "late"),
    "attested": Word("attested", "Attested", "person", "note"),
    "waiting": Word("waiting", "Waiting", "pending", "pending"),
    "not judged": Word("not judged", "Not judged", "expected", "expected"),
    "not applicable": Word("not applicable", "Not applicable", "neutral", "retired"),
}
"""In the order of the bars."""
KINDS = {
    "must": "must",
    "warning": "warned of",
    "recommended": "recommended",
    "limitation": "a limit",
    "optional": "optional",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: a word (or musts that are not met), a guide, a deployment, a text."""

    show: str
    guide: str = ""
    deployment: str = ""
    q: str = ""

    def href(self, **changes: str) -> str:
        """Return the address with some of it changed; empty parts are left out."""
        asked = {"show": self.show, "guide": self.guide, "deployment": self.deployment, "q": self.q} | changes
        return asking("/guide", asked)

    def takes(self, statement: Statement) -> bool:
        """Whether a statement is asked for."""
        if self.guide not in ("", statement.guide):
            return False
        word = statement.word
        if self.deployment:
            words = [cell.word for cell in statement.cells if self.deployment in cell.deployments]
            if not words:
                return False
            word = words[0]
        if self.q and self.q.lower() not in f"{statement.id} {statement.title} {statement.requirement}".lower():
            return False
        if self.show == MUSTS:
            return statement.must and word == "not met"
        if self.show == APPLIES:
            return word != "not applicable"
        return self.show == EVERYTHING or word == self.show


@dataclass(frozen=True, slots=True)
class GuideLine:
    """One guide with its bar, its legend and whom it binds."""

    guide: GuideBar
    bar: Bar
    shares: tuple[tuple[Word, int], ...]
    met: str


@dataclass(frozen=True, slots=True)
class Section:
    """Statements of one section of one guide."""

    guide: GuideBar
    title: str
    statements: tuple[Statement, ...]


@declares(Action.READ_TEXTS)
def standing_page(visit: Visit) -> Response:
    """``/guide``: which statements are met, and what proves each?"""
    visit.require(Action.READ_TEXTS)
    board = visit.services.guides.board(visit.principal)
    if board is None or not board.statements:
        return visit.render("standing_empty.html", here="guide", board=board)
    asked = asked_of(visit, board)
    shown = [statement for statement in board.statements if asked.takes(statement)]
    musts = [statement for statement in board.statements if statement.must]
    unmet = sum(statement.word == "not met" for statement in musts)
    return visit.render(
        "standing.html",
        here="guide",
        board=board,
        asked=asked,
        lines=[line_of(guide) for guide in board.guides],
        sections=list(sections_of(board, shown)),
        shown=len(shown),
        musts=len(musts),
        unmet=unmet,
        waiting=sum(statement.word == "waiting" for statement in musts),
        first=next((statement for statement in musts if statement.word == "not met"), None),
        chips=chips_of(board, asked, unmet),
        deployments=sorted({name for guide in board.guides for name in guide.binds}),
        words=STANDING_WORDS,
        kinds=KINDS,
        proof=proof_of,
        lead=lead_of,
    )


@declares(Action.READ_TEXTS)
def statement_page(visit: Visit) -> Response:
    """``/guide/RULE-ID``: one statement, what it hangs on, who breaks it, and how it turned."""
    visit.require(Action.READ_TEXTS)
    service = visit.services.guides
    board, statement = service.statement(visit.principal, visit.path("rule").upper())
    after = visit.asked("after")[:100]
    against = service.against(visit.principal, statement, after=after, limit=PAGE + 1)
    path = f"/guide/{quote(statement.id)}"
    return visit.render(
        "statement.html",
        here="guide",
        board=board,
        statement=statement,
        guide=next(guide for guide in board.guides if guide.id == statement.guide),
        against=against[:PAGE],
        after=after,
        next=f"{path}?{urlencode({'after': against[PAGE - 1][0]})}#against" if len(against) > PAGE else None,
        history=service.history(visit.principal, statement.id),
        places=places_of(statement),
        words=STANDING_WORDS,
        kinds=KINDS,
        line_of=line_href,
    )


def asked_of(visit: Visit, board: Board) -> Asked:
    """Read the filter; without one, musts that are not met where there are any, else what binds somebody."""
    show = visit.asked("show")
    if show not in (*WORDS, MUSTS, APPLIES, EVERYTHING):
        unmet = any(statement.must and statement.word == "not met" for statement in board.statements)
        show = MUSTS if unmet and not visit.asked("q") else APPLIES
    known = {name for guide in board.guides for name in guide.binds}
    guide, deployment = visit.asked("guide"), visit.asked("deployment")
    return Asked(
        show,
        guide if any(one.id == guide for one in board.guides) else "",
        deployment if deployment in known else "",
        visit.asked("q")[:100],
    )


def line_of(guide: GuideBar) -> GuideLine:
    """Lay out the bar of a guide: statements that do not apply are in the legend, not in the bar."""
    shares = tuple((word, guide.counts.get(key, 0)) for key, word in STANDING_WORDS.items())
    drawn = lay_out([(word.tone, number, word.key) for word, number in shares if word.key != "not applicable"])
    bound = sum(number for word, number in shares if word.key != "not applicable")
    good = sum(number for word, number in shares if word.key in ("met", "attested", "waived"))
    met = f"{count(good)} of {count(bound)}" if bound else "binds nobody"
    return GuideLine(guide, drawn, tuple(share for share in shares if share[1]), met)


def chips_of(board: Board, asked: Asked, unmet: int) -> list[tuple[str, Word | None, int, str, bool]]:
    """Return the filters: label, word, count, address, and whether it is on."""
    counts = {word: sum(statement.word == word for statement in board.statements) for word in STANDING_WORDS}
    binding = len(board.statements) - counts["not applicable"]
    chips: list[tuple[str, Word | None, int, str, bool]] = [
        ("Musts not met", None, unmet, asked.href(show=MUSTS), asked.show == MUSTS),
        ("What binds", None, binding, asked.href(show=APPLIES), asked.show == APPLIES),
    ]
    for key, word in STANDING_WORDS.items():
        if counts[key] or asked.show == key:
            chips.append((word.label, word, counts[key], asked.href(show=key), asked.show == key))
    everything = ("Everything", None, len(board.statements), asked.href(show=EVERYTHING), asked.show == EVERYTHING)
    return [*chips, everything]


def sections_of(board: Board, statements: Sequence[Statement]) -> Iterable[Section]:
    """Group statements by the section that they stand in, in the order of the guides."""
    guides = {guide.id: guide for guide in board.guides}
    for (guide, title), group in groupby(statements, key=lambda one: (one.guide, one.section)):
        yield Section(guides[guide], title, tuple(group))


def lead_of(statement: Statement, deployment: str = "") -> Cell:
    """Return the cell that a row shows: that of the deployment asked for, or the one most in need."""
    asked = (cell for cell in statement.cells if deployment in cell.deployments)
    return next(asked, statement.cells[0])


def proof_of(cell: Cell) -> str:
    """Return what proves a word, or what is in the way, as a sentence part."""
    if cell.word in ("not met", "waiting", "waived", "not applicable", "not judged"):
        return cell.why or cell.evidence
    return cell.evidence or cell.why


def places_of(statement: Statement) -> tuple[Place, ...]:
    """Return every line of the fleet file that the statement hangs on, each once."""
    return tuple(dict.fromkeys(place for cell in statement.cells for place in cell.places))


def line_href(path: str, line: int) -> str:
    """Return the address of a line of the fleet file."""
    return f"/fleet-file/{quote(path)}#L{line}"
