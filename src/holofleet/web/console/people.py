"""One person: who they are, what they may do, and what was done by them and with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from holofleet.errors import HolofleetError
from holofleet.server.access import SessionRecord
from holofleet.server.audit import AuditQuery, Link
from holofleet.server.authorization import Action, Role, Scope
from holofleet.server.directory import Account, Group, PeopleQuery, Person, Source
from holofleet.web.console.names import names_of
from holofleet.web.console.people_proofs import proofs_of
from holofleet.web.console.records import Told, told
from holofleet.web.console.visit import Visit
from holofleet.web.declaration import declares

RECENT = 20
ROLES = tuple(role for role in Role if role is not Role.PROVISIONER)
MAY: dict[Role, str] = {
    Role.VIEWER: "sees headsets, settings, drift and the directory; changes nothing",
    Role.HELPDESK: "sees everything, syncs and restarts headsets, marks them lost, keeps custody",
    Role.DEPLOYER: "does what helpdesk does; applies fleet files, wipes, unenrolls, issues credentials, lends",
    Role.AUDITOR: "sees everything and the audit log; changes nothing",
    Role.ADMINISTRATOR: "does everything, and decides who may do what",
}
ACCOUNTS = {
    Account.PERSON: "person",
    Account.HEADSET: "account of one headset and one wearer",
    Account.SHARED: "shared account of a headset",
}
SOURCES = {
    Source.FILE: "the fleet file",
    Source.SCIM: "an identity provider (SCIM)",
    Source.CSV: "a CSV file",
    Source.CONSOLE: "this console",
}
LONGEST_REASON = 500
DONE = {
    "added": "Added, without any role. Give one below, if they are to see more than the sign-in page.",
    "changed": "Changed. It holds from their next request on.",
    "role": "The role holds from their next request on.",
    "left": "They left. What stood in their name has ended.",
    "session": "The session has ended.",
    "pin": "The PIN is void. They choose a new one themselves, signed in.",
    "secret": "Recorded.",
}
"""What is said after an act, by a word in the address."""


@declares(Action.READ_PEOPLE)
def person_page(visit: Visit) -> Response:
    """``/people/KEY``: what may they do, what stands in their name, what was done?"""
    person = read_person(visit)
    return visit.render("person.html", **frame(visit, person), errors={})


def frame(visit: Visit, person: Person) -> dict[str, Any]:
    """Return what the page of a person shows."""
    visible = visit.may(Action.READ_AUDIT)
    desk = visit.services.custody.desk
    holds = desk.held_by(visit.principal, person.id) if visit.may(Action.READ_CUSTODY) else ()
    return {
        "here": "people",
        "person": person,
        "base": path_of(person),
        "groups": [
            group for group in visit.services.directory.groups(visit.principal) if person.id in group.members
        ],
        "sessions": sessions_of(visit, person),
        "holds": holds,
        "held_names": names_of(visit, [one.serial for one in holds]),
        "entries": entries_of(visit, person) if visible else (),
        "sees_audit": visible,
        "may_change": person.active and visit.may(Action.CHANGE_PEOPLE, person.client),
        "may_grant": person.active and may_grant(visit, person),
        "is_self": is_self(visit, person),
        "roles": ROLES,
        "may_of": MAY,
        "words": Words,
        **proofs_of(visit, person),
        "done": DONE.get(visit.asked("done"), ""),
        "invitation": "",
    }


def parting_faults(visit: Visit, person: Person) -> dict[str, str]:
    """Return what is missing before somebody leaves or is erased, by field: their name, typed, and a reason."""
    typed, reason = visit.form.get("upn", "").strip().casefold(), visit.form.get("reason", "").strip()
    faults = {}
    if typed != person.upn:
        faults["upn"] = f"Type {person.upn} exactly." if typed else f"Type {person.upn}."
    if not reason:
        faults["reason"] = "Give the reason. It stands in the record."
    elif len(reason) > LONGEST_REASON:
        faults["reason"] = f"At most {LONGEST_REASON} characters."
    return faults


class Words:
    """How people and their rights are written."""

    @staticmethod
    def name(person: Person) -> str:
        """The name of somebody."""
        return person.display_name or person.upn

    @staticmethod
    def seen(scope: Scope) -> str:
        """What somebody's roles hold for."""
        parts = ["every client"]
        if scope.clients is not None:
            named = ("our own" if one == "own" else one for one in sorted(scope.clients))
            parts = [", ".join(named) or "no client"]
        if scope.sites is not None:
            parts.append(f"at {', '.join(sorted(scope.sites)) or 'no site'}")
        if scope.deployments is not None:
            parts.append(f"in {', '.join(sorted(scope.deployments)) or 'no deployment'}")
        return ", ".join(parts)

    @staticmethod
    def account(person: Person) -> str:
        """What kind of account it is."""
        return ACCOUNTS[person.account]

    @staticmethod
    def source(thing: Person | Group) -> str:
        """Who says that they are there."""
        return SOURCES[thing.source]

    @staticmethod
    def roles(roles: Iterable[Role]) -> str:
        """The roles, most powerful last."""
        given = frozenset(roles)
        return " and ".join(str(role) for role in ROLES if role in given)

    @staticmethod
    def path(person: Person) -> str:
        """The page of somebody."""
        return path_of(person)


