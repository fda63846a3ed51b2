"""A walk of every door of the people listener, over real TLS sockets (SECURITY AUTHZ-1, AUTHZ-2, ISO-1, ISO-2).

The routes are those that the application says it has, so that a room that is added is walked without a line here.
What a route declares, judged by the table, is the oracle: for each role and scope, nothing is answered that the
table does not allow, nothing of a foreign client is shown, nothing of a foreign client is changed, and nothing
fails. Each principal walks through a house of its own, because those who may change things do.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import insert, select
from tests.security.test_api import SAMPLES
from tests.web_server import Wire
from tests.web_services import USB, Bench, bench, web_settings, whole_server

from holofleet.resources import Client, Deployment, Document, Format, Headset, Setting, Site, State
from holofleet.server.access import COOKIE_NAME, Grant, NewSession, digest_of
from holofleet.server.access.secret import SecretKind, make_secret
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import (
    LOCAL_ADMIN,
    STRANGER,
    Action,
    Principal,
    PrincipalKind,
    Reach,
    Role,
    Scope,
    Target,
    permit,
)
from holofleet.server.directory import NewGroup, NewPerson
from holofleet.storage.identity import StoredAccess
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.management import ENROLLMENT
from holofleet.storage.tables.metadata import METADATA
from holofleet.web.api.app import api_app
from holofleet.web.app import people_app
from holofleet.web.declaration import declared_actions, walk_routes
from holofleet.web.limits import EndpointLimits, Limits, Rate

CLIENTS = ("fabrikam", "northwind")
MARKS = {client: client[:6] for client in CLIENTS}
"""What stands in every name, serial and id of a client's things, and nowhere else."""
ORIGIN = "https://localhost"
PROGRAMS = ("/api/", "/scim/")
SCIM_USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new@contoso.com"}
SCIM_GROUP = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "new"}
BODIES: dict[str, Any] = SAMPLES | {
    "POST /scim/v2/Users": SCIM_USER,
    "PUT /scim/v2/Users/{id}": SCIM_USER,
    "POST /scim/v2/Groups": SCIM_GROUP,
    "PUT /scim/v2/Groups/{id}": SCIM_GROUP,
}
"""Bodies of routes whose shape no model tells; a route without one is sent an empty object."""
LAST = ("found", "wipe", "unenroll", "retire", "revoke", "roles/viewer", "erasure", "leave", "end", "sign-out")
"""What ends the thing that others are about is asked for last."""
FORM = {
    "reason": "test",
    "decision": "accept",
    "display_name": "Somebody else",
    "role": "viewer",
    "confirm": "yes",
}
"""Fields that forms of the console ask for; each page takes what it knows."""


@dataclass(frozen=True, slots=True)
class Door:
    """One request: a route with its holes filled, whose thing it is about, and the acts that it may be."""

    method: str
    route: str
    path: str
    client: str | None
    actions: frozenset[Action]
    body: Any = None

    @property
    def of_program(self) -> bool:
        return self.path.startswith(PROGRAMS)

    def open_to(self, principal: Principal) -> bool:
        """Whether the table lets the principal do any of the acts: for the client of the thing, or for any client
        where the door names none (a form in which the client is chosen).

        Each client has a site and a deployment of its own here, so a narrowed scope sees the things of some.
        """
        plain = replace(principal, scope=Scope.of(*seen_by(principal.scope)))
        return any(
            permit(principal, action, target).allowed
            and (not principal.scope.is_narrowed or permit(plain, action, target).allowed)
            for action in self.actions
            for target in self._targets(action)
        )

    def _targets(self, action: Action) -> list[Target]:
        of_a_client = action.reach in (Reach.PLACED, Reach.CLIENT)
        if self.client is not None and (of_a_client or action.reach is Reach.FILTERED):
            return [Target(self.client)]
        return [Target(client) for client in CLIENTS] if of_a_client else [Target()]


def state() -> State:
    """Two clients with a headset each, whose every name says whose it is."""
    document = Document((Setting(oma_uri=USB, format=Format.INT, data="0"),))
    made: list[Any] = []
    for client in CLIENTS:
        deployment = f"{client}-loans"
        made += [
            Client(name=client, display_name=client.title()),
            Deployment(name=deployment, scenarios=("external-clients",), client=client),
            Site(name=site(client), client=client),
            Headset(
                serial=serial(client),
                deployment=deployment,
                client=client,
                document=document.hash,
                site=site(client),
            ),
        ]
    return State(made, [document])


