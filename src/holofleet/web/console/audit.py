"""The audit log: what happened with something, by whom and when; each entry to its proof; the whole chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.responses import Response

from holofleet.errors import HolofleetError, InputError, NotFoundError
from holofleet.server.audit import GENESIS, AuditQuery, Link, link_hash
from holofleet.server.authorization import Action
from holofleet.server.fleet.views import HeadsetQuery, HeadsetSummary
from holofleet.web.console.address import asking
from holofleet.web.console.people import NamesOfPeople
from holofleet.web.console.proofs import LastProof
from holofleet.web.console.records import told
from holofleet.web.console.visit import Visit
from holofleet.web.console.words import problem_of
from holofleet.web.declaration import declares

PAGE = 50
LONGEST = 200
LONGEST_CHECKPOINTS = 20_000
FIELDS = ("with", "by", "act", "from", "to")
_FIXED = frozenset({"local-admin", "job"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The search sentence as texts of the address, and what of it could not be read."""

    texts: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    def href(self, **changes: str) -> str:
        """Return the address of this search with some of it changed."""
        return asking("/audit", self.texts | changes)

    @property
    def is_on(self) -> bool:
        """Whether anything narrows."""
        return any(self.texts.values())

    def in_words(self) -> str:
        """Repeat the search as a sentence part."""
        said = {"with": "with {}", "by": "by {}", "act": "{}", "from": "from {}", "to": "until {}"}
        return ", ".join(said[name].format(text) for name, text in self.texts.items() if text)


@declares(Action.READ_AUDIT)
def audit_page(visit: Visit) -> Response:
    """``/audit``: who did what with X at time T?"""
    visit.require(Action.READ_AUDIT)
    asked, queries = read_search(visit)
    before = _number(visit.asked("before"))
    found = [] if asked.problems else search(visit, queries, before=before)
    newest = visit.services.audit.search(visit.principal, AuditQuery(), limit=1)
    name = NamesOfPeople(visit)
    return visit.render(
        "audit.html",
        422 if asked.problems else 200,
        here="audit",
        asked=asked,
        errors=asked.problems,
        entries=[told(link, name) for link in found[:PAGE]],
        next=asked.href(before=str(found[PAGE - 1].sequence)) if len(found) > PAGE else None,
        is_first=before is None,
        newest=newest[0].sequence if newest else 0,
        last=visit.console.proofs.newest,
    )


@declares(Action.READ_AUDIT)
def entry_page(visit: Visit) -> Response:
    """``/audit/NUMBER``: one entry with all that its hash covers, and whether it fits the entry before it."""
    visit.require(Action.READ_AUDIT)
    number = _number(visit.path("number"))
    if number is None or number < 1:
        raise NotFoundError("there is no such entry")
    pair = visit.services.audit.export(visit.principal, after=max(0, number - 2), limit=2)
    link = next((one for one in pair if one.sequence == number), None)
    if link is None:
        raise NotFoundError("there is no such entry")
    before = next((one for one in pair if one.sequence == number - 1), None)
    previous = before.hash if before is not None else GENESIS if number == 1 else None
    return visit.render(
        "audit_entry.html",
        here="audit",
        entry=told(link, NamesOfPeople(visit)),
        link=link,
        previous=previous,
        fits=previous is not None and link_hash(previous, link) == link.hash,
    )


@declares(Action.READ_AUDIT)
def verify_page(visit: Visit) -> Response:
    """``GET /audit/verify``: what a verification proves, and the form that starts one."""
    visit.require(Action.READ_AUDIT)
    return visit.render("audit_verify.html", here="audit", proof=None, errors={}, lines="")


@declares(Action.READ_AUDIT)
def verify_chain(visit: Visit) -> Response:
    """``POST /audit/verify``: walk the whole chain, against checkpoints that were kept elsewhere."""
    visit.require(Action.READ_AUDIT)
    lines = visit.form.get("checkpoints", "")[:LONGEST_CHECKPOINTS]
    try:
        proof = visit.services.audit.verify(visit.principal, lines.splitlines())
    except InputError as error:
        errors = {"checkpoints": problem_of(error)}
        return visit.render("audit_verify.html", 422, here="audit", proof=None, errors=errors, lines=lines)
    visit.console.proofs.newest = LastProof(proof, visit.now)
    return visit.render("audit_verify.html", here="audit", proof=proof, errors={}, lines=lines)


def read_search(visit: Visit) -> tuple[Asked, tuple[AuditQuery, ...]]:
    """Read the search sentence; a headset is several subjects in the log, so one search can be several queries."""
    texts = {name: visit.asked(name)[:LONGEST] for name in FIELDS}
    problems: dict[str, str] = {}
    moments = {}
    for name in ("from", "to"):
        try:
            moments[name] = _moment(texts[name])
        except ValueError:
            problems[name] = "Write a day and a time, such as 2026-03-02T09:00."
    if problems:
        return Asked(texts, problems), ()
    subjects = subjects_of(visit, texts["with"])
    actor = actor_of(texts["by"])
    queries = (AuditQuery(actor, texts["act"], one, None, moments["from"], moments["to"]) for one in subjects)
    return Asked(texts), tuple(queries)


def search(visit: Visit, queries: Sequence[AuditQuery], *, before: int | None) -> list[Link]:
    """Return one entry more than a page, newest first, of several queries together."""
    found: dict[int, Link] = {}
    for query in queries:
        links = visit.services.audit.search(visit.principal, query, before=before, limit=PAGE + 1)
        found |= {link.sequence: link for link in links}
    return [found[number] for number in sorted(found, reverse=True)[: PAGE + 1]]


def subjects_of(visit: Visit, text: str) -> tuple[str, ...]:
    """Return what something is called in the log: a subject as it stands, somebody's name, or a headset."""
    if not text or ":" in text:
        return (text,)
    if "@" in text:
        try:
            return (f"person:{visit.services.directory.person(visit.principal, text).id}",)
        except HolofleetError:
            return (f"person:{text}",)
    headset = _headset(visit, text)
    if headset is None:
        return (f"headset:{text}",)
    enrolled = (f"enrollment:{headset.enrollment}",) if headset.enrollment else ()
    return (f"headset:{headset.serial}", *enrolled)


def _headset(visit: Visit, text: str) -> HeadsetSummary | None:
    """Return the headset of a serial, else the one of a name, for which all names are looked through."""
    fleet = visit.services.fleet
    try:
        return fleet.headset(visit.scope, text).summary
    except NotFoundError:
        page = fleet.headsets(visit.scope, HeadsetQuery(text=text), after=None, limit=PAGE)
    return next((one for one in page.headsets if text.casefold() == one.name.casefold()), None)


def actor_of(text: str) -> str:
    """Return what somebody is called in the log as an actor."""
    if not text or ":" in text or text in _FIXED:
        return text
    return f"person:{text.casefold()}" if "@" in text else f"token:{text}"


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