def path_of(person: Person) -> str:
    """Return the address of somebody's page."""
    return f"/people/{quote(person.id, safe='')}"


def read_person(visit: Visit) -> Person:
    """Read the person of the address, who must be one that the visitor may see."""
    visit.require(Action.READ_PEOPLE)
    return visit.services.directory.person(visit.principal, visit.path("key"))


def number_of(visit: Visit, query: PeopleQuery) -> int:
    """Count people, without reading them."""
    return visit.services.directory.people(visit.principal, query, limit=1).total


def clients_of(visit: Visit, action: Action | None = None) -> tuple[str, ...]:
    """Return the clients that are seen, ours first; with an action those for which it is allowed."""
    named = {deployment.client for deployment in visit.services.fleet.overview(visit.scope).deployments} | {"own"}
    named |= visit.scope.clients or frozenset()
    seen = [one for one in sorted(named, key=lambda one: (one != "own", one)) if visit.scope.includes(one)]
    return tuple(one for one in seen if action is None or visit.may(action, one))


def is_self(visit: Visit, person: Person) -> bool:
    """Whether it is the visitor's own page."""
    return visit.principal.name.casefold() == person.upn


def may_grant(visit: Visit, person: Person) -> bool:
    """Whether the visitor may give and take this person's roles: never their own, never more than they see."""
    allowed = visit.may(Action.GRANT_ROLE, person.client) and not is_self(visit, person)
    return allowed and person.account is Account.PERSON and visit.scope.covers(person.scope)


def sessions_of(visit: Visit, person: Person) -> tuple[SessionRecord, ...]:
    """Return the sessions that stand in somebody's name, for those who may see sessions."""
    if not visit.may(Action.READ_SESSIONS):
        return ()
    return tuple(one for one in visit.services.access.sessions(visit.principal) if one.grant.name == person.upn)


def entries_of(visit: Visit, person: Person) -> tuple[Told, ...]:
    """Return the newest entries of the audit log by somebody and about them."""
    search = visit.services.audit.search
    found: dict[int, Link] = {}
    for query in (AuditQuery(actor=f"person:{person.upn}"), AuditQuery(subject=f"person:{person.id}")):
        found |= {link.sequence: link for link in search(visit.principal, query, limit=RECENT)}
    name = NamesOfPeople(visit)
    return tuple(told(found[number], name) for number in sorted(found, reverse=True)[:RECENT])


class NamesOfPeople:
    """Names by id or UPN, each looked up once for a page; who is not seen is written as they are called there."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._known: dict[str, str] = {}

    def __call__(self, key: str) -> str:
        if key not in self._known:
            try:
                person = self._visit.services.directory.person(self._visit.principal, key)
            except HolofleetError:
                self._known[key] = key if "@" in key else f"person {key[:8]}"
            else:
                self._known[key] = Words.name(person)
        return self._known[key]