def site(client: str) -> str:
    return f"{client}-plant"


def seen_by(scope: Scope) -> list[str]:
    """Return whose things a scope sees, of the clients here."""
    return [
        client
        for client in (*CLIENTS, "own")
        if scope.includes(client)
        and (scope.sites is None or site(client) in scope.sites)
        and (scope.deployments is None or f"{client}-loans" in scope.deployments)
    ]


def serial(client: str) -> str:
    return f"{MARKS[client]}001"


def enrollment(client: str) -> str:
    return f"{MARKS[client]}{'0' * 26}"


def upn(client: str) -> str:
    return f"ada@{client}.com"


@contextmanager
def furnished(folder: Path) -> Iterator[Bench]:
    """Open a server in which each client has a headset that is enrolled, a person and a group."""
    with bench(folder) as made:
        made.publish(state())
        directory = made.services.directory
        for client in CLIENTS:
            directory.add(LOCAL_ADMIN, NewPerson(upn=upn(client), client=client, site=site(client)))
            directory.add_group(LOCAL_ADMIN, NewGroup(name=f"{client}-welders", client=client))
        with made.database.transaction() as connection:
            connection.execute(insert(ENROLLMENT), [_row(made, client) for client in CLIENTS])
        yield made


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Bench]:
    with furnished(tmp_path) as made:
        yield made


def _row(made: Bench, client: str) -> dict[str, Any]:
    now = made.clock.now()
    return {
        "id": enrollment(client),
        "client_id": client,
        "deployment": f"{client}-loans",
        "device_id": f"{client}-device",
        "hardware_id": f"{client}-hardware",
        "certificate_sha256": f"{client}-certificate",
        "public_key_sha256": f"{client}-key",
        "certificate_not_after": to_micros(now + timedelta(days=90)),
        "enrolled_at": to_micros(now),
        "epoch": 1,
        "serial": serial(client),
        "held_serial": serial(client),
        "last_seen_at": to_micros(now),
    }


def doors_of(made: Bench) -> list[Door]:
    """Return every door: reading first, endings last; with a thing of each client in turn."""
    found: list[Door] = []
    routes = (*api_app(made.services, web_settings()).routes, *people_app(made.services, web_settings()).routes)
    for route, endpoint in walk_routes(routes):
        for method in sorted(getattr(endpoint, "methods", None) or ()):
            if method != "HEAD":
                found += _filled(method, route, endpoint)
    doors = {(door.method, door.path, door.client): door for door in reversed(found)}

    def place(door: Door) -> tuple[Any, ...]:
        ending = next((n for n, tail in enumerate(LAST, 1) if door.path.endswith(tail)), 0)
        return door.method != "GET", ending, door.method == "DELETE", door.path

    return sorted(doors.values(), key=place)


def things(client: str, route: str) -> dict[str, Any]:
    """Return what stands for a name in a path or in a body."""
    group = f"{client}-welders"
    return {
        "serial": serial(client),
        "headset": serial(client),
        "serials": [serial(client)],
        "headsets": [serial(client)],
        "deployment": f"{client}-loans",
        "client": client,
        "clients": [client],
        "id": enrollment(client),
        "enrollment_id": enrollment(client),
        "key": group if "/groups/" in route else upn(client),
        "person": upn(client),
        "owner": upn(client),
        "people": [upn(client)],
        "members": [upn(client)],
        "group": group,
        "upn": f"new@{client}.com",
        "role": "viewer",
        "uri:path": USB.removeprefix("./"),
    }


_WHOSE = frozenset(things("fabrikam", "")) - {"role", "uri:path", "upn"}


def _filled(method: str, route: str, endpoint: Any) -> Iterator[Door]:
    actions, holes = declared_actions(endpoint), re.findall(r"{([^}]*)}", route)
    model = getattr(getattr(endpoint, "body_field", None), "field_info", None)
    fields = getattr(getattr(model, "annotation", None), "model_fields", {})
    named = {*holes, *fields} & _WHOSE
    for client in CLIENTS if named else CLIENTS[:1]:
        known = things(client, route)
        body = {
            name: _value(name, field, known)
            for name, field in fields.items()
            if field.is_required() or name in known
        }
        for act in sorted(actions) if "act" in holes else [None]:
            if act is not None:
                known["act"] = re.sub(r"^(order|mark)-|-headset$", "", act)
            path = route
            for hole in holes:
                path = path.replace(f"{{{hole}}}", quote(str(known.get(hole, "1")), safe="/@:"))
            yield Door(
                method,
                route,
                path,
                client if named else None,
                actions if act is None else frozenset({act}),
                body if fields else BODIES.get(f"{method} {route}") or {},
            )


def _value(name: str, field: Any, known: dict[str, Any]) -> Any:
    """Return a value of the field's type; where the type does not help, a word."""
    if name in known:
        return known[name]
    kind = field.annotation
    if get_origin(kind) in (Union, UnionType):
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if get_origin(kind) in (list, tuple, set, frozenset) or kind in (list, tuple):
        return []
    plain: dict[Any, Any] = {bool: True, int: 1, float: 1.0, dict: {}, datetime: "2026-11-20T10:00:00Z"}
    return plain.get(get_origin(kind) or kind, "test")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the doors: with a session for pages, and with a token for programs."""

    person: Principal
    token: Principal
    cookie: str = ""
    bearer: str = ""
    csrf: str = ""

    def at(self, door: Door) -> Principal:
        return self.token if door.of_program else self.person

    def request(self, door: Door) -> bytes:
        head, body = f"{door.method} {door.path} HTTP/1.1\r\nHost: localhost\r\n", b""
        if door.of_program:
            head += f"Authorization: Bearer {self.bearer}\r\n" if self.bearer else ""
            if door.method != "GET":
                kind = "application/scim+json" if door.path.startswith("/scim") else "application/json"
                body = json.dumps(door.body).encode()
                head += f"Content-Type: {kind}\r\n"
        else:
            head += f"Cookie: {COOKIE_NAME}={self.cookie}\r\n" if self.cookie else ""
            if door.method != "GET":
                asked = FORM | {
                    "csrf": self.csrf,
                    "serial": door.path.split("/")[2] if "{serial}" in door.route else "",
                }
                body = urlencode(asked).encode()
                head += f"Origin: {ORIGIN}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def visitor(made: Bench, role: Role | None, scope: Scope) -> Visitor:
    """Return somebody with a role, or with none, who sees a part of the fleet."""
    grant = Grant("somebody", frozenset({role} if role else ()), scope)
    cookie, now = make_secret(SecretKind.SESSION), made.clock.now()
    new = NewSession(uuid.uuid4().hex, digest_of(cookie), grant, now, now + timedelta(hours=12), 1)
    link = digest_of(made.services.access.one_time_link().token)
    audit = AuditRecord("person:somebody", "sign-in", f"session:{new.id}")
    assert StoredAccess(made.database, epoch=1).redeem_link(link, new, at=now, epoch=1, audit=audit)
    person = made.services.access.session(cookie)
    assert person is not None
    csrf = made.services.access.csrf_token(cookie)
    if role is None:
        return Visitor(person, STRANGER, cookie, "", csrf)
    bearer = made.services.access.issue_token(
        LOCAL_ADMIN, "walker", [role], clients=scope.clients, sites=scope.sites, deployments=scope.deployments
    ).token
    token = made.services.access.principal_of_token(bearer)
    assert token is not None
    return Visitor(person, token, cookie, bearer, csrf)


async def knock(port: int, request: bytes) -> tuple[int, dict[str, str], str]:
    """Send one request; of an endless answer (live pages) only what comes at once is read."""
    wire = await Wire.open(port)
    try:
        await wire.send(request)
        head = (await wire.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = b""
        if "content-length" in headers:
            body = await wire.reader.readexactly(int(headers["content-length"]))
        elif headers.get("content-type", "").startswith("text/event-stream"):
            body = await wire.reader.read(2**16)
        elif "transfer-encoding" in headers:
            body = b"".join([piece async for piece in wire._chunks()])
        return int(head[0].split(" ")[1]), headers, body.decode(errors="replace")
    finally:
        with suppress(ConnectionError):
            await wire.close()


OWN_PAGES = ("/account", "/calls/left")
"""Where the first page sends whoever has no part in it."""


def let_in(status: int, headers: dict[str, str]) -> bool:
    """Whether an answer is more than a refusal; being sent to the sign-in is one."""
    if 300 <= status < 400:
        return not headers.get("location", "").startswith("/sign-in")
    return status < 300


def belongings(made: Bench, client: str) -> dict[str, list[Any]]:
    """Return every row of every table that belongs to a client, but for the wrong codes that the walker types.

    Those are counted with the person, whose own client need not be in the scope of their roles.
    """
    with made.database.read() as connection:
        return {
            table.name: sorted(
                row
                for row in map(repr, connection.execute(select(table).where(table.c.client_id == client)))
                if "codes:person:somebody" not in row
            )
            for table in METADATA.sorted_tables
            if "client_id" in table.c
        }


def test_AUTHZ_2_the_walk_finds_pages_and_programs_and_knows_whose_each_thing_is(house: Bench) -> None:
    doors = doors_of(house)
    assert {door.path.split("/")[1] for door in doors} >= {"", "api", "scim", "headsets", "people", "audit"}
    assert {door.client for door in doors if "{serial}" in door.route} == set(CLIENTS)
    assert all(door.actions for door in doors)
    acts = {door.path.rpartition("/")[2] for door in doors if "{act}" in door.route}
    assert acts == {"sync", "reboot", "wipe", "unenroll", "lost", "found", "retire"}


async def walk(made: Bench, who: Visitor) -> list[str]:
    """Knock at every door, and return what was wrong, a line each."""
    wrong = []
    limits = replace(Limits().raised("bench", headsets=100_000), api=EndpointLimits(2**20, Rate(1e6, 10**6)))
    async with whole_server(made, limits=limits, pages=None) as server:
        port = server.listener("people").port
        for door in doors_of(made):
            principal = who.at(door)
            status, headers, body = await knock(port, who.request(door))
            said = f"{door.method} {door.path} -> {status}"
            if status >= 500:
                wrong.append(f"{said}: it fails: {body[:200]}")
            public = door.actions & {Action.READ_PUBLIC, Action.SIGN_IN}
            own = door.path == "/" and headers.get("location") in OWN_PAGES
            if let_in(status, headers) and not own and not door.open_to(principal):
                wrong.append(f"{said}: open, and the table says closed")
            if door.method == "GET" and status in (401, 403) and door.open_to(principal) and not public:
                wrong.append(f"{said}: closed, and the table says open")
            if door.path == "/sign-out":
                continue
            told = body.casefold().replace(door.path.casefold(), "")
            for client in CLIENTS:
                asked = client == door.client
                if client not in seen_by(principal.scope) and MARKS[client] in told and not asked:
                    wrong.append(
                        f"{said}: shows {client}: ...{told[max(0, told.index(MARKS[client]) - 60) :][:120]!r}"
                    )
    return wrong


SCOPES = {
    "everything": Scope.every(),
    "fabrikam": Scope.of("fabrikam"),
    "northwind": Scope.of("northwind"),
    "a site": Scope(None, sites=frozenset({site("fabrikam")})),
    "a deployment": Scope(None, deployments=frozenset({"northwind-loans"})),
    "a site of another client": Scope(frozenset({"northwind"}), frozenset({site("fabrikam")})),
}
WALKS = [
    *((role, part) for part in ("everything", "fabrikam", "northwind") for role in (None, *Role)),
    *((Role.HELPDESK, part) for part in ("a site", "a deployment")),
    *((Role.ADMINISTRATOR, part) for part in ("a site", "a deployment", "a site of another client")),
]
"""For narrowed scopes the roles of those who work at a place, and the one with the most acts."""


@pytest.mark.parametrize(("role", "part"), WALKS, ids=str)
async def test_AUTHZ_1_ISO_2_no_door_is_open_that_the_table_closes(
    house: Bench, role: Role | None, part: str
) -> None:
    who = visitor(house, role, SCOPES[part])
    foreign = [client for client in (*CLIENTS, "own") if client not in seen_by(who.person.scope)]
    before = {client: belongings(house, client) for client in foreign}
    assert await walk(house, who) == []
    assert {client: belongings(house, client) for client in foreign} == before


async def test_AUTHZ_1_a_stranger_opens_nothing_and_learns_no_name(house: Bench) -> None:
    before = {client: belongings(house, client) for client in CLIENTS}
    assert await walk(house, Visitor(STRANGER, STRANGER)) == []
    assert {client: belongings(house, client) for client in CLIENTS} == before


def test_AUTHZ_1_the_walk_would_notice_an_open_door(house: Bench) -> None:
    door = next(d for d in doors_of(house) if d.route == "/headsets/{serial}" and d.client == "northwind")
    viewer = Principal(PrincipalKind.PERSON, "v", frozenset({Role.VIEWER}), Scope.of("fabrikam"))
    assert not door.open_to(viewer)
    assert replace(door, client="fabrikam").open_to(viewer)
    assert not let_in(303, {"location": "/sign-in"})
    assert let_in(303, {"location": "/people"})
